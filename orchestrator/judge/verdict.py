"""Evidence -> verdict: the table of SPEC section 4. It never guesses."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.judge import reasons
from orchestrator.judge.case import UNKNOWN, Case, Question, all_pass
from orchestrator.judge.kind import kind, next_question
from orchestrator.judge.words import proof
from orchestrator.model import Cell, Verdict
from orchestrator.wording import listed


def judge(case: Case) -> Verdict:
    """The table of SPEC section 4, row by row."""
    return (
        _broken(case.isolated())
        or _unsettled(case.isolated(), "isolated")
        or _unfair(case.own())
        or _unsettled(case.own(), "control")
        or _no_conflict(case)
        or _unsettled([cell for name in case.candidates for cell in case.joint(name)], "shared")
        or _unfair_base(case)
        or _conflict(case)
    )


def _broken(cells: Sequence[Cell]) -> Verdict | None:
    failing = [cell for cell in cells if cell.outcome == "fail"]
    if not failing:
        return None
    because = tuple(f"{cell.app} fails on its own runtime, {cell.environment}{proof(cell)}" for cell in failing)
    return Verdict("broken", because=because, app=failing[0].app)


def _unfair(cells: Sequence[Cell]) -> Verdict | None:
    failing = [cell for cell in cells if cell.outcome == "fail"]
    if not failing:
        return None
    because = tuple(
        f"the shared recipe is unfair: alone in it, {c.app} fails on its own {c.environment}{proof(c)}" for c in failing
    )
    return Verdict("inconclusive", because=because, app=failing[0].app)


def _unfair_base(case: Case) -> Verdict | None:
    """An app that fails alone on an OS base that nobody asked for has been wronged by the recipe."""
    failing = [cell for cell in case.probed("alone-on-base") if cell.outcome == "fail"]
    if case.entry.base or not failing:
        return None
    because = tuple(f"the shared recipe is unfair: alone on {c.base}, {c.app} fails{proof(c)}" for c in failing)
    return Verdict("inconclusive", because=because, app=failing[0].app)


def _unsettled(cells: Sequence[Cell], arm: str) -> Verdict | None:
    unknown = [cell for cell in cells if cell.outcome in UNKNOWN]
    if not unknown:
        return None
    because = tuple(f"{c.app} in the {arm} arm at {c.environment}: {c.outcome}{proof(c)}" for c in unknown)
    return Verdict("inconclusive", because=because)


def _no_conflict(case: Case) -> Verdict | None:
    works = tuple(name for name in case.candidates if all_pass(case.joint(name)))
    if not works:
        return None
    best = works[0]
    moved = {name: best for name in case.apps if case.moves(name, best)}
    together = (
        f"{listed(list(case.apps))} pass together" if len(case.apps) > 1 else f"{case.entry.apps[0]} passes alone"
    )
    where = "side by side" if best == "side-by-side" else f"at {best}"
    because = [f"{together} {where}{reasons.on_base(case)}"]
    because += [f"{name} declares {case.apps[name].runtime} and passes at {best}" for name in moved]
    because += reasons.hazards(case, best)
    return Verdict("no-conflict", because=tuple(because), works_at=works, moved=moved)


def _conflict(case: Case) -> Verdict:
    fair = case.fair()
    newer = case.candidates[: case.candidates.index(fair[0])] if fair else case.candidates
    open_ = [name for name in newer if not any(cell.outcome == "fail" for cell in case.alone(name))]
    unknown = [cell for name in open_ for cell in case.alone(name) if cell.outcome in UNKNOWN]
    if unknown:
        return Verdict("inconclusive", because=(f"{unknown[0].app} alone at {unknown[0].environment} is not known",))
    because = [line for name in case.candidates for line in reasons.of_environment(case, name)]
    because += [line for cell in case.cells if cell.probe for line in reasons.of_probe(case, cell)]
    because += [line for lines in case.findings.values() for line in lines]
    because += reasons.of_strangers(case)
    failing = [cell for name in (fair[:1] or case.candidates) for cell in case.failing(name)]
    app = failing[0].app if failing else None
    return Verdict("conflict", kind(case), tuple(dict.fromkeys(because)), app=app)


def question(case: Case) -> Question | None:
    """What to observe next, where there is a conflict whose kind is not plain yet."""
    return next_question(case) if judge(case).name == "conflict" else None
