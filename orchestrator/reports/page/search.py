"""What a search found -> tables: environments that serve all apps, versions that were looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.model import Bin, Bisected, Cell, Packed
from orchestrator.reports.page.marks import Mark, of_cell
from orchestrator.reports.page.text import line


@dataclass(frozen=True, slots=True)
class Found:
    """A table of three columns with a name, and sentences on it."""

    title: str
    columns: tuple[str, str, str]
    rows: tuple[tuple[str, Mark, str], ...]
    notes: tuple[str, ...] = ()


def packed(found: Packed) -> Iterator[Found]:
    """The environments, then the sets by which one fewer is impossible, then apps that pass nowhere."""
    rows = tuple((one.environment, Mark("pass", "serves"), ", ".join(one.apps)) for one in found.bins)
    looked = f"Looked at {', '.join(found.runtimes)}; {found.observations} observations."
    assumed = ("Assumed: that an app which is added never repairs a set that fails.",) if found.assumed else ()
    notes = (looked, *assumed, *map(line, found.repaired), *map(line, found.apart))
    yield Found("The fewest environments that serve all apps", ("environment", "", "apps"), rows, notes)
    if found.refuted:
        said = tuple((one.environment, Mark("fail", "fails"), _refuted(one)) for one in found.refuted)
        yield Found("One fewer would not do", ("environment", "", "apps"), said)
    if found.unserved:
        yield Found(
            "Apps that pass in none of them", ("app", "", "where and why"), tuple(map(_unserved, found.unserved))
        )


def bisected(found: Bisected) -> Found:
    """Every version that was looked at."""
    rows = tuple((cell.environment, of_cell(cell), line(cell.quote)) for cell in found.cells)
    unseen = (f"Not looked at, and taken to change nothing: {', '.join(found.unseen)}.",) if found.unseen else ()
    return Found(f"{found.app}, version by version", ("environment", "outcome", "quoted"), rows, unseen)


def _refuted(one: Bin) -> str:
    bad = [f"{cell.app} {of_cell(cell).word}: {line(cell.quote, 200)}" for cell in one.cells if cell.outcome != "pass"]
    return f"{', '.join(one.apps)} \u2013 {'; '.join(bad)}"


def _unserved(cell: Cell) -> tuple[str, Mark, str]:
    return cell.app, of_cell(cell), f"{cell.environment}: {line(cell.quote)}"
