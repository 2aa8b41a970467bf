"""One shared entry -> its part of the page: lanes, reasons, grid, ways out, explanation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from orchestrator.model import Cell, Explanation, SharedEntry
from orchestrator.phrases import WAYS_OUT, shared_how
from orchestrator.picture import Entry
from orchestrator.reports.page import grid, heading, lanes, marks
from orchestrator.reports.page.heading import Heading
from orchestrator.reports.page.shapes import Lane
from orchestrator.reports.page.text import end, line
from orchestrator.reports.page.told import Told

Said = tuple[tuple[str, ...], Cell, tuple[str, ...]]
"""Entries, a cell of theirs, its last lines."""
REASONS = 40
EXCERPT = 12


@dataclass(frozen=True, slots=True)
class Reason:
    """What the judge says; `quote` is what an app or an installer said itself."""

    words: str
    quote: str = ""
    look: marks.Look = "none"


@dataclass(frozen=True, slots=True)
class Section:
    """All that is shown of one entry."""

    name: str
    how: str
    heading: Heading
    isolated: Lane
    shared: Lane | None
    reasons: tuple[Reason, ...]
    excerpts: tuple[tuple[str, list[str]], ...]
    table: grid.Table | None
    escapes: tuple[tuple[str, marks.Mark, str], ...]
    why: Explanation | None


def sections(told: Told) -> list[Section]:
    """The manifest's entries of which something is known, or would be; what a search looks at is none."""
    meant = told.started.shared if told.started else ()
    cut = told.drawn.ended is None and bool(told.drawn.verdicts)
    known = [(one, told.drawn.entries[one.name]) for one in meant]
    return [_section(told, one, entry) for one, entry in known if entry.reached or entry.cells or cut]


def _section(told: Told, meant: SharedEntry, entry: Entry) -> Section:
    apps = [app for app in told.drawn.sides if app in meant.apps] or list(told.drawn.sides)
    runtimes = {app: side.runtime for app, side in told.drawn.sides.items()}
    reached = entry.reached
    return Section(
        meant.name,
        line(shared_how(meant)),
        heading.of_entry(entry),
        lanes.isolated(told.drawn, apps),
        lanes.shared(told.drawn, entry, apps),
        tuple(reasons(reached.verdict.because if reached else (), told)),
        tuple(_excerpts(told, apps)) if reached and reached.verdict.name == "broken" else (),
        grid.of_entry(entry.cells, runtimes),
        tuple(
            (one.name, marks.of_outcome(one.outcome, WAYS_OUT[one.outcome]), line(one.detail)) for one in entry.escapes
        ),
        told.explained.get(meant.name),
    )


def reasons(because: Sequence[str], told: Told) -> Iterator[Reason]:
    """A reason that ends in what a cell quotes is shown as both."""
    looks = {line(one.cell.quote): marks.LOOKS[one.cell.outcome] for _, one in told.cells if one.cell.quote}
    quotes = sorted(filter(None, looks), key=len, reverse=True)
    for reason in map(line, because[:REASONS]):
        quote = next((one for one in quotes if reason.endswith(one)), "")
        yield Reason(reason.removesuffix(quote).rstrip(": "), quote, looks[quote]) if quote else Reason(reason)


def _excerpts(told: Told, apps: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """What an app that fails at home, or its build, printed last."""
    for name in apps:
        side = told.drawn.sides[name]
        if side.seen and side.state == "failed":
            refused = told.drawn.refused.get(side.image or side.seen.image)
            tail = refused.tail if refused else side.seen.tail
            yield from [(name, end(tail, EXCERPT))] if tail else []


def all_cells(told: Told) -> list[Said]:
    """Every cell, those of ways out too, each once with the entries it speaks for and the last that was printed."""
    entries: dict[tuple[Cell, tuple[str, ...]], list[str]] = {}
    for _, event in told.cells:
        entries.setdefault((event.cell, event.tail), []).extend([event.entry] if event.entry else [])
    for name, entry in told.drawn.entries.items():
        for escape in entry.escapes:
            for cell in escape.cells:
                entries.setdefault((cell, ()), []).append(f"{name}, {escape.name}")
    return [(tuple(dict.fromkeys(names)), *seen) for seen, names in entries.items()]
