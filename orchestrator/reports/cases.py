"""A run as a CI service counts it: suites of cases, one for each cell, each expectation and each way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from orchestrator.events import CellObserved, RunStarted
from orchestrator.expectation import excused
from orchestrator.model import Cell, Escape
from orchestrator.phrases import WAYS_OUT
from orchestrator.picture import Entry, Picture, Side, picture
from orchestrator.reports.case import Case, Outcome, Suite
from orchestrator.reports.evidence import evidence, where
from orchestrator.reports.expectations import expectations
from orchestrator.reports.run import Run

UNSETTLED = ("infrastructure", "flaky")


def suites(run: Run, *, strict: bool = False) -> list[Suite]:
    """Without `strict` some case is a failure or an error just where the run's exit code is not 0.

    A cell that fails in the control and shared arms is evidence: its case passes, since it was observed. `strict` makes
    a failure of each cell that was not run, unless its entry came out as the manifest expects.
    """
    drawn = picture(run.events)
    started = next((event for event in run.events if isinstance(event, RunStarted)), None)
    meant = {entry.name: entry for entry in (started.shared if started else ())}
    found = [Suite("isolated", tuple(_isolated(drawn, strict)))]
    for name, entry in drawn.entries.items():
        seen = [event for event in run.events if isinstance(event, CellObserved) and event.entry == name]
        cases = [*_cells(entry, seen, strict), *_escapes(entry)]
        if name in meant:
            cases += expectations(meant[name].expect, entry.reached, strict=strict)
        found.append(Suite(f"shared.{name}", tuple(cases)))
    found.append(Suite("run", tuple(_end(drawn))))
    return [suite for suite in found if suite.cases]


def _isolated(drawn: Picture, strict: bool) -> Iterator[Case]:
    for app, side in drawn.sides.items():
        name, fine = f"{app} on its own {side.runtime}", excused(app, drawn.verdicts)
        cell = side.cell or Cell(app, "isolated", side.runtime, "not-run")
        seen = tuple(evidence(cell, _tail(side, drawn)))
        if cell.outcome == "fail":
            said = f"fails on its own runtime{', as the manifest expects' if fine else ''}: {cell.quote}"
            yield Case(name, "pass" if fine else "failure", said, seen, cell.seconds)
        elif cell.outcome == "not-run":
            yield _not_run(name, strict and not fine)
        else:
            unsettled = cell.outcome in UNSETTLED
            outcome: Outcome = "pass" if not unsettled else "skipped" if fine else "error"
            yield Case(name, outcome, _unsettled(cell) if unsettled else "", seen, cell.seconds)


def _tail(side: Side, drawn: Picture) -> Sequence[str]:
    """Of an app that was built what it printed, else what its build did; of one that passes nothing."""
    if side.seen is None or side.state != "failed":
        return ()
    refused = drawn.refused.get(side.seen.image)
    return refused.tail if refused else side.seen.tail


def _cells(entry: Entry, seen: Iterable[CellObserved], strict: bool) -> Iterator[Case]:
    """Those that were observed, then those that were planned and never came."""
    reached = entry.reached
    fine = bool(reached and reached.as_expected)
    proved = bool(reached and reached.verdict.name != "inconclusive")
    rests = not fine and (reached is None or reached.verdict.name == "inconclusive")
    there = set()
    for event in seen:
        there.add(_key(event.cell))
        yield _cell(event, rests=rests, proved=proved, strict=strict and not fine)
    for trial in entry.trials:
        for app in trial.apps:
            planned = Cell(app, trial.arm, trial.environment, "not-run", order=trial.order)  # type: ignore[arg-type]
            if _key(planned) not in there:
                yield _not_run(f"{where(planned)} is observed", strict and not fine)


def _key(cell: Cell) -> tuple[object, ...]:
    """A cell alone has no order of installing."""
    return cell.app, cell.arm, cell.environment, cell.order if cell.arm == "shared" else None, cell.probe


def _cell(event: CellObserved, *, rests: bool, proved: bool, strict: bool) -> Case:
    """`rests` where the verdict hangs on what is not settled, `proved` where there is one all the same."""
    cell, name = event.cell, f"{where(event.cell)} is observed"
    if cell.outcome == "not-run":
        return _not_run(name, strict)
    seen = tuple(evidence(cell, event.tail if cell.outcome != "pass" else ()))
    if cell.outcome not in UNSETTLED:
        return Case(name, "pass", "", seen, cell.seconds)
    why = _unsettled(cell)
    if rests:
        return Case(name, "error", why, seen, cell.seconds)
    aside = " (the verdict does not rest on it)" if proved else ""
    return Case(name, "skipped", why + aside, seen, cell.seconds)


def _unsettled(cell: Cell) -> str:
    return f"{cell.outcome}: {cell.quote.removeprefix('flaky ')}"


def _not_run(name: str, failure: bool) -> Case:
    return Case(name, "failure" if failure else "skipped", "it was not run")


def _escapes(entry: Entry) -> Iterator[Case]:
    """One that cannot apply is none; why is in the record."""
    for escape in (one for one in entry.escapes if one.outcome != "not-run"):
        tried = escape.outcome in ("pass", "fail")
        told = f"{WAYS_OUT[escape.outcome]}: {escape.detail}"
        yield Case(
            f"the way out {escape.name} is tried",
            "pass" if tried else "skipped",
            "" if tried else told,
            (told, *_of_escape(escape)),
            sum(cell.seconds for cell in escape.cells),
        )


def _of_escape(escape: Escape) -> Iterator[str]:
    for cell in escape.cells:
        yield f"{where(cell)}:"
        yield from (f"  {line}" for line in evidence(cell))


def _end(drawn: Picture) -> Iterator[Case]:
    """Nothing is said of a run that came to its end."""
    if failed := drawn.failed:
        hint = [f"hint: {failed.hint}"] if failed.hint else []
        at = [f"at {failed.where}"] if failed.where else []
        yield Case("the run comes to its end", "error", failed.message, (*at, *hint, *failed.excerpt))
    elif drawn.ended is None:
        yield Case("the run comes to its end", "error", "it was cut short: its record has no end")
