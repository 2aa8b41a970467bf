"""The isolated arm: every app in its own box, all up at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from graphlib import TopologicalSorter
from typing import TypeVar

from orchestrator import observe
from orchestrator.arms.boxes import TAIL_LINES, start, tail
from orchestrator.arms.conductor import Conductor
from orchestrator.arms.images import build, refusal
from orchestrator.engines import Built
from orchestrator.events import AppObserved, AppReady, CellObserved
from orchestrator.model import App, Box, Cell, State
from orchestrator.observe import Seen
from orchestrator.plan import Plan

T = TypeVar("T")
STARTERS = 8
WAITERS = 64


def isolated(conductor: Conductor, plan: Plan) -> list[Cell]:
    """Every app in its own box, all up at the same time; then every check of every app."""
    engine, apps = conductor.engine, plan.manifest.apps
    built = build(conductor, plan.images.values())
    cells = {
        name: _unbuilt(conductor, plan, name, built[image.tag])
        for name, image in plan.images.items()
        if not built[image.tag].ok
    }
    engine.network(plan.network, {key: value for key, value in plan.labels.items() if key != "io.isolate.run"})
    seen: dict[str, Seen] = {}
    for batch in _batches(apps):
        names = [
            name for name in batch if name not in cells and all(_up(seen, other) for other in apps[name].depends_on)
        ]
        _each(lambda name: start(conductor, plan.boxes[name]), names, STARTERS)
        seen.update(
            zip(names, _each(lambda name: _ready(conductor, plan.boxes[name], apps), names, WAITERS), strict=True)
        )
    checked = _each(lambda name: observe.check(engine, plan.boxes[name], seen[name]), list(seen), STARTERS)
    cells |= {one.app.name: _observed(conductor, plan, one.app.name, one) for one in checked}
    return [cells[name] if name in cells else _waiting(conductor, plan, name) for name in apps]


def _each(call: Callable[[str], T], items: Sequence[str], threads: int) -> list[T]:
    with ThreadPoolExecutor(min(threads, len(items)) or 1) as pool:
        return list(pool.map(call, items))


def _batches(apps: Mapping[str, App]) -> list[list[str]]:
    """Apps that may start together: those whose dependencies are in the batches before."""
    order = TopologicalSorter({name: app.depends_on for name, app in apps.items()})
    order.prepare()
    batches = []
    while order.is_active():
        batches.append(sorted(order.get_ready(), key=list(apps).index))
        order.done(*batches[-1])
    return batches


def _up(seen: Mapping[str, Seen], name: str) -> bool:
    return name in seen and seen[name].phase == "done"


def _ready(conductor: Conductor, box: Box, apps: Mapping[str, App]) -> Seen:
    (seen,) = observe.watch(conductor.engine, box, apps, conductor.stop)
    if seen.phase == "done":
        conductor.emit(AppReady(seen.app.name, _url(seen), round(seen.seconds, 3)))
    return seen


def _url(seen: Seen) -> str | None:
    return next(iter(seen.sighting.urls.values()), None)


def _observed(conductor: Conductor, plan: Plan, name: str, seen: Seen) -> Cell:
    """Another version than declared is `broken`, never substituted."""
    app, box = plan.manifest.apps[name], plan.boxes[name]
    cell = observe.cell(seen, box, str(app.runtime), None, conductor.families)
    satisfies = conductor.families[app.runtime.family].satisfies
    if cell.outcome == "pass" and not (cell.observed and satisfies(app.runtime.version, cell.observed)):
        cell = replace(
            cell, outcome="fail", phase="start", quote=f"the box holds {cell.observed or 'no known version'}"
        )
    return _told(conductor, plan, cell, _url(seen), tail(seen))


def _unbuilt(conductor: Conductor, plan: Plan, name: str, built: Built) -> Cell:
    """The app's own image could not be made: its failure, unless the log speaks of infrastructure."""
    app = plan.manifest.apps[name]
    outcome, quote = refusal(conductor, built, (app.runtime.family,))
    cell = Cell(name, "isolated", str(app.runtime), outcome, phase="build", exit_code=built.exit_code, quote=quote)
    return _told(conductor, plan, cell, None, built.tail[-TAIL_LINES:])


def _waiting(conductor: Conductor, plan: Plan, name: str) -> Cell:
    runtime = str(plan.manifest.apps[name].runtime)
    cell = Cell(name, "isolated", runtime, "not-run", quote="what it depends on is not up")
    return _told(conductor, plan, cell, None, ())


def _told(conductor: Conductor, plan: Plan, cell: Cell, url: str | None, tail: tuple[str, ...]) -> Cell:
    app = plan.manifest.apps[cell.app]
    state: State = "failed" if cell.outcome != "pass" else "healthy" if app.is_service else "exited"
    kept = tail if state == "failed" else ()
    image = plan.images[cell.app].tag
    conductor.emit(AppObserved(cell.app, str(app.runtime), cell.observed, image, state, url, cell.checks, kept))
    conductor.emit(CellObserved(None, cell, kept))
    return cell
