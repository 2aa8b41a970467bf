"""An outcome -> a word, a glyph and a class: never a colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from orchestrator.model import Cell, Outcome, VerdictName
from orchestrator.phrases import outcome
from orchestrator.picture import Side

Look = Literal["pass", "fail", "doubt", "none"]
LOOKS: dict[Outcome, Look] = {
    "pass": "pass",
    "fail": "fail",
    "infrastructure": "doubt",
    "flaky": "doubt",
    "not-run": "none",
}
VERDICTS: dict[VerdictName, Look] = {
    "conflict": "fail",
    "no-conflict": "pass",
    "broken": "fail",
    "inconclusive": "doubt",
}
GLYPHS: dict[Look, str] = {"pass": "\u2713", "fail": "\u2717", "doubt": "?", "none": "\u2013"}


@dataclass(frozen=True, slots=True)
class Mark:
    """How one outcome is shown."""

    look: Look
    word: str

    @property
    def glyph(self) -> str:
        return GLYPHS[self.look]


def of_cell(cell: Cell) -> Mark:
    return Mark(LOOKS[cell.outcome], outcome(cell))


def of_outcome(name: Outcome, word: str) -> Mark:
    return Mark(LOOKS[name], word)


def of_side(side: Side) -> Mark:
    """An app on its own runtime; one that was not observed is not called well."""
    if side.cell and side.cell.outcome != "pass":
        return of_cell(side.cell)
    if side.state == "failed":
        return Mark("fail", "failed")
    return Mark("pass" if side.state in {"healthy", "exited"} else "none", side.state)
