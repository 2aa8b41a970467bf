"""What was seen of one app of a box."""

from __future__ import annotations

from dataclasses import dataclass, field

from orchestrator.engines import Sighting
from orchestrator.model import App, CheckResult, ExitCheck

KILLED = 137
LATE = "not ready within"
STOPPED = "the box was stopped from outside"


@dataclass(frozen=True, slots=True)
class Seen:
    """One app of a box, as far as it got. `phase` is `done` once it is ready."""

    app: App
    phase: str
    sighting: Sighting
    seconds: float
    exit_code: int | None = None
    note: str = ""
    """What the tool itself noticed: late, out of memory."""
    checks: tuple[CheckResult, ...] = field(default=())


def met(sighting: Sighting, app: str) -> frozenset[str]:
    """The caps at which something in the box was stopped, as far as is known: the engine tells of memory alone."""
    return sighting.met.get(app, frozenset()) | ({"memory"} if sighting.out_of_memory else frozenset())


def out_of_memory(app: App) -> str:
    """The note on an app that was killed at the limit of its box."""
    return f"killed at the box's memory limit (its own share is {app.limits.memory >> 20} MiB)"


def declared(app: App) -> set[int]:
    """The exit codes with which a job's command has to end; a service has none."""
    return {check.exit for check in app.checks if isinstance(check, ExitCheck)}
