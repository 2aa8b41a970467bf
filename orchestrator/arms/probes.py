"""Answers the judge's questions about a shared box that failed: one more box each, or a look at what is in one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from orchestrator import judge
from orchestrator.arms import inside
from orchestrator.arms.conductor import Conductor
from orchestrator.arms.trials import run
from orchestrator.errors import Unavailable
from orchestrator.events import StepStarted
from orchestrator.inventory import changes
from orchestrator.judge import Case, Question
from orchestrator.model import Cell, Lane
from orchestrator.plan import Design, Environment, Plan, further
from orchestrator.plan.trials import shared
from orchestrator.wording import some


def settled(conductor: Conductor, plan: Plan, case: Case) -> Case:
    """The case with every answer that the judge asked for."""
    while asked := judge.question(case):
        conductor.emit(StepStarted(case.entry.name, f"asking: {asked}"))
        match asked:
            case "installed" | "written":
                case = _found(case, asked, _looked(conductor, plan, case, asked))
            case _:
                designs = tuple(_designs(plan, case, asked))
                rows = run(conductor, plan, further(plan, designs))
                case = replace(case, cells=(*case.cells, *(cell for row in rows for cell in row)))
    return case


def _looked(conductor: Conductor, plan: Plan, case: Case, asked: judge.Finding) -> tuple[str, ...]:
    """A look that cannot be had finds nothing; it explains, and proves nothing."""
    try:
        return tuple((_installed if asked == "installed" else _written)(conductor, plan, case))
    except Unavailable:
        return ()


def _found(case: Case, asked: judge.Finding, lines: tuple[str, ...]) -> Case:
    return replace(case, findings={**case.findings, asked: lines})


def _designs(plan: Plan, case: Case, asked: Question) -> Iterator[Design]:
    """The boxes that one question takes; all of them differ from one already observed in a single thing."""
    entry, failing = case.entry, case.suspects()
    whole, env = _joint(plan, case), _environment(plan, case, failing[0])
    for name in dict.fromkeys(cell.app for cell in failing):
        alone = Design("control", (name,), env, entries=(entry.name,))
        served = env.serving(case.apps[name])
        match asked:
            case "alone-on-base":
                yield replace(alone, environment=replace(env, runtimes=(served,)), probe=asked)
            case "alone-there":
                yield replace(whole, arm="control", apps=(name,), holds=whole.apps, probe=asked)
            case "without-environment":
                yield replace(whole, arm="control", apps=(name,), holds=whole.apps, extra={}, probe=asked)
    if asked == "distinct-ports":
        yield replace(whole, ports="distinct", probe=asked)


def _joint(plan: Plan, case: Case) -> Design:
    """The box that failed."""
    (cell, *_) = case.suspects()
    lane: Lane = cell.order or "together"
    return shared(case.entry, plan.manifest, _environment(plan, case, cell), lane)


def _environment(plan: Plan, case: Case, cell: Cell) -> Environment:
    return next(env for env in plan.candidates[case.entry.name] if env.name == cell.environment)


# --- what is in a box ----------------------------------------------------------------------------------------


def _installed(conductor: Conductor, plan: Plan, case: Case) -> Iterator[str]:
    """Packages and files of an app that are others in the box that failed than where it is alone."""
    whole = _joint(plan, case)
    for cell in case.suspects():
        family = conductor.families[case.apps[cell.app].runtime.family]
        if not family.inventory:
            continue
        alone = Design("control", (cell.app,), whole.environment, entries=whole.entries)
        there = replace(alone, lane=whole.lane, holds=whole.apps)
        before, after = (inside.inventory(conductor, trial, family) for trial in further(plan, (alone, there)))
        if before and after:
            yield from changes(cell.app, before, after)


def _written(conductor: Conductor, plan: Plan, case: Case) -> Iterator[str]:
    """Paths that several apps write, each of them alone in the box that failed, and not with the same content."""
    whole = _joint(plan, case)
    paths = {}
    for name in whole.apps:
        alone = replace(whole, arm="control", apps=(name,), holds=whole.apps)
        (trial,) = further(plan, (alone,))
        paths[name] = inside.written(conductor, plan.manifest.apps, trial)
    for one, other in combinations(whole.apps, 2):
        shared_paths = paths[one].keys() & paths[other].keys()
        if both := sorted(path for path in shared_paths if paths[one][path] != paths[other][path]):
            yield f"{one} and {other} both write {some(both)}, each something else"
