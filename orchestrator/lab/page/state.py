"""What the page knows beside the files: the action under way, and what the last check has shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from orchestrator.errors import IsolateError
from orchestrator.events import Event, RunStarted
from orchestrator.lab.course import Standing
from orchestrator.lab.finding import Finding
from orchestrator.picture import Picture, after

Place = tuple[str, str]
"""A lab and a step of it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that the learner is told, until the next action. `wrong` is an error."""

    message: str
    hint: str = ""
    where: str = ""
    excerpt: tuple[str, ...] = ()
    wrong: bool = True


@dataclass(frozen=True, slots=True)
class State:
    """`drawn`, `events` and `findings` are of the step `of`; `runs` counts the commands that were begun in this check.

    doing: the name of the action under way, `since` when (monotonic). stopping: it was told to end. up: whether what
    the last command has started is up still, so that its addresses answer. earlier: `drawn` is of an earlier check, as
    this one has run nothing yet. findings: None before a check has ended. ended: how many actions have. asked: the step
    whose reset was asked for once.
    """

    doing: str = ""
    since: float = 0.0
    stopping: bool = False
    of: Place = ("", "")
    drawn: Picture = field(default_factory=Picture)
    runs: int = 0
    up: bool = False
    earlier: bool = False
    findings: tuple[Finding, ...] | None = None
    said: Said | None = None
    ended: int = 0
    asked: Place | None = None


def place(at: Standing) -> Place:
    return at.lab.name, at.step.name


def told(state: State, event: Event, now: float) -> State:
    """After an event of a command that goes on; each command begins a picture of its own."""
    if isinstance(event, RunStarted):
        state = replace(state, drawn=Picture(), runs=state.runs + 1, earlier=False, up=True)
    if state.earlier:
        return state
    return replace(state, drawn=after(state.drawn, event, now - state.since))


def failure(error: IsolateError) -> Said:
    return Said(error.message, error.hint, error.where, error.excerpt)
