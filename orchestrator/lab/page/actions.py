"""What each button does: as the command of the same name, and what the page says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.lab import course
from orchestrator.lab.page.state import Said, State, place
from orchestrator.lab.values import CommandEnds, VerdictIs

if TYPE_CHECKING:
    from orchestrator.lab.page.workshop import Workshop

SURE = "Reset once more brings the files of this step back as they were when it began."
RUNS = ("up", "down", "test", "matrix", "pack", "bisect", "explain")


def _start(workshop: Workshop, name: str) -> None:
    course.start(name, workshop.source)


def _check(workshop: Workshop, _: str) -> None:
    """What the last one has run stays in the lanes until this one runs something."""
    at = course.standing()
    if workshop.state.of == place(at) and workshop.state.drawn != State().drawn:
        workshop.change(runs=0, earlier=True, findings=None)
    else:
        _forget(workshop, at)
    findings = course.check(at, workshop.told)
    words = [one.words[0] for one in at.step.checks if isinstance(one, VerdictIs | CommandEnds)]
    now = workshop.state
    workshop.change(findings=findings, up=now.up if now.earlier else _left_up(words))


def _hint(_workshop: Workshop, _: str) -> None:
    course.hint(course.standing())


def _solve(workshop: Workshop, _: str) -> Said:
    at = course.standing()
    _forget(workshop, at)
    aside = course.solve(at, workshop.told)
    workshop.change(up=_left_up([words[0] for words in at.step.solution]))
    return Said("The solution is laid over your files; a check says whether it holds.", _kept(aside), wrong=False)


def _reset(workshop: Workshop, _: str) -> Said:
    """The second one in a row does it: one key is too easily pressed."""
    at = course.standing()
    if workshop.state.asked != place(at):
        workshop.change(asked=place(at))
        return Said(SURE, "What is there now is kept beside it. Anything else leaves your files alone.", wrong=False)
    aside = course.reset(at)
    _forget(workshop, at)
    return Said(f"Your files are as they were when step {at.number} began.", _kept(aside), wrong=False)


def _next(_workshop: Workshop, _: str) -> Said | None:
    if course.advance(course.standing()):
        return None
    return Said("That was the last one; the list below shows all of them.", wrong=False)


def _forget(workshop: Workshop, at: course.Standing) -> None:
    """What the last check has shown is not about the files any more."""
    empty = State()
    workshop.change(of=place(at), drawn=empty.drawn, runs=0, up=True, earlier=False, findings=None, asked=None)


def _kept(aside: Path | None) -> str:
    return f"What was there before is kept in {aside}" if aside else ""


def _left_up(verbs: Sequence[str]) -> bool:
    """Of these commands, one after the other, the last that ran something: `up` alone leaves it up."""
    return next((verb == "up" for verb in reversed(verbs) if verb in RUNS), False)


SLOW = ("check", "solve")
ACTIONS: Mapping[str, Callable[[Workshop, str], Said | None]] = {
    "start": _start,
    "check": _check,
    "hint": _hint,
    "solve": _solve,
    "reset": _reset,
    "next": _next,
}
