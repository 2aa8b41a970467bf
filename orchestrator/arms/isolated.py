"""The isolated arm: every app in its own box, all up at the same time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from graphlib import TopologicalSorter
from typing import TypeVar

from orchestrator import observe
from orchestrator.arms.boxes import TAIL_LINES, start, tail
from orchestrator.arms.conductor import Conductor
from orchestrator.arms.images import build, refusal
from orchestrator.engines import Built
from orchestrator.events import AppObserved, AppReady, CellObserved
from orchestrator.model import App, Box, Cell, Runtime, State
from orchestrator.observe import Seen
from orchestrator.plan import Plan

T = TypeVar("T")
STARTERS = 8
WAITERS = 64


@dataclass(frozen=True, slots=True)
class _Told:
    """What one app's fate comes to."""

    cell: Cell
    url: str | None = None
    tail: tuple[str, ...] = ()


def isolated(conductor: Conductor, plan: Plan) -> list[Cell]:
    """Every app in its own box, all up at the same time; then every check of every app."""
    built = build(conductor, plan.images.values())
    refused = {name: built[image.tag] for name, image in plan.images.items() if not built[image.tag].ok}
    if len(refused) < len(plan.images):
        conductor.engine.network(plan.network, plan.labels)
    seen = _run(conductor, plan, without=set(refused))
    check = partial(_check, conductor, plan, seen)
    told = {name: _observed(conductor, plan, one) for name, one in zip(seen, _each(check, seen, STARTERS), strict=True)}
    told |= {name: _unbuilt(conductor, plan, name, one) for name, one in refused.items()}
    told |= {name: _waiting(plan, name) for name in plan.manifest.apps if name not in told}
    return _tell(conductor, plan, [told[name] for name in plan.manifest.apps])


def _run(conductor: Conductor, plan: Plan, without: set[str]) -> dict[str, Seen]:
    """Start all boxes, dependencies first, and wait until each app is ready or has failed to be."""
    apps, seen = plan.manifest.apps, dict[str, Seen]()
    for batch in _batches(apps):
        names = [name for name in batch if name not in without and _may_start(apps[name], seen)]
        _each(lambda name: start(conductor, plan.boxes[name]), names, STARTERS)
        ready = _each(lambda name: _ready(conductor, plan.boxes[name], apps), names, WAITERS)
        seen |= zip(names, ready, strict=True)
    return seen


def _check(conductor: Conductor, plan: Plan, seen: Mapping[str, Seen], name: str) -> Seen:
    return observe.check(conductor.engine, plan.boxes[name], seen[name])


def _each(call: Callable[[str], T], items: Collection[str], threads: int) -> list[T]:
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


def _may_start(app: App, seen: Mapping[str, Seen]) -> bool:
    """Compose's conditions: what it depends on is up, and a job it waits for has ended well."""
    return all(
        name in seen
        and seen[name].phase == "done"
        and (condition != "service_completed_successfully" or seen[name].exit_code == 0)
        for name, condition in app.depends_on.items()
    )


def _ready(conductor: Conductor, box: Box, apps: Mapping[str, App]) -> Seen:
    (seen,) = observe.watch(conductor.engine, box, apps, conductor.stop)
    if seen.phase == "done":
        conductor.emit(AppReady(seen.app.name, _url(seen), round(seen.seconds, 3)))
    return seen


def _url(seen: Seen) -> str | None:
    return next(iter(seen.sighting.urls.values()), None)


def _observed(conductor: Conductor, plan: Plan, seen: Seen) -> _Told:
    """Another version than declared is `broken`, never substituted; one that cannot be asked proves nothing."""
    runtime = seen.app.runtime
    cell = observe.cell(seen, plan.boxes[seen.app.name], str(runtime), None, conductor.families)
    if cell.outcome == "pass" and not cell.observed:
        cell = replace(cell, outcome="infrastructure", phase="start", quote="the runtime did not tell its version")
    elif cell.outcome == "pass" and not _satisfies(conductor, runtime, cell.observed or ""):
        cell = replace(cell, outcome="fail", phase="start", quote=f"the box holds {cell.observed}, not {runtime}")
    return _Told(cell, _url(seen), tail(seen))


def _satisfies(conductor: Conductor, runtime: Runtime, observed: str) -> bool:
    return conductor.families[runtime.family].satisfies(runtime.version, observed)


def _unbuilt(conductor: Conductor, plan: Plan, name: str, built: Built) -> _Told:
    """The app's own image could not be made: its failure, unless the log speaks of infrastructure."""
    runtime = plan.manifest.apps[name].runtime
    outcome, quote = refusal(conductor, built, (runtime.family,))
    cell = Cell(name, "isolated", str(runtime), outcome, phase="build", exit_code=built.exit_code, quote=quote)
    return _Told(cell, tail=built.tail[-TAIL_LINES:])


def _waiting(plan: Plan, name: str) -> _Told:
    runtime = str(plan.manifest.apps[name].runtime)
    return _Told(Cell(name, "isolated", runtime, "not-run", quote="what it depends on is not up"))


def _tell(conductor: Conductor, plan: Plan, all_told: list[_Told]) -> list[Cell]:
    """One event per app and one per cell, in the manifest's order."""
    images = conductor.engine.present([image.tag for image in plan.images.values()])
    for told in all_told:
        cell, app, tag = told.cell, plan.manifest.apps[told.cell.app], plan.images[told.cell.app].tag
        state: State = "failed" if cell.outcome != "pass" else "healthy" if app.is_service else "exited"
        kept = told.tail if state == "failed" else ()
        image = images.get(tag, tag)
        conductor.emit(
            AppObserved(app.name, str(app.runtime), cell.observed, image, state, told.url, cell.checks, kept)
        )
        conductor.emit(CellObserved(None, cell, kept))
    return [told.cell for told in all_told]
