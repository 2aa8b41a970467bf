"""What came of one check, in words: for the lab's author, and for a learner, who must not read an answer there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from orchestrator.files import regular
from orchestrator.lab import facts
from orchestrator.lab.command import Ran
from orchestrator.lab.values import AnswerIs, Check, CommandEnds, FileHolds, VerdictIs
from orchestrator.matching import matches
from orchestrator.model import Matcher

ANSWERS = "answers.yaml"
LARGEST = 1024 * 1024
SAID = 600
OTHER = "it is not what this step asks for"
ENDLESS = "the expression does not come to an end"
PROVES_NOTHING = (75, 130)
"""Exit codes of SPEC section 5 that say nothing about the apps."""

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


def blank(one: AnswerIs) -> Finding:
    """Of a question that is not answered at all."""
    return Finding("fail", one.say or _wanted(one), f"{ANSWERS} has none yet")


def of_file(one: FileHolds, folder: Path) -> Finding:
    """Of a file in the learner's folder."""
    outcome, seen = _file(one, folder)
    return Finding(outcome, _wanted(one), seen, (one.say, seen) if one.say else None)


def of_command(one: VerdictIs | CommandEnds, ran: Ran, *, asking: bool) -> Finding:
    """Of what a command has shown. asking: the step has a question whose answer the words for its author may hold."""
    try:
        outcome, seen, told = _verdict(one, ran, asking=asking) if isinstance(one, VerdictIs) else _command(one, ran)
    except TimeoutError:
        outcome, seen, told = "infrastructure", ENDLESS, ENDLESS
    veils = asking or (isinstance(one, VerdictIs) and bool(one.because or one.app))
    if one.say or veils:
        return Finding(outcome, _wanted(one), seen, (one.say or _asked(one), told if veils else seen))
    return Finding(outcome, _wanted(one), seen)


def compared(asked: Sequence[tuple[AnswerIs, Ran]], answers: Mapping[str, object]) -> Iterator[Finding]:
    """How many answers are wrong, and not which: else each could be tried until it is right."""
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


def _file(one: FileHolds, folder: Path) -> tuple[Outcome, str]:
    try:
        path = (folder / one.path).resolve()
        if not path.is_relative_to(folder.resolve()):
            return "fail", "it leads out of the folder"
        text = regular(path, LARGEST).decode("utf-8", "replace")
    except (OSError, ValueError, RuntimeError):
        return "fail", "there is no such file"
    try:
        return ("pass", "") if matches(one.holds, text) else ("fail", "it does not")
    except TimeoutError:
        return "infrastructure", ENDLESS


def _text(matcher: Matcher) -> str:
    mark = "'" if '"' in matcher.text else '"'
    return f"/{matcher.text}/" if matcher.regex else f"{mark}{matcher.text}{mark}"


def _first_lines(ran: Ran) -> str:
    said = (ran.out.strip() or ran.err.strip() or "nothing").splitlines()
    return "\n".join(said[:8])[:SAID]


def _last_words(ran: Ran) -> str:
    """What it told people, or a part of it where that is long; a document is not for people."""
    said = ran.err.strip() or ("" if ran.out.startswith("{") else ran.out.strip())
    return said[:SAID] or f"exit {ran.code}"
