"""Carries the three arms of a plan out on an engine and emits what happened. It has no opinions: the judge has."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from typing import TypeVar

from orchestrator import observe, signs
from orchestrator.engines import Built, Engine
from orchestrator.errors import Interrupted
from orchestrator.events import (
    AppObserved,
    AppReady,
    BoxStarted,
    BuildEnded,
    BuildLine,
    BuildStarted,
    CellObserved,
    Emit,
)
from orchestrator.family import Family
from orchestrator.model import App, Box, Cell, Image, Outcome, Phase, State
from orchestrator.observe import Seen
from orchestrator.plan import Plan, Trial

T = TypeVar("T")
BUILDERS = 4
"""Builds and starts at once; more gains nothing on two cores, and four are 3 to 4 times as quick as one."""
STARTERS = 8
TRIALS = 3


@dataclass(frozen=True, slots=True)
class Conductor:
    """What carrying out needs beside the plan. `repeat` is the total number of runs of a failing environment."""

    engine: Engine
    families: Mapping[str, Family]
    emit: Emit
    repeat: int = 2
    stop: threading.Event = field(default_factory=threading.Event)


# --- images --------------------------------------------------------------------------------------------------


def build(conductor: Conductor, images: Iterable[Image]) -> dict[str, Built]:
    """Make every image that is not there, in parallel, parents first; tag -> how it ended."""
    wanted = {image.tag: image for image in images}
    present = conductor.engine.present(tuple(wanted))
    done: dict[str, Built] = {}
    for tag in wanted.keys() & present.keys():
        conductor.emit(BuildEnded(tag, wanted[tag].cause, "reused"))
        done[tag] = Built(ok=True)
    missing = [image for tag, image in wanted.items() if tag not in present]
    with ThreadPoolExecutor(BUILDERS) as pool:
        while missing:
            ours = {image.tag for image in missing}
            ready = [image for image in missing if not ours.intersection(image.parents)]
            done.update(zip((i.tag for i in ready), pool.map(lambda i: _build(conductor, i), ready), strict=True))
            missing = [image for image in missing if image.tag not in done]
    return done


def _build(conductor: Conductor, image: Image) -> Built:
    if conductor.stop.is_set():
        raise Interrupted("interrupted")
    began = time.monotonic()
    conductor.emit(BuildStarted(image.tag, image.cause))
    built = conductor.engine.build(image, lambda line: conductor.emit(BuildLine(image.tag, line)))
    outcome, seconds = ("built" if built.ok else "refused"), round(time.monotonic() - began, 3)
    conductor.emit(BuildEnded(image.tag, image.cause, outcome, seconds, built.tail))  # type: ignore[arg-type]
    return built


# --- isolated ------------------------------------------------------------------------------------------------


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
        _each(lambda name: _start(conductor, plan.boxes[name]), names, STARTERS)
        seen.update(zip(names, _each(lambda name: _ready(conductor, plan.boxes[name], apps), names, 64), strict=True))
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


def _start(conductor: Conductor, box: Box) -> None:
    if conductor.stop.is_set():
        raise Interrupted("interrupted")
    fresh = conductor.engine.start(box)
    conductor.emit(BoxStarted(box.name, box.arm, tuple(launch.app for launch in box.launches), reused=not fresh))


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
    return _told(conductor, plan, cell, _url(seen), _tail(seen))


def _unbuilt(conductor: Conductor, plan: Plan, name: str, built: Built) -> Cell:
    """The app's own image could not be made: its failure, unless the log speaks of infrastructure."""
    app = plan.manifest.apps[name]
    outcome, quote = _refusal(conductor, built, (app.runtime.family,))
    cell = Cell(name, "isolated", str(app.runtime), outcome, phase="build", exit_code=built.exit_code, quote=quote)
    return _told(conductor, plan, cell, None, built.tail[-20:])


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


def _refusal(conductor: Conductor, built: Built, names: Iterable[str]) -> tuple[Outcome, str]:
    """What a failed build proves, and the line to quote."""
    families = [conductor.families[name] for name in names]
    if sign := signs.sign(built.tail, families):
        return "infrastructure", sign
    return "fail", signs.quote(built.tail, families)


