"""The control and shared arms: boxes of the shared recipe, run, run again where they fail, and removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from orchestrator import observe
from orchestrator.arms.boxes import TAIL_LINES, start, tail
from orchestrator.arms.conductor import Conductor
from orchestrator.arms.images import build, refusal
from orchestrator.engines import Built
from orchestrator.events import CellObserved
from orchestrator.memory import fingerprint
from orchestrator.model import Cell
from orchestrator.observe import Seen
from orchestrator.plan import Plan, Trial

TRIALS = 3
"""Boxes at once."""
Observed = list[tuple[Cell, tuple[str, ...]]]
"""The cells of one box, each with its app's last lines."""


def trials(conductor: Conductor, plan: Plan, chosen: Sequence[Trial]) -> dict[str, list[Cell]]:
    """Run the boxes of the other arms; entry -> its cells."""
    return _by_entry(plan, chosen, run(conductor, plan, chosen))


def run(conductor: Conductor, plan: Plan, chosen: Sequence[Trial]) -> list[list[Cell]]:
    """Make the images of these trials and run their boxes; the cells of each, told for each of its entries.

    A refused install is the evidence itself.
    """
    made = conductor.engine.present([image.tag for image in plan.images.values()])
    absent = {image.tag for image in plan.images.values()} - made.keys()
    known = [_known(conductor, plan, trial) for trial in chosen]
    new = [trial for trial, cells in zip(chosen, known, strict=True) if cells is None]
    possible = [trial for trial in new if not absent.intersection(trial.image.parents)]
    built = build(conductor, (image for trial in possible for image in trial.images))

    def one(trial: Trial, cells: Observed | None) -> list[Cell]:
        seen = cells or (_seen(conductor, plan, trial, built) if trial in possible else _impossible(trial))
        if cells is None:
            conductor.memory.keep(fingerprint(trial, plan), [cell for cell, _ in seen])
        _tell(conductor, trial, seen)
        return [cell for cell, _ in seen]

    with ThreadPoolExecutor(TRIALS) as pool:
        return list(pool.map(one, chosen, known))


def _known(conductor: Conductor, plan: Plan, trial: Trial) -> Observed | None:
    """Cells of the same observation; what it was made for may be another question."""
    cells = conductor.memory.recall(fingerprint(trial, plan), conductor.repeat)
    if cells is None:
        return None
    named = {"arm": trial.arm, "environment": trial.environment, "order": trial.lane, "probe": trial.probe}
    return [(replace(cell, **named), ()) for cell in cells]  # type: ignore[arg-type]


def not_run(conductor: Conductor, plan: Plan, chosen: Sequence[Trial]) -> dict[str, list[Cell]]:
    """The cells of an experiment that ended early."""
    rows = [[_blank(trial, name) for name in trial.apps] for trial in chosen]
    for trial, row in zip(chosen, rows, strict=True):
        _tell(conductor, trial, [(cell, ()) for cell in row])
    return _by_entry(plan, chosen, rows)


def _tell(conductor: Conductor, trial: Trial, seen: Observed) -> None:
    for cell, lines in seen:
        for entry in trial.entries:
            conductor.emit(CellObserved(entry, cell, lines))


def _by_entry(plan: Plan, chosen: Sequence[Trial], rows: Sequence[list[Cell]]) -> dict[str, list[Cell]]:
    cells: dict[str, list[Cell]] = {entry.name: [] for entry in plan.manifest.shared}
    for trial, row in zip(chosen, rows, strict=True):
        for entry in trial.entries:
            cells[entry] += row
    return cells


def _blank(trial: Trial, name: str) -> Cell:
    beside = tuple(other for other in trial.apps if other != name)
    return Cell(name, trial.arm, trial.environment, "not-run", beside, trial.lane, trial.base, trial.probe)


def _impossible(trial: Trial) -> Observed:
    return [(replace(_blank(trial, name), quote="an app's own image could not be made"), ()) for name in trial.apps]


