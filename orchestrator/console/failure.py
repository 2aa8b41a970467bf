"""An app that did not do well on its own runtime: how far it got, and the last lines that it or its build printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from orchestrator.model import App, Cell, Manifest, Mark
from orchestrator.observe import LATE, failing
from orchestrator.phrases import unended
from orchestrator.picture import Picture, Side
from orchestrator.sanitise import indented_line, one_line

LINES = 12
REACHED = {
    "build": "could not be built",
    "start": "did not start",
    "check": "started and failed a check",
    "done": "failed",
}
_STEP = re.compile(r"^(?:STEP |Step \d+/\d+ : )")


def failures(drawn: Picture, manifest: Manifest) -> Iterator[RenderableType]:
    """One paragraph for each app that failed."""
    for name, side in drawn.sides.items():
        if side.state == "failed" and side.cell:
            tail = from_failing_step(_log(side, drawn))
            app = manifest.apps[name]
            hints = [Text(hint, overflow="fold") for hint in _hints(side.cell, app)]
            yield Group(Text(_head(side.cell, app), "bold"), *([_excerpt(tail)] if tail else []), *hints)


def _hints(cell: Cell, app: App) -> Iterator[str]:
    """How much more time a job that did not end may be given."""
    if unended(cell):
        told = app.healthcheck
        longer = replace(told, retries=3 * told.retries)
        yield f"hint: healthcheck: {{retries: {longer.retries}}} gives it {longer.deadline:g} s"


def _head(cell: Cell, app: App) -> str:
    """`shop could not be built (manifest.yaml:5:12): No matching distribution found`."""
    reached = "was not run" if cell.outcome == "not-run" else REACHED[cell.phase]
    if cell.phase == "start" and cell.quote.startswith(LATE):
        reached = "gives no HTTP answer on its port"
    elif cell.phase == "start" and not app.is_service:
        return _job(cell, app)
    elif cell.phase == "check" and cell.outcome == "infrastructure":
        reached = "could not be checked"
    place = app.marks.get("build", app.mark) if cell.phase == "build" else _checked(cell, app)
    code = f", exit {cell.exit_code}" if cell.exit_code is not None else ""
    doubt = _doubt(cell) if cell.phase != "check" else ""
    quote = f": {cell.quote}" if cell.quote else ""
    return one_line(f"{cell.app} {reached} ({place}{code}){doubt}{quote}", 600)


def _job(cell: Cell, app: App) -> str:
    """One that ran, and ended otherwise than it should, or did not end."""
    ended = f"ended with exit {cell.exit_code}" if cell.exit_code is not None else "did not end"
    ended = "was still running" if unended(cell) else ended
    return one_line(f"{cell.app} {ended} ({_checked(cell, app)}){_doubt(cell)}: {cell.quote}", 600)


def _checked(cell: Cell, app: App) -> Mark:
    """Where the check stands that fails; the app, where none was asked, or none is written down."""
    return app.marks.get(f"checks.{failing(cell.checks)}", app.mark)


def _doubt(cell: Cell) -> str:
    return ", for a reason that is not its own" if cell.outcome == "infrastructure" else ""


def _log(side: Side, drawn: Picture) -> Sequence[str]:
    if side.seen is None:
        return ()
    refused = drawn.refused.get(side.seen.image)
    return refused.tail if refused else side.seen.tail


def from_failing_step(log: Sequence[str]) -> list[str]:
    """The last lines of a log; of a build's, those of the step that failed, with the step on top."""
    steps = [number for number, line in enumerate(log) if _STEP.match(line)]
    if not steps:
        return list(log[-LINES:])
    return [log[steps[-1]], *log[steps[-1] + 1 :][-LINES:]]


def _excerpt(lines: Sequence[str]) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    for line in lines:
        table.add_row("  |", Text(indented_line(line), overflow="fold"))
    return table
