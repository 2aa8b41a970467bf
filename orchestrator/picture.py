"""Events -> one frozen value that the live view and the final picture are both drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

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
    EscapeTried,
    Event,
    Failed,
    Planned,
    PlannedTrial,
    RunEnded,
    RunStarted,
    StepStarted,
    VerdictReached,
)
from orchestrator.model import Cell, Escape


@dataclass(frozen=True, slots=True)
class Build:
    """A build that is going on; `since` counts seconds from the start of the run, `line` is its last."""

    label: str
    since: float
    line: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One app on its own runtime. `state` is waiting, starting, answering, then one of `model.State`."""

    runtime: str
    image: str | None = None
    state: str = "waiting"
    since: float = 0.0
    url: str | None = None
    seen: AppObserved | None = None
    cell: Cell | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One shared entry: the boxes it plans, the cells so far, the verdict once there is one."""

    policy: str
    trials: tuple[PlannedTrial, ...] = ()
    cells: tuple[Cell, ...] = ()
    reached: VerdictReached | None = None
    escapes: tuple[Escape, ...] = ()
    doing: str = ""
    """What goes on beside the plan, since then."""
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything told so far. `bases` maps a runtime to where its base image came from, `refused` an image to how its
    build ended, and `boxes` each box of the other arms that was started to when that was.
    """

    project: str = ""
    engine: EngineReady | None = None
    bases: Mapping[str, str] = field(default_factory=dict)
    sides: Mapping[str, Side] = field(default_factory=dict)
    builds: Mapping[str, Build] = field(default_factory=dict)
    refused: Mapping[str, BuildEnded] = field(default_factory=dict)
    boxes: Mapping[str, float] = field(default_factory=dict)
    entries: Mapping[str, Entry] = field(default_factory=dict)
    failed: Failed | None = None
    ended: RunEnded | None = None

    @property
    def verdicts(self) -> tuple[VerdictReached, ...]:
        """Those that were reached."""
        return tuple(entry.reached for entry in self.entries.values() if entry.reached)


def picture(events: Iterable[Event]) -> Picture:
    """The picture after all of them."""
    drawn = Picture()
    for event in events:
        drawn = after(drawn, event)
    return drawn


def after(drawn: Picture, event: Event, at: float = 0.0) -> Picture:
    """The picture once the event, told `at` seconds after the run began, is part of it."""
    match event:
        case RunStarted():
            sides = {name: Side(runtime) for name, runtime in event.apps.items()}
            entries = {entry.name: Entry(entry.policy) for entry in event.shared}
            return replace(drawn, project=event.project, sides=sides, entries=entries)
        case EngineReady():
            return replace(drawn, engine=event)
        case BaseResolved():
            return replace(drawn, bases={**drawn.bases, event.runtime: event.source})
        case Planned():
            return _planned(drawn, event)
        case BuildStarted() | BuildLine() | BuildEnded():
            return _building(drawn, event, at)
        case BoxStarted() | AppReady() | AppObserved():
            return _running(drawn, event, at)
        case CellObserved() | VerdictReached() | StepStarted() | EscapeTried():
            return _sharing(drawn, event, at)
        case Failed():
            return replace(drawn, failed=event)
        case RunEnded():
            return replace(drawn, ended=event)
        case _:
            return drawn


def label(event: BuildStarted | BuildEnded) -> str:
    """Tags of ours say nothing to a person, but why the image is built does."""
    return event.cause if event.image.startswith("isolate/") else event.image


def _planned(drawn: Picture, event: Planned) -> Picture:
    sides = {name: replace(side, image=event.images.get(name)) for name, side in drawn.sides.items()}
    names = dict.fromkeys([*drawn.entries, *(name for trial in event.trials for name in trial.entries)])
    entries = {
        name: replace(_known(drawn, name), trials=tuple(trial for trial in event.trials if name in trial.entries))
        for name in names
    }
    return replace(drawn, sides=sides, entries=entries)


def _building(drawn: Picture, event: BuildStarted | BuildLine | BuildEnded, at: float) -> Picture:
    builds = dict(drawn.builds)
    match event:
        case BuildStarted():
            builds[event.image] = Build(label(event), at)
        case BuildLine():
            if event.image in builds and event.text.strip():
                builds[event.image] = replace(builds[event.image], line=event.text)
        case BuildEnded():
            builds.pop(event.image, None)
    if isinstance(event, BuildEnded) and event.outcome == "refused":
        drawn = replace(drawn, refused={**drawn.refused, event.image: event})
    return replace(drawn, builds=builds)


def _running(drawn: Picture, event: BoxStarted | AppReady | AppObserved, at: float) -> Picture:
    match event:
        case BoxStarted(arm="isolated"):
            return _sides(drawn, event.apps, state="starting", since=at)
        case BoxStarted():
            return replace(drawn, boxes={**drawn.boxes, event.box: at})
        case AppReady():
            return _sides(drawn, (event.app,), state="answering", url=event.url)
        case AppObserved():
            return _sides(drawn, (event.app,), state=event.state, url=event.url, seen=event)


def _sides(drawn: Picture, names: Iterable[str], **changes: object) -> Picture:
    changed = {name: replace(drawn.sides[name], **changes) for name in names}  # type: ignore[arg-type]
    return replace(drawn, sides={**drawn.sides, **changed})


def _sharing(drawn: Picture, event: CellObserved | VerdictReached | StepStarted | EscapeTried, at: float) -> Picture:
    """What becomes of a shared entry; cells of none are of the isolated arm, and a probe's are told in the reasons."""
    match event:
        case CellObserved(entry=None):
            return _sides(drawn, (event.cell.app,), cell=event.cell)
        case CellObserved(entry=str(name)) if event.cell.probe is None:
            return _entry(drawn, name, cells=(*_known(drawn, name).cells, event.cell))
        case VerdictReached():
            return _entry(drawn, event.entry, reached=event, doing="")
        case StepStarted():
            return _entry(drawn, event.entry, doing=event.doing, since=at)
        case EscapeTried():
            return _entry(drawn, event.entry, escapes=(*drawn.entries[event.entry].escapes, event.escape), doing="")
        case _:
            return drawn


def _known(drawn: Picture, name: str) -> Entry:
    """A search has an entry of its own, which no manifest names."""
    return drawn.entries.get(name) or Entry("one-runtime")


def _entry(drawn: Picture, name: str, **changes: object) -> Picture:
    changed = replace(_known(drawn, name), **changes)  # type: ignore[arg-type]
    return replace(drawn, entries={**drawn.entries, name: changed})