def _seen(conductor: Conductor, plan: Plan, trial: Trial, built: Mapping[str, Built]) -> Observed:
    """An environment of ours that cannot be made says nothing about the apps."""
    if trial.under and not built[trial.under.tag].ok:
        tail = built[trial.under.tag].tail
        note = f"{trial.under.cause} could not be made: {tail[-1] if tail else ''}"
        blank = [_blank(trial, name) for name in trial.apps]
        return [(replace(cell, outcome="infrastructure", phase="build", quote=note), tail) for cell in blank]
    ended = built[trial.image.tag]
    return _runs(conductor, plan, trial) if ended.ok else _refused(conductor, trial, ended)


def _refused(conductor: Conductor, trial: Trial, built: Built) -> Observed:
    """The joint install failed: for every app in it, phase `build`."""
    outcome, quote = refusal(conductor, built, trial.box.families, trial.images)
    told = {"outcome": outcome, "phase": "build", "exit_code": built.exit_code, "quote": quote}
    return [(replace(_blank(trial, name), **told), built.tail[-TAIL_LINES:]) for name in trial.apps]  # type: ignore[arg-type]


def _runs(conductor: Conductor, plan: Plan, trial: Trial) -> Observed:
    """Run the box; a failing one again, up to `repeat` times in all. Runs that disagree are flaky."""
    runs = [_run(conductor, plan, trial)]
    while len(runs) < conductor.repeat and not _passes(runs[0]) and _settled(runs[-1]):
        runs.append(_run(conductor, plan, trial, _why(runs[-1])))
    failures = sum(not _passes(run) for run in runs)
    if all(map(_settled, runs)) and 0 < failures < len(runs):
        note = f"flaky {failures}/{len(runs)}"
        worst = next(run for run in runs if not _passes(run))
        return [
            (replace(c, outcome="flaky", quote=f"{note}: {c.quote}") if c.outcome == "fail" else c, t) for c, t in worst
        ]
    return [(replace(cell, runs=len(runs)), tail) for cell, tail in runs[-1]]


def _passes(run: Observed) -> bool:
    return all(cell.outcome == "pass" for cell, _ in run)


def _settled(run: Observed) -> bool:
    return all(cell.outcome != "infrastructure" for cell, _ in run)


def _why(run: Observed) -> str:
    """What failed in a run; one that passed is run once more because it did."""
    return next((f"{cell.app}: {cell.quote}" for cell, _ in run if cell.outcome != "pass"), "now it passes")


def _run(conductor: Conductor, plan: Plan, trial: Trial, again: str = "") -> Observed:
    engine = conductor.engine
    try:
        start(conductor, trial.box, again)
        watched = observe.watch(engine, trial.box, plan.manifest.apps, conductor.stop)
        seen = [observe.check(engine, trial.box, one) for one in watched]
        what = str(trial).partition(":")[0]
        return [(_held(conductor, trial, one), tail(conductor, one, what)) for one in seen]
    finally:
        engine.discard(trial.box)


def _held(conductor: Conductor, trial: Trial, seen: Seen) -> Cell:
    """The tool checks that the box really holds what the cell is named after; the recipe is to blame if not.

    A runtime that cannot even tell its version on the OS that the entry names is evidence.
    """
    serves = trial.serves[seen.app.name]
    cell = observe.cell(seen, trial.box, trial.environment, serves, conductor.families)
    cell = replace(cell, order=trial.lane, base=trial.base, probe=trial.probe)
    family = conductor.families[seen.app.runtime.family]
    if cell.observed and family.satisfies(serves, cell.observed):
        return cell
    if trial.base and not cell.observed and cell.outcome == "fail":
        return cell
    note = f"the box holds {cell.observed or 'no known version'}, not {family.name}@{serves}"
    return replace(cell, outcome="infrastructure", phase="start", quote=note)
