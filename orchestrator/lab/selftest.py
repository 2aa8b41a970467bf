"""A lab proves itself: every check fails before its step's solution and passes after it, in time."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import IsolateError, Unavailable
from orchestrator.lab import checking, course, workspace
from orchestrator.lab.command import Told, run
from orchestrator.lab.finding import Finding
from orchestrator.lab.values import Lab, Step


@dataclass(frozen=True, slots=True)
class Proved:
    """One step. `wrong` is empty where all held; `seconds` is what the check took on the solution.

    unsure: why nothing was proved, where the machine is at fault and not the lab.
    """

    lab: str
    step: str
    seconds: float
    wrong: tuple[str, ...] = ()
    unsure: str = ""


def prove(lab: Lab, steps: Sequence[Step], told: Told, each: Callable[[Proved], None]) -> None:
    """Walk through these steps in a folder of its own; what their solutions leave up is removed at the end.

    `each` is called with every step as soon as it was looked at. Of a step that is left out only the files of its
    solution are laid.
    """
    with _folder(lab) as folder:
        workspace.make(lab, lab.steps[0], folder)
        for step in lab.steps:
            if step in steps:
                each(_prove(lab, step, folder, told))
            else:
                workspace.solve(step, folder)


@contextmanager
def _folder(lab: Lab) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="isolate-selftest-") as parent:
        folder = Path(parent) / lab.name
        try:
            yield folder
        finally:
            for manifest in dict.fromkeys(one for step in lab.steps for one in step.manifests):
                if (folder / manifest).is_file():
                    run(("down", manifest), folder, 60, lambda _: None)


def _prove(lab: Lab, step: Step, folder: Path, told: Told) -> Proved:
    try:
        before = checking.check(lab, step, folder, told)
        checking.proves_nothing(before)
        workspace.solve(step, folder)
        course.run_solution(step, folder, told)
        began = time.monotonic()
        after = checking.check(lab, step, folder, told)
        seconds = time.monotonic() - began
        checking.proves_nothing(after)
    except Unavailable as error:
        return Proved(lab.name, step.name, 0.0, unsure=_where(error))
    except IsolateError as error:
        return Proved(lab.name, step.name, 0.0, (_where(error),))
    return Proved(lab.name, step.name, seconds, tuple(_wrong(step, before, after, seconds)))


def _wrong(step: Step, before: Sequence[Finding], after: Sequence[Finding], seconds: float) -> Iterator[str]:
    if all(one.outcome == "pass" for one in before):
        yield "the check passes although nothing was done"
    for one in after:
        if one.outcome != "pass":
            yield f"after the solution: {one.wanted}: {one.seen}"
    if seconds > step.seconds:
        yield f"the check took {seconds:.0f} s, its budget is {step.seconds} s"


def _where(error: IsolateError) -> str:
    return ": ".join(part for part in (error.where, error.message) if part)
