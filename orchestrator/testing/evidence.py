"""Why an experiment fails a test: the sentence, the reasons, what was observed, and what the failing boxes said.

All that apps print is made harmless here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import pytest

from orchestrator.errors import IsolateError, Unavailable
from orchestrator.events import CellObserved, Failed, RunStarted
from orchestrator.expectation import excused, missed
from orchestrator.model import Cell, Expect
from orchestrator.phrases import headline, how, newest_first, outcome, remembered, sentence
from orchestrator.sanitise import clean, indented_line, one_line
from orchestrator.testing.outcome import Entry, Outcome

LINES = 20
"""Of one log."""
LOGS = 6
"""Of one experiment; the run's folder has them all."""


def insist(complaint: str | None) -> None:
    """Fail the test where there is something to complain of."""
    if complaint:
        pytest.fail(complaint, pytrace=False)


def unhealthy(of: Outcome) -> str | None:
    """What is wrong with apps on their own runtime, one that was never observed included, unless it is expected."""
    events, reached = of.run.events, [one.reached for one in of.entries.values()]
    cells = {event.cell.app: event.cell for event in events if isinstance(event, CellObserved) and event.entry is None}
    sides = [cells.get(app, Cell(app, "isolated", own, "not-run")) for app, own in of.started.apps.items()]
    wrong = [cell for cell in sides if cell.outcome != "pass" and not excused(cell.app, reached)]
    if not wrong:
        return None
    proven = any(cell.outcome == "fail" for cell in wrong)
    lines = [f"isolated: {'broken' if proven else 'inconclusive'}"]
    lines += [f"  - {one_line(_told(cell), 600)}" for cell in wrong]
    return "\n".join([*lines, _record(of)])


def unmet(of: Outcome, name: str | None, expect: Expect | None = None) -> str | None:
    """What is wrong with an entry's verdict: it is not what `expect`, or else the manifest, says, or proves nothing.

    One without a verdict has proved nothing, either.
    """
    known = [entry.name for entry in of.started.shared]
    wanted = name or next(iter(known), "at all")
    if wanted not in known:
        return f"there is no shared entry {wanted}; there is: {', '.join(known) or 'none'}"
    if wanted not in of.entries:
        return "\n".join([f"{wanted}: inconclusive: no verdict was reached", _record(of)])
    entry = of.entry(wanted)
    if expect:
        wrong = missed(expect, entry.reached.verdict, entry.cells)
        entry = replace(entry, reached=replace(entry.reached, expect=expect, as_expected=not wrong, missed=wrong))
    if entry.as_expected or (entry.as_expected is None and entry.verdict in {"conflict", "no-conflict"}):
        return None
    return "\n".join([*_entry(entry, "the test" if expect else "the manifest"), _record(of)])


def cut_short(of: Outcome) -> str | None:
    """What is wrong with a record that is not whole."""
    if of.exit_code is not None and any(isinstance(event, RunStarted) for event in of.run.events):
        return None
    return "\n".join(["inconclusive: the run was cut short: its record is not whole", _record(of)])


def error(failure: IsolateError | Failed) -> str:
    """A run that ended before a verdict."""
    word = "inconclusive" if failure.exit_code == Unavailable.exit_code else "error"
    lines = [f"{word}: {failure.where + ': ' if failure.where else ''}{failure.message}"]
    lines += [f"  | {line}" for line in failure.excerpt]
    lines += [f"hint: {failure.hint}"] if failure.hint else []
    others = failure.others if isinstance(failure, IsolateError) else ()
    lines += [f"also: {other.where}: {other.message}" for other in others]
    return clean("\n".join(lines), 20000)


def observed(of: Outcome) -> tuple[str, str]:
    """A heading and all verdicts, for a test that has asserted on them itself."""
    lines = [line for entry in of.entries.values() for line in _entry(entry, "the manifest")]
    return "isolate: what was observed", "\n".join([*lines, _record(of)])


def sections(of: Outcome, entry: str | None = None) -> Iterator[tuple[str, str]]:
    """A heading and the last lines of each box that failed, the same lines once; of one entry, or of all (None)."""
    cells = [event for event in of.run.events if isinstance(event, CellObserved) and event.cell.outcome != "pass"]
    failed = [event for event in cells if entry is None or event.entry in {None, entry}]
    logs = {(event.cell.app, event.tail): event for event in failed if event.tail}
    for event in list(logs.values())[:LOGS]:
        yield f"isolate: {one_line(_place(event.cell))}", "\n".join(map(indented_line, event.tail[-LINES:]))
    if len(logs) > LOGS:
        yield "isolate: further logs", f"{len(logs) - LOGS} more below {of.folder}"


def _entry(entry: Entry, by: str) -> Iterator[str]:
    reached, cells = entry.reached, [cell for cell in entry.cells if cell.probe is None]
    tried = newest_first(cell.environment for cell in cells if cell.arm == "shared")
    said = f"{headline(reached, by)}: {sentence(reached.verdict, reached.apps, tried)}."
    yield f"{entry.name}: {one_line(said, 600)}"
    yield from (f"  - {one_line(reason, 600)}" for reason in entry.because)
    yield "observed:"
    order = newest_first(cell.environment for cell in cells)
    place = {app: number for number, app in enumerate(reached.apps)}
    ordered = sorted(
        cells, key=lambda one: (order.index(one.environment), one.arm, one.order or "", place.get(one.app, 0))
    )
    yield from (f"  {line}" for line in _table(ordered))


def _table(cells: Sequence[Cell]) -> Iterable[str]:
    if not cells:
        return []
    rows = [(cell.app, cell.environment, how(cell.arm, cell.order), outcome(cell)) for cell in cells]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _told(cell: Cell) -> str:
    return f"{cell.app} on its own {cell.environment}: {outcome(cell)}{': ' + cell.quote if cell.quote else ''}"


def _place(cell: Cell) -> str:
    """`invoice, shared dotnet@3.1 together: fail exit 150`."""
    where = cell.environment if cell.arm == "isolated" else f"{cell.environment} {how(cell.arm, cell.order)}"
    return f"{cell.app}, {cell.arm} {where}: {outcome(cell)}"


def _record(of: Outcome) -> str:
    """Where it is, after what of it was not observed in this run."""
    said = remembered([event.cell for event in of.run.events if isinstance(event, CellObserved)])
    return f"{said}\nthe record: {of.folder}" if said else f"the record: {of.folder}"
