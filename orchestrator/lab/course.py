"""What a learner does: start, check, hint, solve, reset, next. The terminal, the watch and the page all call this."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from orchestrator import places
from orchestrator.errors import IsolateError, UsageError
from orchestrator.lab import checking, library, progress, workspace
from orchestrator.lab.command import Told, run
from orchestrator.lab.finding import Finding
from orchestrator.lab.progress import Begun
from orchestrator.lab.values import Lab, Step

FOLDER = "isolate-labs"


@dataclass(frozen=True, slots=True)
class Standing:
    """A lab that was begun, and the step that the learner is at."""

    lab: Lab
    begun: Begun

    @property
    def step(self) -> Step:
        return self.lab.step(self.begun.step)

    @property
    def folder(self) -> Path:
        return Path(self.begun.folder)

    @property
    def passed(self) -> bool:
        """Whether this step is done."""
        return self.step.name in self.begun.passed

    @property
    def finished(self) -> bool:
        """Whether all steps are."""
        return all(step.name in self.begun.passed for step in self.lab.steps)

    @property
    def number(self) -> int:
        """Of the step, from 1."""
        return self.lab.steps.index(self.step) + 1

    @property
    def hints(self) -> tuple[str, ...]:
        """Those that were asked for: the step's hints, then the idea of its solution."""
        return (*self.step.hints, self.step.idea)[: self.begun.hints.get(self.step.name, 0)]


def standing(name: str = "") -> Standing:
    """Of the current lab where no name is said. Raises NothingSelected where it was not begun."""
    name, begun = progress.load().at(name)
    return Standing(library.find(name, Path(begun.source) if begun.source else None), begun)


def start(name: str, source: Path | None = None, parent: Path | None = None) -> Standing:
    """Begin a lab in a folder of its own below `parent` (~/isolate-labs), or go on with it where it was left.

    A folder that is gone is made again, as the current step begins. Raises NothingSelected, UsageError, ManifestError,
    Unavailable.
    """
    lab = library.find(name, source)
    known = progress.load().labs.get(name)
    if known and Path(known.folder).is_dir():
        _refuse_other(name, known, source, parent)
        progress.change(name, lambda begun: begun)
        return standing(name)
    mine = known if known and known.source == origin(source) else Begun("", origin(source), lab.steps[0].name)
    folder = (parent or (Path(mine.folder).parent if mine.folder else places.home() / FOLDER)).absolute() / name
    workspace.begin(lab, lab.step(mine.step), folder)
    progress.begin(name, replace(mine, folder=str(folder)))
    return standing(name)


def origin(source: Path | None) -> str:
    """How the folder that labs come from is kept; empty for isolate's own."""
    return str(source.resolve()) if source else ""


def _refuse_other(name: str, known: Begun, source: Path | None, parent: Path | None) -> None:
    if known.source != origin(source):
        whose = known.source or "isolate's own labs"
        raise UsageError(f"another lab called {name} was begun, of {whose}", hint=f"remove {known.folder} first")
    if parent and parent.absolute() / name != Path(known.folder):
        raise UsageError(f"{name} was begun in {known.folder}", hint="go on there: leave --in out")


def check(at: Standing, told: Told) -> tuple[Finding, ...]:
    """Looks whether the step is done, and keeps that it is; in words that give no answer away."""
    findings = checking.check(at.lab, at.step, _there(at), told)
    if all(one.outcome == "pass" for one in findings):
        progress.change(at.lab.name, lambda begun: begun.done(at.step.name))
    return tuple(one.for_learner for one in findings)


def hint(at: Standing) -> Standing:
    """One more hint is shown, as long as there are any."""
    if len(at.hints) <= len(at.step.hints):
        at = replace(at, begun=progress.change(at.lab.name, lambda begun: begun.hinted(at.step.name)))
    return at


def solve(at: Standing, told: Told) -> Path | None:
    """Lay the solution over the learner's files and run its commands; where what was there before is kept now.

    Raises Unavailable where a command fails.
    """
    aside = workspace.set_aside(_there(at))
    workspace.solve(at.step, at.folder)
    run_solution(at.step, at.folder, told)
    return aside


def run_solution(step: Step, folder: Path, told: Told) -> None:
    """The commands of a solution; raises IsolateError where one does not end with 0."""
    for words in step.solution:
        ran = run(words, folder, step.seconds, told)
        if ran.code:
            said = ran.err.strip() or f"exit {ran.code}"
            failure = IsolateError(f"isolate {' '.join(words)} failed: {said}", where=str(folder))
            failure.exit_code = ran.code
            raise failure


def reset(at: Standing) -> Path | None:
    """The files as they are when the step begins; where the learner's are kept now."""
    return workspace.bring_back(at.lab, at.step, at.folder)


def advance(at: Standing) -> Standing | None:
    """The next step, or the first one of the next lab; None at the end. Raises UsageError where this is not done."""
    if not at.passed:
        raise UsageError(f"step {at.number} of {at.lab.name} is not done yet", hint="isolate lab check")
    if at.number < len(at.lab.steps):
        following = at.lab.steps[at.number].name
        return replace(at, begun=progress.change(at.lab.name, lambda begun: replace(begun, step=following)))
    source = Path(at.begun.source) if at.begun.source else None
    names = list(library.labs(source))
    after = names[names.index(at.lab.name) + 1 :]
    return start(after[0], source, at.folder.parent) if after else None


def _there(at: Standing) -> Path:
    if not at.folder.is_dir():
        raise UsageError(f"{at.folder} is gone", hint=f"isolate lab start {at.lab.name} makes it again")
    return at.folder
