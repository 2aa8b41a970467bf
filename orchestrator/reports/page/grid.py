"""The cells of an entry, or of a matrix -> a table of apps and environments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from orchestrator.model import Cell, Grid, Row
from orchestrator.phrases import how, newest_first
from orchestrator.reports.page.marks import Mark, of_cell
from orchestrator.reports.page.text import line
from orchestrator.wording import listed

HOW = ("alone", "together", "in order", "last first")


@dataclass(frozen=True, slots=True)
class Table:
    """`groups` are environments with the names of their columns; a row has a mark for each column, or None."""

    groups: tuple[tuple[str, tuple[str, ...]], ...]
    rows: tuple[tuple[str, str, tuple[Mark | None, ...]], ...]

    @property
    def plain(self) -> bool:
        """Whether every app is alone in every environment."""
        return all(names == ("alone",) for _, names in self.groups)

    @property
    def marked(self) -> Iterator[tuple[str, str, list[tuple[Mark | None, bool]]]]:
        """The rows, each mark with whether an environment begins there."""
        first = [number == 0 and not self.plain for _, names in self.groups for number in range(len(names))]
        for app, runtime, marks in self.rows:
            yield app, runtime, list(zip(marks, first, strict=True))


def of_entry(cells: Sequence[Cell], runtimes: Mapping[str, str]) -> Table | None:
    """Each environment with its columns, newest first; None where nothing was run."""
    if all(cell.outcome == "not-run" for cell in cells):
        return None
    found = {(cell.app, cell.environment, how(cell.arm, cell.order)): cell for cell in cells}
    columns = {
        name: tuple(column for column in HOW if any(key[1:] == (name, column) for key in found))
        for name in newest_first(cell.environment for cell in cells)
    }
    apps = [app for app in runtimes if any(app == key[0] for key in found)]
    places = [(name, column) for name, names in columns.items() for column in names]
    rows = [(app, runtimes[app], tuple(_mark(found.get((app, *place))) for place in places)) for app in apps]
    return Table(tuple(columns.items()), tuple(rows))


def of_matrix(grid: Grid) -> Iterator[Table]:
    """A table for each family, oldest version first."""
    for family in dict.fromkeys(name.partition("@")[0] for name in grid.environments):
        names = tuple(name for name in grid.environments if name.startswith(f"{family}@"))
        rows = [row for row in grid.rows if row.runtime.startswith(f"{family}@")]
        groups = tuple((name, ("alone",)) for name in names)
        yield Table(groups, tuple((row.app, row.runtime, _marks(row, names)) for row in rows))


def notes(grid: Grid) -> Iterator[str]:
    """Why a cell fails, those that end alike as one; and what the claims of an app's files are worth."""
    for row in grid.rows:
        if row.own and row.own.outcome != "pass":
            yield line(f"{row.app} on its own runtime, {row.runtime}: {of_cell(row.own).word}: {line(row.own.quote)}")
        alike: dict[tuple[str, str], list[str]] = {}
        for cell in row.cells:
            if cell.outcome != "pass" and cell.quote:
                alike.setdefault((of_cell(cell).word, line(cell.quote)), []).append(cell.environment)
        for (word, quote), environments in alike.items():
            yield f"{row.app} at {listed(environments)}: {word}: {quote}"
        yield from _claims(row)


def _claims(row: Row) -> Iterator[str]:
    if row.claims:
        says = listed([f"{line(claim.text, 80)} ({claim.mark.short})" for claim in row.claims])
        over = f"; too much, it fails at {listed(row.over)}" if row.over else ""
        under = f"; too little, it passes at {listed(row.under)}" if row.under else ""
        yield f"{row.app} claims {says}{over}{under}"


def _marks(row: Row, names: Sequence[str]) -> tuple[Mark | None, ...]:
    found = {cell.environment: cell for cell in row.cells}
    return tuple(_mark(found.get(name)) for name in names)


def _mark(cell: Cell | None) -> Mark | None:
    return of_cell(cell) if cell else None
