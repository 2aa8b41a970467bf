"""Every observation, folded away: what was checked and what was printed last; and the logs, cut to a bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from orchestrator.model import Cell, CheckResult
from orchestrator.phrases import how
from orchestrator.reports.page.entries import Said
from orchestrator.reports.page.marks import Mark, of_cell
from orchestrator.reports.page.text import end, line
from orchestrator.reports.page.told import Told

CELLS = 300
CHECKS = 20
TAIL = 12
"""Lines; the logs have more."""
SHORT = 300
"""Characters of a line, where there may be thousands."""
LOGS = 300
LOG = 64 * 1024
"""Characters of one log, from its end."""
ALL_LOGS = 512 * 1024


@dataclass(frozen=True, slots=True)
class Detail:
    """One cell. `facts` are the rest, named."""

    where: str
    mark: Mark
    app: str
    facts: tuple[tuple[str, str], ...]
    quote: str
    checks: tuple[CheckResult, ...]
    more_checks: int
    tail: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """The end of what was said; `left_out` counts characters before it."""

    name: str
    text: str
    left_out: int


def details(cells: Sequence[Said], told: Told) -> list[Detail]:
    """One for each, up to CELLS. In the isolated arm the app was asked once more, by its own event."""
    asked = {name: side.seen for name, side in told.drawn.sides.items() if side.seen}
    made: list[Detail] = []
    for entries, cell, tail in cells[:CELLS]:
        own = asked.get(cell.app) if cell.arm == "isolated" else None
        checks = cell.checks or (own.checks if own else ())
        last = tail or (own.tail if own else ())
        made.append(
            Detail(
                line(_where(entries, cell)),
                of_cell(cell),
                cell.app,
                tuple(_facts(cell)),
                line(cell.quote),
                tuple(
                    CheckResult(line(one.name, SHORT), one.passed, line(one.detail, SHORT)) for one in checks[:CHECKS]
                ),
                max(0, len(checks) - CHECKS),
                tuple(end(last, TAIL, SHORT)),
            )
        )
    return made


def logs(told_by: Mapping[str, str]) -> list[Log]:
    """As many as LOGS, with the same room for each, so that none is crowded out."""
    room = min(LOG, ALL_LOGS // max(1, min(len(told_by), LOGS)))
    return [_log(name, text, room) for name, text in [*told_by.items()][:LOGS]]


def _log(name: str, text: str, room: int) -> Log:
    kept = text[-room:]
    lines = kept.rstrip("\n").split("\n")
    shown = "\n".join(end(lines, len(lines)))
    return Log(name, shown, len(text) - len(kept))


def _where(entries: Sequence[str], cell: Cell) -> str:
    """`one-runtime: together in dotnet@3.1, beside telemetry`."""
    if cell.arm == "isolated":
        return f"isolated, {cell.environment}"
    beside = f", beside {', '.join(cell.beside)}" if cell.beside else ""
    base = f" on {cell.base}" if cell.base else ""
    probe = f" ({cell.probe.replace('-', ' ')})" if cell.probe else ""
    place = f"{how(cell.arm, cell.order)} in {cell.environment}{base}{beside}{probe}"
    return f"{', '.join(entries)}: {place}" if entries else place


def _facts(cell: Cell) -> Iterator[tuple[str, str]]:
    if cell.outcome == "not-run":
        return
    yield "got as far as", cell.phase
    if cell.exit_code is not None:
        yield "exit code", str(cell.exit_code)
    if cell.observed:
        yield "runtime observed", line(cell.observed, 80)
    if cell.seconds:
        yield "took", f"{cell.seconds:.1f} s"
    if cell.runs > 1:
        yield "runs", str(cell.runs)
    if cell.remembered:
        yield "remembered from", line(cell.remembered, 80)
