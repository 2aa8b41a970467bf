"""Is a step done? isolate's own verdicts say so."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from orchestrator.errors import ManifestError, Unavailable
from orchestrator.files import regular
from orchestrator.lab import facts, finding, workspace
from orchestrator.lab.command import Ran, Told, run
from orchestrator.lab.finding import ANSWERS, LARGEST, Finding
from orchestrator.lab.values import AnswerIs, CommandEnds, FileHolds, Lab, Step, VerdictIs
from orchestrator.manifest.complaint import complaint
from orchestrator.manifest.nodes import Items, Keys, RefusedError, Scalar
from orchestrator.manifest.tree import tree

BORROWS = ("test", "explain", "matrix", "pack", "bisect")
"""Verbs that leave nothing up, whatever their project is called."""

PAUSE_SECONDS = 0.5
"""Between two looks at what may take a while to come true."""


def check(lab: Lab, step: Step, folder: Path, told: Told) -> tuple[Finding, ...]:
    """The findings up to the first check that does not hold; the step is done where all of them passed.

    What costs nothing is looked at first: files, and whether there is an answer at all. One command that several checks
    ask about is run once. All answers are compared at the end, at once. Raises ManifestError where answers.yaml cannot
    be read, Unavailable.
    """
    answering = [one for one in step.checks if isinstance(one, AnswerIs)]
    answers = _answers(folder) if answering else {}
    blank = [one for one in answering if not facts.answered(answers.get(one.key))]
    if blank:
        return tuple(finding.blank(one) for one in blank)
    files = [one for one in step.checks if isinstance(one, FileHolds)]
    others = [one for one in step.checks if not isinstance(one, FileHolds)]
    commands = _Commands(lab, step, folder, told)
    findings: list[Finding] = []
    asked: list[tuple[AnswerIs, Ran]] = []
    for one in (*files, *others):
        match one:
            case AnswerIs():
                asked.append((one, commands.last))
                continue
            case FileHolds():
                findings.append(finding.of_file(one, folder))
            case VerdictIs() | CommandEnds():
                findings.append(_shown(one, commands, asking=bool(answering)))
        if findings[-1].outcome != "pass":
            return tuple(findings)
    return (*findings, *finding.compared(asked, answers))


class _Commands:
    """The commands of one check of a step: each is run once, unless it is asked for anew."""

    def __init__(self, lab: Lab, step: Step, folder: Path, told: Told) -> None:
        self._lab, self._step, self._folder, self._told = lab, step, folder, told
        self._ran: dict[tuple[tuple[str, ...], str | None], Ran] = {}
        self.last = Ran(0, "", "")

    def ran(self, one: VerdictIs | CommandEnds, *, anew: bool = False) -> Ran:
        key = (one.words, one.over)
        if anew or key not in self._ran:
            with _place(self._lab, self._folder, one.over) as place:
                self._ran[key] = run(_apart(one.words, place), place, self._step.seconds, self._told)
        self.last = self._ran[key]
        return self.last


def _shown(one: VerdictIs | CommandEnds, commands: _Commands, *, asking: bool) -> Finding:
    """Looked at again where the check gives it time: a box that was told to end is still there for a moment."""
    found = finding.of_command(one, commands.ran(one), asking=asking)
    until = time.monotonic() + (one.within if isinstance(one, CommandEnds) else 0)
    while found.outcome == "fail" and time.monotonic() < until:
        time.sleep(PAUSE_SECONDS)
        found = finding.of_command(one, commands.ran(one, anew=True), asking=asking)
    return found


def _apart(words: Sequence[str], place: Path) -> Sequence[str]:
    """The command, in a project of this folder's own: others on the engine may be at the same lab."""
    verb, *rest = words
    name = f"lab-{hashlib.sha256(bytes(place.resolve())).hexdigest()[:8]}"
    return (verb, "-p", name, *rest) if verb in BORROWS else words


@contextmanager
def _place(lab: Lab, folder: Path, over: str | None) -> Iterator[Path]:
    """The learner's folder, or a copy with an overlay on it."""
    if over is None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="isolate-lab-") as copy:
        place = Path(copy) / folder.name
        workspace.copy(folder, place)
        workspace.lay(lab.folder / "over" / over, place)
        yield place


def _answers(folder: Path) -> Mapping[str, object]:
    path = folder / ANSWERS
    try:
        text = regular(path, LARGEST).decode("utf-8-sig")
        root = tree(text, str(path))
    except RefusedError as refused:
        raise complaint(refused.problems, {str(path): text}) from None
    except (OSError, ValueError):
        raise ManifestError(
            "the answers cannot be read", where=str(path), hint="isolate lab reset brings it back"
        ) from None
    entries = root.entries if isinstance(root, Keys) else {}
    return {key: _plain(node) for key, node in entries.items()}


def _plain(node: object) -> object:
    match node:
        case Items(items=items):
            return [one.text for one in items if isinstance(one, Scalar)]
        case Scalar(value=None):
            return ""
        case Scalar(text=text):
            return text
    return ""


def proves_nothing(findings: tuple[Finding, ...]) -> None:
    """Raises Unavailable where the machine, and not the learner, is why the step is not done."""
    for one in findings:
        if one.outcome == "infrastructure":
            raise Unavailable(f"this proves nothing: {one.seen}", where=one.wanted, hint="isolate doctor")
