"""What a learner sees in the terminal. A lab's texts come from anybody, so they are sanitised like all others."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from orchestrator.console.styles import style
from orchestrator.console.terminal import screen, show
from orchestrator.lab.course import Standing
from orchestrator.lab.finding import Finding
from orchestrator.sanitise import clean, one_line

if TYPE_CHECKING:
    from rich.console import RenderableType

LONGEST = 20_000


def step(at: Standing) -> None:
    """The step's text, and where to work."""
    title = f"{at.lab.title}: step {at.number} of {len(at.lab.steps)}, {at.step.title}"
    _show(
        _heading(title), _markdown(at.step.text), _dim(f"your files: {at.folder}\nwhen you are done: isolate lab check")
    )


def checked(at: Standing, findings: Sequence[Finding]) -> None:
    """What holds, what does not, in words that give no answer away, and the after-word once all does."""
    rest = len(at.step.checks) - sum(one.checks for one in findings)
    done = rest == 0 and all(one.outcome == "pass" for one in findings)
    _show(*(_finding(one.for_learner) for one in findings))
    if not done:
        more = f"not looked at yet: {rest} more\n" if rest else ""
        _show(_dim(f"{more}isolate lab hint helps, isolate lab text shows the step again"))
        return
    _show(_markdown(at.step.after), _dim(ending(at)))


def ending(at: Standing) -> str:
    """What comes after a step that is done."""
    if at.finished:
        return f"that was {at.lab.name}, all {len(at.lab.steps)} steps; isolate lab next begins the next lab"
    return f"step {at.number} of {len(at.lab.steps)} is done; isolate lab next goes on"


def hints(at: Standing) -> None:
    """All that were asked for."""
    told = [_markdown(f"**{_name(number, len(at.step.hints))}** {hint}") for number, hint in enumerate(at.hints, 1)]
    rest = "that was the last; isolate lab solve lays the solution over your files"
    _show(*told, *([_dim(rest)] if len(at.hints) > len(at.step.hints) else []))


def _name(number: int, of: int) -> str:
    return f"Hint {number} of {of}." if number <= of else "The idea."


def _finding(one: Finding) -> RenderableType:
    from rich.text import Text

    words = {"pass": "ok", "fail": "no", "infrastructure": "nothing proved"}[one.outcome]
    told = Text.assemble((f"{words:<4}", style(one.outcome)), one_line(one.wanted))
    if one.outcome != "pass":
        lines = clean(one.seen, 1200).splitlines()[:12]
        told.append("".join(f"\n    {line}" for line in lines))
    return told


def _heading(text: str) -> RenderableType:
    from rich.text import Text

    return Text(one_line(text), style="bold")


def _dim(text: str) -> RenderableType:
    from rich.text import Text

    return Text(clean(text), style="dim")


def _markdown(text: str) -> RenderableType:
    """No hyperlinks: a terminal would hide where they lead."""
    from rich.markdown import Markdown

    return Markdown(clean(text, LONGEST), hyperlinks=False)


def _show(*parts: RenderableType) -> None:
    from rich.console import Group
    from rich.text import Text

    spaced = [line for part in parts for line in (part, Text(""))]
    show(screen(sys.stdout), Group(*spaced))
