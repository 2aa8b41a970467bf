"""Is a step done? isolate's own verdicts say so."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from orchestrator.errors import ManifestError, Unavailable
from orchestrator.files import regular
from orchestrator.lab import facts, workspace
from orchestrator.lab.command import Ran, Told, run
from orchestrator.lab.values import AnswerIs, Check, CommandEnds, FileHolds, Lab, Step, VerdictIs
from orchestrator.manifest.complaint import complaint
from orchestrator.manifest.nodes import Items, Keys, RefusedError, Scalar
from orchestrator.manifest.tree import tree
from orchestrator.matching import matches
from orchestrator.model import Matcher

ANSWERS = "answers.yaml"
LARGEST = 1024 * 1024
SAID = 600
OTHER = "it is not what this step asks for"
ENDLESS = "the expression does not come to an end"
PROVES_NOTHING = (75, 130)
"""Exit codes of SPEC section 5 that say nothing about the apps."""

BORROWS = ("test", "explain", "matrix", "pack", "bisect")
"""Verbs that leave nothing up, whatever their project is called."""

Outcome = Literal["pass", "fail", "infrastructure"]
Came = tuple[Outcome, str, str]
"""What came of one check, what was seen, and the same for a learner."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check: `wanted` in words, and what was seen instead. `infrastructure` proves nothing.

    veiled: both, where these words would tell a learner an answer. checks: how many of the step's this is about.
    """

    outcome: Outcome
    wanted: str
    seen: str = ""
    veiled: tuple[str, str] | None = None
    checks: int = 1

    @property
    def for_learner(self) -> Finding:
        """In words that give no answer away."""
        wanted, seen = self.veiled or (self.wanted, self.seen)
        return replace(self, wanted=wanted, seen=seen, veiled=None)


def check(lab: Lab, step: Step, folder: Path, told: Told) -> tuple[Finding, ...]:
    """The findings up to the first check that does not hold; the step is done where all of them passed.

    What costs nothing is looked at first: files, and whether there is an answer at all. One command that several checks
    ask about is run once. All answers are compared at the end, at once. Raises ManifestError where answers.yaml cannot
    be read, Unavailable.
    """
    asking = any(isinstance(one, AnswerIs) for one in step.checks)
    answers = _answers(folder) if asking else {}
    blank = [one for one in step.checks if isinstance(one, AnswerIs) and not facts.answered(answers.get(one.key))]
    if blank:
        return tuple(Finding("fail", one.say or _wanted(one), f"{ANSWERS} has none yet") for one in blank)
    files = [one for one in step.checks if isinstance(one, FileHolds)]
    others = [one for one in step.checks if not isinstance(one, FileHolds)]
    findings: list[Finding] = []
    asked: list[tuple[AnswerIs, Ran]] = []
    ran: dict[tuple[Any, ...], Ran] = {}
    last = Ran(0, "", "")
    for one in (*files, *others):
        if isinstance(one, AnswerIs):
            asked.append((one, last))
            continue
        if isinstance(one, VerdictIs | CommandEnds):
            key = (one.words, one.over)
            if key not in ran:
                with _place(lab, folder, one.over) as place:
                    ran[key] = run(_apart(one.words, place), place, step.seconds, told)
            last = ran[key]
        findings.append(_finding(one, folder, last, asking=asking))
        if findings[-1].outcome != "pass":
            return tuple(findings)
    return (*findings, *_compared(asked, answers))


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


def _finding(one: VerdictIs | CommandEnds | FileHolds, folder: Path, ran: Ran, *, asking: bool) -> Finding:
    """asking: the step has a question whose answer the words for its author may hold."""
    try:
        outcome, seen, told = _looked_at(one, folder, ran, asking=asking)
    except TimeoutError:
        outcome, seen, told = "infrastructure", ENDLESS, ENDLESS
    match one:
        case VerdictIs():
            veils = bool(asking or one.because or one.app)
        case CommandEnds():
            veils = asking
        case FileHolds():
            veils = False
    if one.say or veils:
        return Finding(outcome, _wanted(one), seen, (one.say or _asked(one), told if veils else seen))
    return Finding(outcome, _wanted(one), seen)


def _looked_at(one: VerdictIs | CommandEnds | FileHolds, folder: Path, ran: Ran, *, asking: bool) -> Came:
    match one:
        case VerdictIs():
            return _verdict(one, ran, asking=asking)
        case CommandEnds():
            return _command(one, ran)
        case FileHolds():
            outcome, seen = _file(one, folder)
            return outcome, seen, seen


def _wanted(one: Check) -> str:
    """In words: `manifest.yaml: conflict (runtime)`."""
    match one:
        case VerdictIs():
            kind = f" ({one.kind})" if one.kind else ""
            more = [f"app {one.app}"] * bool(one.app) + [f"{one.escape} works"] * bool(one.escape)
            more += [f"because of {_text(one.because)}"] if one.because else []
            more += [f"exit {one.exit}"] if one.exit is not None else []
            return ", ".join([f"{_of(one)}: {one.verdict}{kind}", *more])
        case CommandEnds():
            says = [f"{name} {_text(m)}" for name, m in (("stdout", one.stdout), ("stderr", one.stderr)) if m]
            return ", ".join([f"{_asked(one)}: exit {one.exit}", *says])
        case AnswerIs():
            return f"an answer: {one.key}"
        case FileHolds():
            return f"{one.path} holds {_text(one.holds)}"


def _asked(one: Check) -> str:
    """What is looked at, and not what has to come out."""
    match one:
        case VerdictIs():
            return f"{_of(one)}: isolate test"
        case CommandEnds():
            return f"isolate {' '.join(one.words)}{f', with {one.over}' if one.over else ''}"
        case AnswerIs():
            return _wanted(one)
        case FileHolds():
            return one.path


def _of(one: VerdictIs) -> str:
    return ", ".join([one.manifest, *([one.entry] if one.entry else []), *([f"with {one.over}"] if one.over else [])])


def _verdict(one: VerdictIs, ran: Ran, *, asking: bool) -> Came:
    if ran.code in PROVES_NOTHING:
        return "infrastructure", _last_words(ran), _last_words(ran)
    try:
        entry = facts.entry_of(json.loads(ran.out), one.entry)
    except (ValueError, LookupError, TypeError):
        return "fail", _last_words(ran), _last_words(ran)
    texts = [*entry["because"], *(cell["quote"] for cell in entry["cells"])]
    escapes = {way["name"] for way in entry["escapes"] if way["outcome"] == "pass"}
    held = (
        entry["verdict"] == one.verdict
        and one.kind in (None, entry["kind"])
        and one.app in (None, entry["app"])
        and (one.because is None or any(matches(one.because, text) for text in texts))
        and one.escape in (None, *escapes)
        and one.exit in (None, ran.code)
    )
    seen = _came_to(entry, ran.code)
    veiled = f"{OTHER}{_missed(entry)}" if asking else f"{seen}; {OTHER}"
    return "pass" if held else "fail", seen, veiled


def _came_to(entry: Mapping[str, Any], code: int) -> str:
    """In words: `conflict (runtime), exit 0: ...`."""
    kind = f" ({entry['kind']})" if entry["kind"] else ""
    because = f": {entry['because'][0]}" if entry["because"] else ""
    return f"{entry['verdict'] or 'no verdict'}{kind}{_missed(entry)}, exit {code}{because}"


def _missed(entry: Mapping[str, Any]) -> str:
    return ", not as the manifest's `expect` says" if entry.get("as_expected") is False else ""


def _command(one: CommandEnds, ran: Ran) -> Came:
    if ran.code in PROVES_NOTHING and ran.code != one.exit:
        return "infrastructure", _last_words(ran), _last_words(ran)
    held = (
        ran.code == one.exit
        and (one.stdout is None or matches(one.stdout, ran.out))
        and (one.stderr is None or matches(one.stderr, ran.err))
    )
    words = _last_words(ran)
    if ran.code == one.exit and not held:
        words = f"it does not say so, but\n{_first_lines(ran)}"
    seen = f"exit {ran.code}" if words == f"exit {ran.code}" else f"exit {ran.code}: {words}"
    return "pass" if held else "fail", seen, seen if ran.err.strip() else OTHER


def _compared(asked: Sequence[tuple[AnswerIs, Ran]], answers: Mapping[str, object]) -> Iterator[Finding]:
    """How many are wrong, and not which: else each could be tried until it is right."""
    wrong: list[str] = []
    unknown: list[str] = []
    for one, ran in asked:
        right = facts.shown(one, ran.out)
        given = facts.readings(one, answers.get(one.key))
        if not right:
            yield Finding("fail", _wanted(one), f"the run has not shown it: {_last_words(ran)}")
            return
        if not set(given) & set(right):
            words = facts.possible(one, ran.out)
            if words and not any(reading <= words for reading in given):
                unknown.append(f"{one.key}: the words there are: {', '.join(sorted(words))}")
            wrong.append(f"{one.key} says {', '.join(sorted(given[0]))}")
    if not wrong:
        yield from (Finding("pass", one.say or _wanted(one)) for one, _ in asked)
        return
    count = f"{len(wrong)} of {len(asked)} answers {'are' if len(wrong) > 1 else 'is'}"
    told = f"{'the answer is' if len(asked) == 1 else count} not what was shown"
    told = "\n".join([told, *unknown])
    seen = f"{'; '.join(wrong)}; the run has shown something else"
    yield Finding("fail", ANSWERS, seen, (ANSWERS, told), len(asked))


def _file(one: FileHolds, folder: Path) -> tuple[Outcome, str]:
    try:
        path = (folder / one.path).resolve()
        if not path.is_relative_to(folder.resolve()):
            return "fail", "it leads out of the folder"
        text = regular(path, LARGEST).decode("utf-8", "replace")
    except (OSError, ValueError, RuntimeError):
        return "fail", "there is no such file"
    return ("pass", "") if matches(one.holds, text) else ("fail", "it does not")


def _text(matcher: Matcher) -> str:
    mark = "'" if '"' in matcher.text else '"'
    return f"/{matcher.text}/" if matcher.regex else f"{mark}{matcher.text}{mark}"


def _first_lines(ran: Ran) -> str:
    said = (ran.out.strip() or ran.err.strip() or "nothing").splitlines()
    return "\n".join(said[:8])[:SAID]


def _last_words(ran: Ran) -> str:
    """What it told people, from its end where that is long; a document is not for people."""
    said = ran.err.strip() or ("" if ran.out.startswith("{") else ran.out.strip())
    return said[:SAID] or f"exit {ran.code}"


def proves_nothing(findings: tuple[Finding, ...]) -> None:
    """Raises Unavailable where the machine, and not the learner, is why the step is not done."""
    for one in findings:
        if one.outcome == "infrastructure":
            raise Unavailable(f"this proves nothing: {one.seen}", where=one.wanted, hint="isolate doctor")
