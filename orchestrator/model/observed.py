"""What is observed, and what that proves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Arm = Literal["isolated", "control", "shared"]
Outcome = Literal["pass", "fail", "infrastructure", "flaky", "not-run"]
Phase = Literal["build", "start", "check", "done"]
State = Literal["healthy", "exited", "failed"]
VerdictName = Literal["conflict", "no-conflict", "broken", "inconclusive"]
Kind = Literal["runtime", "packages", "clobber", "os-library", "port", "files"]
Lane = Literal["together", "in-order", "reversed"]
"""How the packages of several apps went in: one call, or one app after the other, in start order or its reverse."""
Probe = Literal["alone-there", "alone-on-base", "without-environment", "distinct-ports"]
"""What a cell was asked after a shared box had failed: see `judge.question`."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check, asked once."""

    name: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One app observed in one environment."""

    app: str
    arm: Arm
    environment: str
    """`python@3.12`, `dotnet@3.1+python@3.12`, `side-by-side`."""
    outcome: Outcome
    beside: tuple[str, ...] = ()
    order: Lane | None = None
    base: str | None = None
    """The OS base, where it is not the runtime's own."""
    probe: Probe | None = None
    """None for a cell of the experiment itself."""
    phase: Phase = "done"
    exit_code: int | None = None
    quote: str = ""
    """The line that proves it, sanitised by whoever prints it."""
    observed: str | None = None
    """The runtime's own version, asked in the box."""
    checks: tuple[CheckResult, ...] = ()
    seconds: float = 0.0
    runs: int = 1
    remembered: str | None = None
    """When it was observed (ISO 8601), where that was in an earlier run."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the cells of one shared entry prove."""

    name: VerdictName
    kind: Kind | None = None
    because: tuple[str, ...] = ()
    works_at: tuple[str, ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    app: str | None = None
    """The app that fails, where one can be named."""