def _tail(seen: Seen) -> tuple[str, ...]:
    name, kept = seen.app.name, seen.sighting
    return (*kept.stdout.get(name, ()), *kept.stderr.get(name, ()))[-20:]


# --- control and shared --------------------------------------------------------------------------------------


def trials(conductor: Conductor, plan: Plan, chosen: Sequence[Trial]) -> dict[str, list[Cell]]:
    """Run the boxes of the other arms; entry -> its cells. A refused install is the evidence itself."""
    built = build(conductor, (trial.image for trial in chosen))
    with ThreadPoolExecutor(TRIALS) as pool:
        rows = list(pool.map(lambda trial: _trial(conductor, plan, trial, built[trial.image.tag]), chosen))
    cells: dict[str, list[Cell]] = {entry.name: [] for entry in plan.manifest.shared}
    for trial, row in zip(chosen, rows, strict=True):
        for entry in trial.entries:
            cells[entry] += row
    return cells


def _trial(conductor: Conductor, plan: Plan, trial: Trial, built: Built) -> list[Cell]:
    seen = [(cell, ()) for cell in _refused(conductor, trial, built)] if not built.ok else _runs(conductor, plan, trial)
    for cell, tail in seen:
        for entry in trial.entries:
            conductor.emit(CellObserved(entry, cell, tail))
    return [cell for cell, _ in seen]


def _refused(conductor: Conductor, trial: Trial, built: Built) -> list[Cell]:
    """The joint install failed: for every app in it, phase `build`."""
    outcome, quote = _refusal(conductor, built, trial.box.families)
    return [
        Cell(
            app=name,
            arm=trial.arm,
            environment=trial.environment,
            outcome=outcome,
            beside=tuple(other for other in trial.apps if other != name),
            order=trial.order,
            phase="build",
            exit_code=built.exit_code,
            quote=quote,
        )
        for name in trial.apps
    ]


def _runs(conductor: Conductor, plan: Plan, trial: Trial) -> list[tuple[Cell, tuple[str, ...]]]:
    """Run the box; a failing one again, up to `repeat` times in all. Runs that disagree are flaky."""
    runs = [_run(conductor, plan, trial)]
    while len(runs) < conductor.repeat and not _passes(runs[0]) and _settled(runs[-1]):
        runs.append(_run(conductor, plan, trial))
    failures = sum(not _passes(run) for run in runs)
    if all(map(_settled, runs)) and 0 < failures < len(runs):
        note = f"flaky {failures}/{len(runs)}"
        worst = next(run for run in runs if not _passes(run))
        return [
            (replace(c, outcome="flaky", quote=f"{note}: {c.quote}") if c.outcome == "fail" else c, t) for c, t in worst
        ]
    return [(replace(cell, runs=len(runs)), tail) for cell, tail in runs[-1]]


def _passes(run: Sequence[tuple[Cell, tuple[str, ...]]]) -> bool:
    return all(cell.outcome == "pass" for cell, _ in run)


def _settled(run: Sequence[tuple[Cell, tuple[str, ...]]]) -> bool:
    return all(cell.outcome != "infrastructure" for cell, _ in run)


def _run(conductor: Conductor, plan: Plan, trial: Trial) -> list[tuple[Cell, tuple[str, ...]]]:
    engine = conductor.engine
    try:
        _start(conductor, trial.box)
        watched = observe.watch(engine, trial.box, plan.manifest.apps, conductor.stop)
        seen = [observe.check(engine, trial.box, one) for one in watched]
        return [(_held(conductor, trial, one), _tail(one)) for one in seen]
    finally:
        engine.discard(trial.box)


def _held(conductor: Conductor, trial: Trial, seen: Seen) -> Cell:
    """The tool checks that the box really holds what the cell is named after; the recipe is to blame if not."""
    cell = observe.cell(seen, trial.box, trial.environment, trial.order, conductor.families)
    family = seen.app.runtime.family
    meant = next(name.split("@")[1] for name in trial.environment.split("+") if name.startswith(f"{family}@"))
    if cell.observed and conductor.families[family].satisfies(meant, cell.observed):
        return cell
    phase: Phase = "start"
    note = f"the box holds {cell.observed or 'no known version'}, not {trial.environment}"
    return replace(cell, outcome="infrastructure", phase=phase, quote=note)
