"""A grid -> a table in Markdown, for a README or a pull request."""

from __future__ import annotations

from orchestrator.model import Cell, Grid, Row
from orchestrator.sanitise import one_line

LONGEST = 80


def grid(drawn: Grid) -> str:
    """One table: apps as rows, versions as columns; a version that an app's claims admit is marked."""
    head = ["app", "declares", *drawn.environments]
    lines = [_line(head), _line(["---"] * len(head))]
    for row in drawn.rows:
        by_name = {cell.environment: cell for cell in row.cells}
        words = [_word(row, by_name.get(name)) for name in drawn.environments]
        lines.append(_line([row.app, row.runtime, *words]))
    legend = [f"{_code(claim.text)} ({claim.mark.short})" for row in drawn.rows for claim in row.claims]
    return "\n".join([*lines, *(["", f"(claimed) is what these admit: {', '.join(legend)}"] if legend else [])]) + "\n"


def _word(row: Row, cell: Cell | None) -> str:
    """Empty where the app is of another family."""
    if cell is None:
        return ""
    claimed = row.claims and all(cell.environment in claim.admits for claim in row.claims)
    reason = f": {_code(cell.quote)}" if cell.outcome != "pass" and cell.quote else ""
    return f"{cell.outcome}{' (claimed)' if claimed else ''}{reason}"


def _line(words: list[str]) -> str:
    return f"| {' | '.join(words)} |"


def _code(said: str) -> str:
    """What an app says, as it is: in a span of code there is no markup, no link and no mention."""
    return f"`{one_line(said, LONGEST).replace('`', chr(39)).replace('|', chr(92) + '|')}`"
