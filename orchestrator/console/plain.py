"""Events -> plain lines, for CI logs and pipes: one short line for each event worth telling."""

from __future__ import annotations

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
from orchestrator.phrases import WAYS_OUT, headline, how, outcome
from orchestrator.picture import label
from orchestrator.sanitise import one_line

LONGEST = 120
"""Characters of why a box is run once more; a cell tells all of it."""
SHORTEST = 0.05
"""Seconds; less would read 0.0."""


def told(at: float, event: Event) -> str | None:
    """`  12.3s  invoice: healthy on dotnet@2.2, observed 2.2.2`, where `at` is seconds since the run began.

    None for what is told elsewhere, or too often to be told.
    """
    text = _text(event)
    return f"{at:6.1f}s  {one_line(text)}" if text else None


def _text(event: Event) -> str | None:
    match event:
        case RunStarted() | EngineReady() | BaseResolved():
            return _opening(event)
        case BuildStarted() | BuildEnded():
            return _building(event)
        case BoxStarted() | AppReady() | AppObserved():
            return _side_by_side(event)
        case CellObserved():
            return _cell(event)
        case VerdictReached():
            return f"{event.entry}: {headline(event)}"
        case StepStarted():
            return f"{event.entry}: {event.doing}"
        case EscapeTried():
            return _escape(event)
        case Explained():
            return f"{event.entry}: explained by {len(event.explanation.demands)} lines"
        case Removed():
            return f"removed {len(event.containers)} containers, {len(event.networks)} networks"
        case RunEnded():
            return f"done in {event.seconds:.1f} s, exit code {event.exit_code}"
        case Planned() | BuildLine() | Failed() | GridDrawn() | EnvironmentsPacked() | VersionBisected():
            return None
        case _:
            assert_never(event)


def _opening(event: RunStarted | EngineReady | BaseResolved) -> str:
    match event:
        case RunStarted():
            return f"{event.project}: " + ", ".join(f"{name} on {runtime}" for name, runtime in event.apps.items())
        case EngineReady():
            return f"engine {event.kind} {event.version}, builder {event.builder}"
        case BaseResolved():
            tried = f" (before it, {'; '.join(event.tried)})" if event.tried else ""
            return f"base of {event.runtime}: {event.source}, {event.reference}{_in(event.seconds)}{tried}"


def _building(event: BuildStarted | BuildEnded) -> str | None:
    match event:
        case BuildStarted():
            return f"building {label(event)}"
        case BuildEnded(outcome="built"):
            return f"built {label(event)} in {event.seconds:.1f} s"
        case BuildEnded(outcome="refused"):
            return (
                f"build refused{_in(event.seconds)}, {label(event)}: {event.tail[-1] if event.tail else 'no word why'}"
            )
        case _:
            return None


def _side_by_side(event: BoxStarted | AppReady | AppObserved) -> str | None:
    match event:
        case BoxStarted(arm="isolated") if event.again:
            return f"{', '.join(event.apps)}: {event.again[:LONGEST]}; once more"
        case BoxStarted() if event.again:
            return f"{', '.join(event.apps)}, {event.arm}: {event.again[:LONGEST]}; once more"
        case BoxStarted(arm="isolated"):
            return f"{'kept' if event.reused else 'started'} {', '.join(event.apps)}"
        case AppReady(url=str()):
            return f"{event.app} answers at {event.url} after {event.seconds:.1f} s"
        case AppReady():
            return f"{event.app} has ended after {event.seconds:.1f} s"
        case AppObserved() if event.state != "failed":
            return f"{event.app}: {event.state} on {event.runtime}, observed {event.observed}"
        case _:
            return None


def _cell(event: CellObserved) -> str | None:
    cell = event.cell
    if cell.outcome == "not-run" or (event.entry is None and cell.outcome == "pass"):
        return None
    in_which = cell.probe or how(cell.arm, cell.order)
    where = f"{event.entry}: {cell.app} {in_which}" if event.entry else f"{cell.app} on its own"
    quote = f": {cell.quote.removeprefix('flaky ')}" if cell.quote and cell.outcome != "pass" else ""
    base = f" on {cell.base}" if cell.base else ""
    took = ", remembered" if cell.remembered else _in(cell.seconds)
    return f"{where} at {cell.environment}{base}: {outcome(cell)}{took}{quote}"


def _escape(event: EscapeTried) -> str:
    took = "" if event.escape.outcome == "not-run" else _in(event.seconds)
    return f"{event.entry}: {event.escape.name} {WAYS_OUT[event.escape.outcome]}{took}: {event.escape.detail}"


def _in(seconds: float) -> str:
    """How long a step took; nothing for one that took no time, or was not timed."""
    return f" in {seconds:.1f} s" if seconds >= SHORTEST else ""
