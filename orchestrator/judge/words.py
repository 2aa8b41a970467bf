"""How cells are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orchestrator.model import Cell
from orchestrator.phrases import unended
from orchestrator.wording import listed

HOW: Mapping[str, str] = {
    "together": "in one call",
    "in-order": "one app after the other",
    "reversed": "one app after the other, the last one first",
}
VERBS: Mapping[str, str] = {"build": "cannot be installed", "start": "cannot start", "check": "answers wrongly"}


def verb(cell: Cell) -> str:
    """What became of a cell that fails. A job that was asked how it ended, or did not end, had started."""
    if (cell.phase == "start" and cell.checks) or unended(cell):
        return "fails"
    return VERBS.get(cell.phase, "fails")


def fates(cells: Sequence[Cell]) -> str:
    """`invoice answers wrongly: ...`, of cells of one box that do not pass; a refused install is told once."""
    told: dict[str, list[str]] = {}
    for cell in cells:
        fate = verb(cell) if cell.outcome == "fail" else f"is not known ({cell.outcome})"
        told.setdefault(f"{fate}{proof(cell)}", []).append(cell.app)
    return "; ".join(f"{listed(names)} {_of(names, words.rstrip('.'))}" for words, names in told.items())


def _of(names: Sequence[str], words: str) -> str:
    """`fails` of one, `fail` of several."""
    first, _, rest = words.partition(" ")
    several = {"fails": "fail", "answers": "answer", "is": "are"}
    return f"{several.get(first, first) if len(names) > 1 else first} {rest}".strip()


def proof(cell: Cell) -> str:
    """` (exit 150): The framework ... was not found.`"""
    code = f" (exit {cell.exit_code})" if cell.exit_code is not None else ""
    return f"{code}: {cell.quote}" if cell.quote else code
