"""The control and shared arms: boxes of the shared recipe, run, run again where they fail, and removed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from orchestrator import observe
from orchestrator.arms.boxes import start, tail
from orchestrator.arms.conductor import Conductor
from orchestrator.arms.images import build, refusal
from orchestrator.engines import Built
from orchestrator.events import CellObserved
from orchestrator.model import Cell, Phase
from orchestrator.observe import Seen
from orchestrator.plan import Plan, Trial

TRIALS = 3
"""Boxes at once."""


def trials(conductor: Conductor, plan: Plan, chosen: Sequence[Trial]) -> dict[str, list[Cell]]:
    """Run the boxes of the other arms; entry -> its cells. A refused install is the evidence itself."""
    built = build(conductor, (trial.image for trial in chosen))
    with ThreadPoolExecutor(TRIALS) as pool:
        rows = list(pool.map(lambda trial: _trial(conductor, plan, trial, built[trial.image.tag]), chosen))
    return _by_entry(plan, chosen, rows)


def not_run(conductor: Conductor, plan: Plan, chosen: Sequence[Trial]) -> dict[str, list[Cell]]:
    """The cells of an experiment that ended early."""
    rows = [[_blank(trial, name) for name in trial.apps] for trial in chosen]
    for trial, row in zip(chosen, rows, strict=True):
        for entry in trial.entries:
            for cell in row:
                conductor.emit(CellObserved(entry, cell))
    return _by_entry(plan, chosen, rows)


def _by_entry(plan: Plan, chosen: Sequence[Trial], rows: Sequence[list[Cell]]) -> dict[str, list[Cell]]:
    cells: dict[str, list[Cell]] = {entry.name: [] for entry in plan.manifest.shared}
    for trial, row in zip(chosen, rows, strict=True):
        for entry in trial.entries:
            cells[entry] += row
    return cells


def _blank(trial: Trial, name: str) -> Cell:
    beside = tuple(other for other in trial.apps if other != name)
    return Cell(name, trial.arm, trial.environment, "not-run", beside, trial.order)


def _trial(conductor: Conductor, plan: Plan, trial: Trial, built: Built) -> list[Cell]:
    seen = _runs(conductor, plan, trial) if built.ok else [(cell, ()) for cell in _refused(conductor, trial, built)]
    for cell, lines in seen:
        for entry in trial.entries:
            conductor.emit(CellObserved(entry, cell, lines))
    return [cell for cell, _ in seen]


def _refused(conductor: Conductor, trial: Trial, built: Built) -> list[Cell]:
    """The joint install failed: for every app in it, phase `build`."""
    outcome, quote = refusal(conductor, built, trial.box.families)
    told = {"outcome": outcome, "phase": "build", "exit_code": built.exit_code, "quote": quote}
    return [replace(_blank(trial, name), **told) for name in trial.apps]  # type: ignore[arg-type]


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
        start(conductor, trial.box)
        watched = observe.watch(engine, trial.box, plan.manifest.apps, conductor.stop)
        seen = [observe.check(engine, trial.box, one) for one in watched]
        return [(_held(conductor, trial, one), tail(one)) for one in seen]
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
