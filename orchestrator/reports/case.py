"""What a CI service counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["pass", "failure", "error", "skipped"]


@dataclass(frozen=True, slots=True)
class Case:
    """`why` says in one line what is not right; `evidence` are the lines that show it."""

    name: str
    outcome: Outcome = "pass"
    why: str = ""
    evidence: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Suite:
    """`name` is that of the arm, or of the shared entry."""

    name: str
    cases: tuple[Case, ...]
