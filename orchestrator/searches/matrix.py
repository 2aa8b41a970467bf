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

    An app that is broken at home may work elsewhere: that is what a grid is for. However it ends, what was seen is
    told: a cell that was not reached is `not-run`.
    """
    seen: dict[tuple[str, str], Cell] = {}
    alone: list[Cell] = []
    try:
        alone, _ = experiment.observe(conductor, drawn, options)
        apps = drawn.manifest.apps.items()
        wanted = [(name, one) for name, app in apps for one in runtimes if one.family == app.runtime.family]
        questions = [((name,), Environment((one,))) for name, one in wanted]
        rows = Bench(_listening(conductor, seen), drawn, NAME).observe(questions)
        seen |= {(name, str(one)): cell for (name, one), (cell,) in zip(wanted, rows, strict=True)}
    finally:
        conductor.emit(GridDrawn(_grid(drawn, runtimes, seen, {cell.app: cell for cell in alone})))
    broken = {cell.app for cell in alone if cell.outcome == "fail"}
    unsettled = any(cell.outcome not in {"pass", "fail"} for cell in seen.values() if cell.app not in broken)
    return experiment.close(conductor, max(experiment.exit_code(alone, ()), TRY_AGAIN if unsettled else 0))


def _listening(conductor: Conductor, seen: dict[tuple[str, str], Cell]) -> Conductor:
    """A conductor that also keeps the cells as they come, for the grid of a search that is cut short."""

    def emit(event: Event) -> None:
        if isinstance(event, CellObserved):
            seen[event.cell.app, event.cell.environment] = event.cell
        conductor.emit(event)

    return replace(conductor, emit=emit)


def _grid(
    drawn: Plan, runtimes: Sequence[Runtime], seen: Mapping[tuple[str, str], Cell], own: Mapping[str, Cell]
) -> Grid:
    apps = drawn.manifest.apps.values()
    rows = tuple(replace(_row(app, drawn, runtimes, seen), own=own.get(app.name)) for app in apps)
    return Grid(tuple(str(one) for one in runtimes), rows)


def _row(app: App, drawn: Plan, runtimes: Sequence[Runtime], seen: Mapping[tuple[str, str], Cell]) -> Row:
    mine = [one for one in runtimes if one.family == app.runtime.family]
    cells = tuple(seen.get((app.name, str(one)), Cell(app.name, "control", str(one), "not-run")) for one in mine)
    found = claims(app, drawn.world.contexts[app.name], drawn.world.families[app.runtime.family], mine)
    over, under = compared(cells, found)
    return Row(app.name, str(app.runtime), cells, claims=found, over=over, under=under)
