"""Runs as reports get them, one for each way in which a run can end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import scenarios
from orchestrator.events import AppObserved, CellObserved, EscapeTried, Event, Failed, RunEnded, RunStarted
from orchestrator.events import VerdictReached as Reached
from orchestrator.experiment import exit_code
from orchestrator.model import Cell, CheckResult, Escape, Expect, Mark, Matcher, SharedEntry
from orchestrator.record import Recorded
from orchestrator.reports import Run
from scenarios import EXPECTED, Story

BEGAN = "2026-01-01T00:00:00+00:00"
OTHER = Expect("conflict", "runtime", "legacy", Matcher("Permission denied"), EXPECTED)
SHAPE = Failed("the engine went away", "unix:///run/docker.sock", "isolate doctor", 75, ("dial: no such file",))


def told(run: scenarios.Run) -> Run:
    """With what a manifest's file adds, and the exit code that the run has by SPEC section 5."""
    of, story = run
    marks = {name: app.runtime.source or app.mark for name, app in of.apps.items()}
    cells = [e.cell for _, e in story if isinstance(e, CellObserved) and e.entry is None]
    code = exit_code(cells, [_whole(event, story) for _, event in story if isinstance(event, Reached)])

    def filled(event: Event) -> Event:
        match event:
            case RunStarted():
                return replace(event, manifest="apps/pair/manifest.yaml", marks=marks, began=BEGAN)
            case RunEnded():
                return replace(event, exit_code=code)
            case Reached():
                return _whole(event, story)
        return event

    return Run(tuple(Recorded(at, filled(event)) for at, event in story), {})


def _whole(reached: Reached, story: Story) -> Reached:
    started = story[0][1]
    shared = started.shared if isinstance(started, RunStarted) else ()
    return replace(reached, apps=next(entry.apps for entry in shared if entry.name == reached.entry))


def other_reason() -> scenarios.Run:
    """A conflict, but not for the reason that the manifest names."""
    return scenarios.expecting(scenarios.python(), OTHER)


def broken_as_expected() -> scenarios.Run:
    return scenarios.expecting(scenarios.broken_build(), Expect("broken", app="shop", mark=EXPECTED))


def inconclusive_as_expected() -> scenarios.Run:
    return scenarios.expecting(scenarios.unsettled(), Expect("inconclusive", mark=EXPECTED))


def inconclusive_and_not_expected() -> scenarios.Run:
    return scenarios.expecting(scenarios.unsettled(), Expect("conflict", "runtime", mark=EXPECTED))


def flaky() -> scenarios.Run:
    """A box of each app cannot make up its mind."""

    def undecided(_: float, event: Event) -> Event:
        if isinstance(event, CellObserved) and event.entry and event.cell.outcome == "fail":
            return replace(event, cell=replace(event.cell, outcome="flaky", quote=f"flaky 1/2: {event.cell.quote}"))
        return event

    return scenarios.mended(scenarios.python(), undecided)


def unsettled_at_home() -> scenarios.Run:
    """The network is gone before an app is built on its own runtime."""

    def gone(_: float, event: Event) -> Event:
        match event:
            case AppObserved(app="legacy"):
                return replace(event, state="failed", tail=("Temporary failure in name resolution",))
            case CellObserved(entry=None, cell=cell) if cell.app == "legacy":
                return replace(event, cell=replace(cell, outcome="infrastructure", phase="build", quote="no network"))
            case CellObserved(cell=cell) if cell.arm != "isolated":
                return replace(event, cell=replace(cell, outcome="not-run"))
        return event

    return scenarios.mended(scenarios.python(), gone)


def several() -> scenarios.Run:
    """Two entries: one comes out as expected, the other not. Ways out are tried; checks and lines are recorded."""
    of, story = scenarios.expecting(scenarios.python(), Expect("conflict", "runtime", mark=EXPECTED))
    second = SharedEntry(
        "again",
        apps=("legacy", "modern"),
        environment={"PYTHONUTF8": "1"},
        base="debian:trixie",
        expect=Expect("no-conflict", mark=Mark("manifest.yaml", 31, 5)),
    )
    alone = Cell("legacy", "shared", "side-by-side", "pass", beside=("modern",), seconds=1.25)
    escapes = (
        Escape("side-by-side", "pass", "every declared runtime in one filesystem", (alone,)),
        Escape("order", "infrastructure", "no network"),
        Escape("roll-forward", "not-run", "no setting of python's is known"),
    )
    more: Story = []
    for at, event in story:
        match event:
            case RunStarted():
                more.append((at, replace(event, shared=(*event.shared, second))))
            case CellObserved(entry=str(), cell=cell):
                asked = replace(cell, seconds=0.5, checks=(CheckResult("GET /", passed=False, detail="answered 500"),))
                seen = replace(event, cell=asked, tail=("Traceback (most recent call last):", "    import imp"))
                more += [(at, seen), (at, replace(seen, entry="again"))]
            case Reached():
                again = replace(event, entry="again", expect=second.expect, as_expected=False)
                tried = [EscapeTried(event.entry, escape) for escape in escapes]
                more += [(at, event), (at, again), *((at, one) for one in tried)]
            case _:
                more.append((at, event))
    return replace(of, shared=(*of.shared, second)), more


def before_anything() -> scenarios.Run:
    of, _ = scenarios.python()
    return of, [(0.0, SHAPE)]


def midway() -> scenarios.Run:
    """The engine went away while shared boxes were observed."""
    of, story = scenarios.dotnet()
    return of, [*((at, event) for at, event in story if at < 9.5), (9.5, SHAPE)]


def cut_short() -> scenarios.Run:
    """Killed: the record has no end."""
    of, story = scenarios.dotnet()
    return of, [(at, event) for at, event in story if at < 9.5]


ALL: tuple[Callable[[], scenarios.Run], ...] = (
    scenarios.dotnet,
    scenarios.no_conflict,
    other_reason,
    scenarios.python,
    scenarios.packages,
    scenarios.broken_build,
    broken_as_expected,
    scenarios.unsettled,
    unsettled_at_home,
    inconclusive_as_expected,
    inconclusive_and_not_expected,
    flaky,
    several,
    scenarios.isolated_only,
    scenarios.many,
    before_anything,
    midway,
    cut_short,
)
