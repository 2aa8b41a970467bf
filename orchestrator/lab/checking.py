"""Is a step done? isolate's own verdicts say so."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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
PROVES_NOTHING = (75, 130)
"""Exit codes of SPEC section 5 that say nothing about the apps."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check: `wanted` in words, and what was seen instead. `infrastructure` proves nothing."""

    outcome: Literal["pass", "fail", "infrastructure"]
    wanted: str
    seen: str = ""


def check(lab: Lab, step: Step, folder: Path, told: Told) -> tuple[Finding, ...]:
    """The findings up to the first check that does not hold; the step is done where all of them passed.

    What costs nothing is looked at first: files, and whether there is an answer at all. One command that several checks
    ask about is run once. Raises ManifestError where answers.yaml cannot be read.
    """
    answers = _answers(folder) if any(isinstance(one, AnswerIs) for one in step.checks) else {}
    blank = [one for one in step.checks if isinstance(one, AnswerIs) and not facts.answered(answers.get(one.key))]
    if blank:
        return tuple(Finding("fail", f"an answer: {one.key}", f"{ANSWERS} has none yet") for one in blank)
    files = [one for one in step.checks if isinstance(one, FileHolds)]
    others = [one for one in step.checks if not isinstance(one, FileHolds)]
    findings: list[Finding] = []
    ran: dict[tuple[Any, ...], Ran] = {}
    last = Ran(0, "", "")
    for one in (*files, *others):
        if isinstance(one, VerdictIs | CommandEnds):
            key = (one.words, one.over)
            if key not in ran:
                with _place(lab, folder, one.over) as place:
                    ran[key] = run(one.words, place, step.seconds, told)
            last = ran[key]
        findings.append(_finding(one, folder, answers, last))
        if findings[-1].outcome != "pass":
            break
    return tuple(findings)


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


def _finding(one: Check, folder: Path, answers: Mapping[str, object], ran: Ran) -> Finding:
    match one:
        case VerdictIs():
            return _verdict(one, ran)
        case CommandEnds():
            return _command(one, ran)
        case AnswerIs():
            return _answer(one, answers, ran)
        case FileHolds():
            return _file(one, folder)


def _verdict(one: VerdictIs, ran: Ran) -> Finding:
    wanted = verdict_wanted(one)
    if ran.code in PROVES_NOTHING:
        return Finding("infrastructure", wanted, _last_words(ran))
    try:
        entry = facts.entry_of(json.loads(ran.out), one.entry)
    except (ValueError, LookupError, TypeError):
        return Finding("fail", wanted, _last_words(ran))
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
    return Finding("pass" if held else "fail", wanted, verdict_seen(entry, ran.code))


def verdict_wanted(one: VerdictIs) -> str:
    """In words: `manifest.yaml: conflict (runtime)`."""
    kind = f" ({one.kind})" if one.kind else ""
    entry = f", {one.entry}" if one.entry else ""
    over = f", with {one.over}" if one.over else ""
    more = [f"app {one.app}"] * bool(one.app) + [f"{one.escape} works"] * bool(one.escape)
    more += [f"because of {_text(one.because)}"] if one.because else []
    more += [f"exit {one.exit}"] if one.exit is not None else []
    return ", ".join([f"{one.manifest}{entry}{over}: {one.verdict}{kind}", *more])


def verdict_seen(entry: Mapping[str, Any], code: int) -> str:
    """In words: `conflict (runtime), exit 0: ...`."""
    kind = f" ({entry['kind']})" if entry["kind"] else ""
    because = f": {entry['because'][0]}" if entry["because"] else ""
    return f"{entry['verdict'] or 'no verdict'}{kind}, exit {code}{because}"


def _command(one: CommandEnds, ran: Ran) -> Finding:
    says = [f"{name} {_text(m)}" for name, m in (("stdout", one.stdout), ("stderr", one.stderr)) if m]
    over = f", with {one.over}" if one.over else ""
    wanted = ", ".join([f"isolate {' '.join(one.words)}{over}: exit {one.exit}", *says])
    if ran.code in PROVES_NOTHING and ran.code != one.exit:
        return Finding("infrastructure", wanted, _last_words(ran))
    held = (
        ran.code == one.exit
        and (one.stdout is None or matches(one.stdout, ran.out))
        and (one.stderr is None or matches(one.stderr, ran.err))
    )
    return Finding("pass" if held else "fail", wanted, f"exit {ran.code}: {_last_words(ran)}")


def _answer(one: AnswerIs, answers: Mapping[str, object], ran: Ran) -> Finding:
    """What the right answer is, is not said."""
    wanted = f"an answer: {one.key}"
    right = facts.shown(one, ran.out)
    given = facts.answered(answers.get(one.key))
    if not right:
        return Finding("fail", wanted, f"the run has not shown it: {_last_words(ran)}")
    if given not in right:
        return Finding(
            "fail", wanted, f"{ANSWERS} says {', '.join(sorted(given))}, and the run has shown something else"
        )
    return Finding("pass", wanted)


def _file(one: FileHolds, folder: Path) -> Finding:
    wanted = f"{one.path} holds {_text(one.holds)}"
    try:
        path = (folder / one.path).resolve()
        if not path.is_relative_to(folder.resolve()):
            return Finding("fail", wanted, "it leads out of the folder")
        text = regular(path, LARGEST).decode("utf-8", "replace")
    except (OSError, ValueError):
        return Finding("fail", wanted, "there is no such file")
    return Finding("pass", wanted) if matches(one.holds, text) else Finding("fail", wanted, "it does not")


def _text(matcher: Matcher) -> str:
    return f"/{matcher.text}/" if matcher.regex else f'"{matcher.text}"'


def _last_words(ran: Ran) -> str:
    """What it told people, from its end where that is long; a document is not for people."""
    said = ran.err.strip() or ("" if ran.out.startswith("{") else ran.out.strip())
    return said[:SAID] or f"exit {ran.code}"


def proves_nothing(findings: tuple[Finding, ...]) -> None:
    """Raises Unavailable where the machine, and not the learner, is why the step is not done."""
    for one in findings:
        if one.outcome == "infrastructure":
            raise Unavailable(f"this proves nothing: {one.seen}", where=one.wanted, hint="isolate doctor")
