"""The grid of apps and versions, and how it compares with what the apps claim (SPEC: `isolate matrix`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from orchestrator import experiment
from orchestrator.arms import Conductor
from orchestrator.events import CellObserved, Event, GridDrawn
from orchestrator.experiment import TRY_AGAIN, Options
from orchestrator.model import App, Cell, Grid, Row, Runtime
from orchestrator.plan import Environment, Plan
from orchestrator.searches.bench import Bench
from orchestrator.searches.claims import claims, compared

NAME = "matrix"


def conduct(conductor: Conductor, drawn: Plan, options: Options, runtimes: Sequence[Runtime]) -> int:
    """Every app on its own, then alone on each of these runtimes of its family; returns the exit code.

    However it ends, what was seen is told: a cell that was not reached is `not-run`.
    """
    seen: dict[tuple[str, str], Cell] = {}
    try:
        alone, _ = experiment.observe(conductor, drawn, options)
        broken = {cell.app for cell in alone if cell.outcome != "pass"}
        wanted = [
            (name, one)
            for name, app in drawn.manifest.apps.items()
            for one in runtimes
            if one.family == app.runtime.family and (options.keep_going or name not in broken)
        ]
        questions = [((name,), Environment((one,))) for name, one in wanted]
        rows = Bench(_listening(conductor, seen), drawn, NAME).observe(questions)
        seen |= {(name, str(one)): cell for (name, one), (cell,) in zip(wanted, rows, strict=True)}
    finally:
        conductor.emit(GridDrawn(_grid(drawn, runtimes, seen)))
    unsettled = any(cell.outcome not in {"pass", "fail"} for cell in seen.values())
    return experiment.close(conductor, max(experiment.exit_code(alone, ()), TRY_AGAIN if unsettled else 0))


def _listening(conductor: Conductor, seen: dict[tuple[str, str], Cell]) -> Conductor:
    """A conductor that also keeps the cells as they come, for the grid of a search that is cut short."""

    def emit(event: Event) -> None:
        if isinstance(event, CellObserved):
            seen[event.cell.app, event.cell.environment] = event.cell
        conductor.emit(event)

    return replace(conductor, emit=emit)


def _grid(drawn: Plan, runtimes: Sequence[Runtime], seen: Mapping[tuple[str, str], Cell]) -> Grid:
    rows = tuple(_row(app, drawn, runtimes, seen) for app in drawn.manifest.apps.values())
    return Grid(tuple(str(one) for one in runtimes), rows)


def _row(app: App, drawn: Plan, runtimes: Sequence[Runtime], seen: Mapping[tuple[str, str], Cell]) -> Row:
    mine = [one for one in runtimes if one.family == app.runtime.family]
    cells = tuple(seen.get((app.name, str(one)), Cell(app.name, "control", str(one), "not-run")) for one in mine)
    found = claims(app, drawn.world.contexts[app.name], drawn.world.families[app.runtime.family], mine)
    return Row(app.name, str(app.runtime), cells, found, **compared(cells, found))
