"""The isolated arm: every app in its own box, all up at the same time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
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
from orchestrator.model import App, Box, Cell, Condition, Runtime, State
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
        conductor.engine.network(plan.project.network, plan.project.of_network(plan.manifest.apps))
    seen = _run(conductor, plan, without=set(refused))
    check = partial(_check, conductor, plan, seen)
    told = {name: _observed(conductor, plan, one) for name, one in zip(seen, _each(check, seen, STARTERS), strict=True)}
    told = dict(zip(told, _each(lambda name: _again(conductor, plan, told[name]), told, STARTERS), strict=True))
    told |= {name: _unbuilt(conductor, plan, name, one) for name, one in refused.items()}
    told |= {name: _waiting(plan, name) for name in plan.manifest.apps if name not in told}
    return _tell(conductor, plan, [told[name] for name in plan.manifest.apps])


def _run(conductor: Conductor, plan: Plan, without: set[str]) -> dict[str, Seen]:
    """Start all boxes as `depends_on` says, and wait until each app is ready or has failed to be.

    Who waits was submitted after those it waits for, so that a full pool always holds one that can go on.
    """
    apps = plan.manifest.apps
    up, seen = dict[str, Future[bool]](), dict[str, Future[Seen | None]]()

    def begin(name: str) -> bool:
        if not _may_start(apps[name], up, seen):
            return False
        start(conductor, plan.boxes[name])
        return True

    def follow(name: str) -> Seen | None:
        return _ready(conductor, plan.boxes[name], apps) if up[name].result() else None

    with ThreadPoolExecutor(STARTERS) as starters, ThreadPoolExecutor(WAITERS) as waiters:
        for name in (name for name in _dependencies_first(apps) if name not in without):
            up[name] = starters.submit(begin, name)
            seen[name] = waiters.submit(follow, name)
    return {name: one for name in seen if (one := seen[name].result())}


def _dependencies_first(apps: Mapping[str, App]) -> Iterable[str]:
    return TopologicalSorter({name: app.depends_on for name, app in apps.items()}).static_order()


def _may_start(app: App, up: Mapping[str, Future[bool]], seen: Mapping[str, Future[Seen | None]]) -> bool:
    """Compose's conditions, of apps whose image could be built."""
    return all(name in up and _met(condition, up[name], seen[name]) for name, condition in app.depends_on.items())


def _met(condition: Condition, up: Future[bool], seen: Future[Seen | None]) -> bool:
    """Waits until what is depended on was started; or is ready; or has ended, and well."""
    if condition == "service_started":
        return up.result()
    one = seen.result()
    return one is not None and one.phase == "done" and (condition == "service_healthy" or one.exit_code == 0)


def _check(conductor: Conductor, plan: Plan, seen: Mapping[str, Seen], name: str) -> Seen:
    return observe.check(conductor.engine, plan.boxes[name], seen[name])


def _each(call: Callable[[str], T], items: Collection[str], threads: int) -> list[T]:
    with ThreadPoolExecutor(min(threads, len(items)) or 1) as pool:
        return list(pool.map(call, items))


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
    cell = observe.cell(seen, plan.boxes[seen.app.name], str(runtime), runtime.version, conductor.families)
    if cell.outcome == "pass" and not cell.observed:
        cell = replace(cell, outcome="infrastructure", phase="start", quote="the runtime did not tell its version")
    elif cell.outcome == "pass" and not _satisfies(conductor, runtime, cell.observed or ""):
        cell = replace(cell, outcome="fail", phase="start", quote=f"the box holds {cell.observed}, not {runtime}")
    return _Told(cell, _url(seen), tail(conductor, seen, f"isolated {runtime}"))


def _again(conductor: Conductor, plan: Plan, first: _Told) -> _Told:
    """A box that failed is run again from the same image, up to `repeat` times in all; disagreement is flaky."""
    runs = [first]
    while len(runs) < conductor.repeat and runs[-1].cell.outcome == "fail":
        box = plan.boxes[first.cell.app]
        conductor.engine.discard(box)
        start(conductor, box, runs[-1].cell.quote)
        (seen,) = observe.watch(conductor.engine, box, plan.manifest.apps, conductor.stop)
        runs.append(_observed(conductor, plan, observe.check(conductor.engine, box, seen)))
    last = runs[-1]
    if last.cell.outcome == "pass" and len(runs) > 1:
        quote = f"flaky {len(runs) - 1}/{len(runs)}: {first.cell.quote}"
        return replace(last, cell=replace(first.cell, outcome="flaky", quote=quote, runs=len(runs)), tail=first.tail)
    return replace(last, cell=replace(last.cell, runs=len(runs)))


def _satisfies(conductor: Conductor, runtime: Runtime, observed: str) -> bool:
    return conductor.families[runtime.family].satisfies(runtime.version, observed)


def _unbuilt(conductor: Conductor, plan: Plan, name: str, built: Built) -> _Told:
    """The app's own image could not be made: its failure, unless the log speaks of infrastructure."""
    runtime = plan.manifest.apps[name].runtime
    outcome, quote = refusal(conductor, built, (runtime.family,), (plan.images[name],))
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
