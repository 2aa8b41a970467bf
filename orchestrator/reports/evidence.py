"""What was seen in one cell, as lines to quote. They are cleaned by whoever prints them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orchestrator.model import Cell, CheckResult
from orchestrator.phrases import how, outcome

LINES = 40
"""Of what an app said last."""


def where(cell: Cell) -> str:
    """`invoice alone at dotnet@3.1`, and no other cell of the entry is called that."""
    on = f" on {cell.base}" if cell.base else ""
    return f"{cell.app} {cell.probe or how(cell.arm, cell.order)} at {cell.environment}{on}"


def evidence(cell: Cell, tail: Sequence[str] = ()) -> Iterator[str]:
    """Outcome, phase and exit code; the runtime in the box, the quoted line, checks, and the last lines printed."""
    yield f"outcome: {outcome(cell)}"
    yield f"phase: {cell.phase}"
    if cell.exit_code is not None:
        yield f"exit code: {cell.exit_code}"
    if cell.observed:
        yield f"runtime in the box: {cell.observed}"
    if cell.beside:
        yield f"beside: {', '.join(cell.beside)}"
    if cell.quote:
        yield f"quote: {cell.quote}"
    yield from map(_check, cell.checks)
    if cell.remembered:
        yield f"remembered, observed {cell.remembered}"
    if tail:
        yield "the last lines:"
        yield from (f"  | {line}" for line in tail[-LINES:])


def _check(check: CheckResult) -> str:
    detail = f": {check.detail}" if check.detail else ""
    return f"check {check.name}: {'passed' if check.passed else 'failed'}{detail}"
