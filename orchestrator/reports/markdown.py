"""A grid -> a table in Markdown, for a README or a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.model import Cell, Grid, Row
from orchestrator.sanitise import one_line

LONGEST = 80


def grid(drawn: Grid) -> str:
    """A table for each family, apps as rows and versions as columns, then what claims are worth.

    A version that an app's claims admit is marked.
    """
    families = dict.fromkeys(name.partition("@")[0] for name in drawn.environments)
    tables = ["\n".join(_table(drawn, f"{family}@")) for family in families]
    notes = [f"- {line}" for row in drawn.rows for line in _notes(row)]
    return "\n\n".join([*tables, *(["\n".join(notes)] if notes else [])]) + "\n"


def _table(drawn: Grid, family: str) -> list[str]:
    names = [name for name in drawn.environments if name.startswith(family)]
    lines = [_line(["app", "declares", *names]), _line(["---"] * (2 + len(names)))]
    for row in (one for one in drawn.rows if one.runtime.startswith(family)):
        by_name = {cell.environment: cell for cell in row.cells}
        lines.append(_line([row.app, row.runtime, *(_word(row, by_name[name]) for name in names)]))
    return lines


def _notes(row: Row) -> Iterator[str]:
    """What the app claims, and where that is too much or too little; what was remembered."""
    if row.claims:
        says = ", ".join(f"{_code(claim.text)} ({claim.mark.short})" for claim in row.claims)
        over = f"; too much, it fails at {', '.join(row.over)}" if row.over else ""
        under = f"; too little, it passes at {', '.join(row.under)}" if row.under else ""
        yield f"{row.app} claims {says}{over}{under}"
    if times := sorted(cell.remembered for cell in row.cells if cell.remembered):
        yield f"{row.app}: {len(times)} of {len(row.cells)} cells are remembered, the oldest from {times[0]}"


def _word(row: Row, cell: Cell) -> str:
    claimed = row.claims and all(cell.environment in claim.admits for claim in row.claims)
    reason = f": {_code(cell.quote)}" if cell.outcome != "pass" and cell.quote else ""
    return f"{cell.outcome}{' (claimed)' if claimed else ''}{reason}"


def _line(words: list[str]) -> str:
    return f"| {' | '.join(words)} |"


def _code(said: str) -> str:
    """What an app says, as it is: in a span of code there is no markup, no link and no mention."""
    return f"`{one_line(said, LONGEST).replace('`', chr(39)).replace('|', chr(92) + '|')}`"
