"""Events with their times -> all that the page shows, sorted by what it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

from orchestrator.events import (
    AppObserved,
    AppReady,
    BaseResolved,
    BoxStarted,
    BuildEnded,
    BuildLine,
    BuildStarted,
    CellObserved,
    EngineReady,
    EnvironmentsPacked,
    EscapeTried,
    Event,
    Explained,
    Failed,
    GridDrawn,
    Planned,
    Removed,
    RunEnded,
    RunStarted,
    StepStarted,
    VerdictReached,
    VersionBisected,
)
from orchestrator.model import Bisected, Explanation, Grid, Packed
from orchestrator.picture import Picture, after
from orchestrator.record import Recorded


@dataclass(slots=True)
class Told:
    """`began`, `built`, `ready` and `seen` map an image or an app to seconds after the run began."""

    drawn: Picture = field(default_factory=Picture)
    started: RunStarted | None = None
    bases: list[BaseResolved] = field(default_factory=list)
    began: dict[str, float] = field(default_factory=dict)
    built: dict[str, tuple[float, BuildEnded]] = field(default_factory=dict)
    boxes: list[tuple[float, BoxStarted]] = field(default_factory=list)
    ready: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    cells: list[tuple[float, CellObserved]] = field(default_factory=list)
    explained: dict[str, Explanation] = field(default_factory=dict)
    grids: list[Grid] = field(default_factory=list)
    packed: list[Packed] = field(default_factory=list)
    bisected: list[Bisected] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    seconds: float = 0.0


def told(recorded: Iterable[Recorded]) -> Told:
    """What was told, whole or cut short."""
    all_of_it = Told()
    for one in recorded:
        all_of_it.drawn = after(all_of_it.drawn, one.event, one.at)
        all_of_it.seconds = max(all_of_it.seconds, one.at)
        _take(all_of_it, one.at, one.event)
    return all_of_it


def _take(into: Told, at: float, event: Event) -> None:
    match event:
        case RunStarted():
            into.started = event
        case BaseResolved():
            into.bases.append(event)
        case BuildStarted() | BuildEnded() | BoxStarted() | AppReady() | AppObserved():
            _timed(into, at, event)
        case CellObserved():
            into.cells.append((at, event))
        case Explained():
            into.explained[event.entry] = event.explanation
        case GridDrawn() | EnvironmentsPacked() | VersionBisected():
            _found(into, event)
        case Removed():
            into.removed.append(event)
        case Failed():
            into.failed.append(event)
        case EngineReady() | Planned() | VerdictReached() | EscapeTried() | RunEnded():
            pass  # in the picture
        case BuildLine() | StepStarted():
            pass  # in the logs; told while it goes on
        case _:
            assert_never(event)


def _found(into: Told, event: GridDrawn | EnvironmentsPacked | VersionBisected) -> None:
    match event:
        case GridDrawn():
            into.grids.append(event.grid)
        case EnvironmentsPacked():
            into.packed.append(event.packed)
        case VersionBisected():
            into.bisected.append(event.bisected)


def _timed(into: Told, at: float, event: BuildStarted | BuildEnded | BoxStarted | AppReady | AppObserved) -> None:
    match event:
        case BuildStarted():
            into.began.setdefault(event.image, at)
        case BuildEnded():
            into.built.setdefault(event.image, (at, event))  # met again, it is reused
        case BoxStarted():
            into.boxes.append((at, event))
        case AppReady():
            into.ready[event.app] = at
        case AppObserved():
            into.seen[event.app] = at
