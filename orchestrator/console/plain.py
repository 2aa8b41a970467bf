"""Events -> plain lines, for CI logs and pipes: one short line for each event worth telling."""

from __future__ import annotations

from typing import assert_never

from orchestrator.console.picture import build_label
from orchestrator.console.words import headline, how, outcome
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
    Event,
    Failed,
    Planned,
    Removed,
    RunEnded,
    RunStarted,
    VerdictReached,
)
from orchestrator.model import Cell
from orchestrator.sanitise import one_line


def told(at: float, event: Event) -> str | None:
    """`  12.3s  invoice is healthy`; None for what is told elsewhere or too often. `at` is seconds since the start."""
    text = _text(event)
    return f"{at:6.1f}s  {one_line(text)}" if text else None


def _text(event: Event) -> str | None:
    match event:
        case RunStarted():
            apps = ", ".join(f"{name} on {runtime}" for name, runtime in event.apps.items())
            return f"{event.project}: {apps}"
        case EngineReady():
            return f"engine: {event.kind} {event.version}, {event.builder} builder"
        case BaseResolved():
            tried = f"; before it, {', '.join(event.tried)}" if event.tried else ""
            return f"base of {event.runtime}: {event.source}, {event.reference}{tried}"
        case BuildStarted():
            return f"building {build_label(event)}"
        case BuildEnded():
            return _ended(event)
        case BoxStarted():
            return f"{event.arm}: {'kept' if event.reused else 'started'} {' + '.join(event.apps)}"
        case AppReady():
            return f"{event.app} answers at {event.url}" if event.url else None
        case AppObserved():
            return f"{event.app} is {event.state}, {event.runtime} (observed {event.observed or 'nothing'})"
        case CellObserved():
            return f"{event.entry}: {_cell(event.cell)}" if event.entry else None
        case VerdictReached():
            return f"{event.entry}: {headline(event)}"
        case Removed():
            return f"removed {len(event.containers)} containers, {len(event.networks)} networks"
        case RunEnded():
            return f"done, exit code {event.exit_code}"
        case Planned() | BuildLine() | Failed():
            return None
        case _:
            assert_never(event)


def _ended(event: BuildEnded) -> str | None:
    match event.outcome:
        case "built":
            return f"built {build_label(event)} in {event.seconds:.1f} s"
        case "reused":
            return None
        case "refused":
            last = f": {event.tail[-1]}" if event.tail else ""
            return f"build of {build_label(event)} failed{last}"


def _cell(cell: Cell) -> str:
    quote = f": {cell.quote}" if cell.quote and cell.outcome != "pass" else ""
    return f"{cell.app} {how(cell)} at {cell.environment}: {outcome(cell)}{quote}"
