"""The grid of apps and versions as a person reads it: a table, what fails, and what claims are worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestrator.console.styles import style
from orchestrator.events import Event, GridDrawn, RunEnded
from orchestrator.judge import fates
from orchestrator.model import Grid, Row
from orchestrator.phrases import outcome
from orchestrator.sanitise import one_line
from orchestrator.wording import listed


def matrix(events: Sequence[Event]) -> RenderableType:
    """One table for each family, then a sentence for each reason to fail and each claim that does not hold."""
    grid = next((event.grid for event in events if isinstance(event, GridDrawn)), Grid((), ()))
    parts: list[RenderableType] = []
    for family in dict.fromkeys(name.split("@")[0] for name in grid.environments):
        parts += [_table(grid, family), Text()]
    notes = [note for row in grid.rows for note in (*_reasons(row), *claims(row))]
    if notes:
        parts += [_list(notes), Text()]
    cells = [cell for row in grid.rows for cell in row.cells]
    if times := sorted(cell.remembered for cell in cells if cell.remembered):
        parts.append(Text(f"remembered: {len(times)} of {len(cells)} cells, the oldest from {times[0]}", "yellow"))
    ended = next((event for event in events if isinstance(event, RunEnded)), None)
    parts += [Text(f"{ended.seconds:.1f} s; the record: {ended.folder}", "dim", overflow="fold")] if ended else []
    return Group(*parts)


def _table(grid: Grid, family: str) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    names = [name for name in grid.environments if name.startswith(f"{family}@")]
    for title in (family, "declares", *(name.split("@")[1] for name in names)):
        table.add_column(title, no_wrap=True)
    for row in (row for row in grid.rows if row.runtime.startswith(f"{family}@")):
        words = [outcome(cell) for cell in row.cells]
        table.add_row(row.app, row.runtime.split("@")[1], *(Text(word, style(word)) for word in words))
    return Padding(table, (0, 0, 0, 2))


def _reasons(row: Row) -> Iterator[str]:
    """What it does at home, where that is not well; then the cells, those that end the same way as one."""
    if row.own and row.own.outcome != "pass":
        yield f"on its own runtime, {row.runtime}, {fates([row.own])}"
    alike: dict[tuple[str, str], list[str]] = {}
    for cell in row.cells:
        if cell.outcome != "pass" and cell.quote:
            alike.setdefault((outcome(cell), cell.quote), []).append(cell.environment)
    for (word, quote), environments in alike.items():
        yield f"{row.app} at {listed(environments)}: {word}: {quote}"


def claims(row: Row) -> Iterator[str]:
    """`legacy claims >=3.8 (pyproject.toml:3): too much, it fails at python@3.12`."""
    if not row.claims:
        return
    says = listed([f"{claim.text} ({claim.mark.short})" for claim in row.claims])
    if row.over:
        yield f"{row.app} claims {says}: too much, it fails at {listed(row.over)}"
    if row.under:
        yield f"{row.app} claims {says}: too little, it passes at {listed(row.under)}"
    if not row.over and not row.under and all(cell.outcome in {"pass", "fail"} for cell in row.cells):
        yield f"{row.app} claims {says}: that is what was seen"


def _list(notes: Sequence[str]) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    for note in notes:
        table.add_row("-", Text(one_line(note, 600), overflow="fold"))
    return table
