"""When each app was built, started and checked -> bars on one axis, with the same in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from orchestrator.events import BoxStarted, PlannedTrial
from orchestrator.model import Cell
from orchestrator.phrases import how
from orchestrator.reports.page.text import line
from orchestrator.reports.page.told import Told

STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
UNITS = 1000
"""An axis is that long; its bars are stretched to the room there is."""
THIN = 4
MOST = 40


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds after the run began."""

    kind: Literal["build", "start", "check"]
    begin: float
    end: float

    @property
    def words(self) -> str:
        return f"{self.end - self.begin:.1f} s"


@dataclass(frozen=True, slots=True)
class Bar:
    """`built` says so where there was nothing to build."""

    label: str
    place: str
    spans: tuple[Span, ...]
    built: str = ""

    def words(self, kind: str) -> str:
        """How long that took."""
        found = next((span.words for span in self.spans if span.kind == kind), "")
        return found or (self.built if kind == "build" else "")


@dataclass(frozen=True, slots=True)
class Timeline:
    """`step` seconds from tick to tick; `left_out` counts boxes for which there is no room."""

    bars: tuple[Bar, ...]
    step: float
    left_out: int

    @property
    def ticks(self) -> tuple[str, ...]:
        return tuple(f"{self.step * number:g} s" for number in range(5))

    def x(self, seconds: float) -> float:
        return round(seconds / (4 * self.step) * UNITS, 1)

    def width(self, span: Span) -> float:
        """Never so thin that it is not seen."""
        return max(THIN, round(self.x(span.end) - self.x(span.begin), 1))


def timeline(told: Told) -> Timeline | None:
    """Apps of the isolated arm first, then the boxes of the others in the order they started."""
    bars = [bar for bar in (*_apps(told), *_boxes(told)) if bar.spans]
    step = next((step for step in STEPS if step * 4 >= told.seconds), told.seconds / 4)
    return Timeline(tuple(bars[:MOST]), step, max(0, len(bars) - MOST)) if bars else None


def _apps(told: Told) -> Iterator[Bar]:
    boxes = {name: at for at, box in told.boxes if box.arm == "isolated" for name in box.apps}
    for name, side in told.drawn.sides.items():
        image = side.image or (side.seen.image if side.seen else "")
        spans = [*_build(told, image)]
        seen = told.seen.get(name)
        if name in boxes:
            ready = told.ready.get(name, seen)
            spans += [Span("start", boxes[name], ready)] if ready is not None else []
            spans += [Span("check", ready, seen)] if ready is not None and seen is not None and ready != seen else []
        yield Bar(name, f"alone on {side.runtime}", tuple(spans), _reused(told, image))


def _boxes(told: Told) -> Iterator[Bar]:
    """Starting and checking is one span there."""
    trials = {trial.box: trial for entry in told.drawn.entries.values() for trial in entry.trials}
    for at, box in (one for one in told.boxes if one[1].arm != "isolated"):
        trial = trials.get(box.box)
        seen = _observed(told, at, box, trial)
        if not seen:
            continue
        last, cell = seen[-1]
        image = trial.image if trial else ""
        spans = (*_build(told, image), Span("check", at, last))
        place = f"{how(cell.arm, cell.order)} in {cell.environment}"
        yield Bar(line(" + ".join(box.apps), 120), place, spans, _reused(told, image))


def _observed(told: Told, at: float, box: BoxStarted, trial: PlannedTrial | None) -> list[tuple[float, Cell]]:
    """The first cell of each of its apps from then on; others of its arm may run at the same time."""
    found: dict[str, tuple[float, Cell]] = {}
    for when, event in told.cells:
        cell = event.cell
        planned = trial is None or (cell.environment, cell.order) == (trial.environment, trial.order)
        if when >= at and planned and cell.arm == box.arm and cell.app in box.apps:
            found.setdefault(cell.app, (when, cell))
    return list(found.values())


def _build(told: Told, image: str) -> Iterator[Span]:
    if image in told.began and image in told.built:
        yield Span("build", told.began[image], told.built[image][0])


def _reused(told: Told, image: str) -> str:
    ended = told.built.get(image)
    return "reused" if ended and ended[1].outcome == "reused" else ""
