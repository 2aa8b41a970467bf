"""A grid -> a table in Markdown, for a README or a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.model import Cell, Grid, Row
from orchestrator.reports.gfm import LONGEST, cell, code, table


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
    rows = []
    for one in (one for one in drawn.rows if one.runtime.startswith(family)):
        by_name = {seen.environment: seen for seen in one.cells}
        rows.append([one.app, one.runtime, *(_word(one, by_name[name]) for name in names)])
    return table(["app", "declares", *names], rows)


def _notes(row: Row) -> Iterator[str]:
    """What the app claims, and where that is too much or too little; what was remembered."""
    if row.claims:
        says = ", ".join(f"{code(claim.text, LONGEST)} ({claim.mark.short})" for claim in row.claims)
        over = f"; too much, it fails at {', '.join(row.over)}" if row.over else ""
        under = f"; too little, it passes at {', '.join(row.under)}" if row.under else ""
        yield f"{row.app} claims {says}{over}{under}"
    if times := sorted(cell.remembered for cell in row.cells if cell.remembered):
        yield f"{row.app}: {len(times)} of {len(row.cells)} cells are remembered, the oldest from {times[0]}"


def _word(row: Row, seen: Cell) -> str:
    claimed = row.claims and all(seen.environment in claim.admits for claim in row.claims)
    reason = f": {cell(seen.quote)}" if seen.outcome != "pass" and seen.quote else ""
    return f"{seen.outcome}{' (claimed)' if claimed else ''}{reason}"
