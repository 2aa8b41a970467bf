"""What a command has shown, as something that an answer can be compared with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from orchestrator.lab.values import AnswerIs
from orchestrator.model import Kind, VerdictName

Words = frozenset[str]
SEVERAL = ("works_at", "shared", "control", "escapes", "environments", "lines")
"""Facts that may be lists."""


def shown(asked: AnswerIs, out: str) -> tuple[Words, ...]:
    """The answers that are right, each a set of words; none where the command has not shown it.

    `verdict`, `kind`, `app`, `works_at`: of the entry. `shared`, `control`: the apps that fail together, or alone, at
    `at`. `escapes`: the ways out that work. `lines`: what `explain` could not drop. `environments`: those of `pack`, or
    how many. `first`: what `bisect` found. `stdout`: all that it printed.
    """
    if asked.fact == "stdout":
        return (_words([out]),)
    try:
        document = json.loads(out)
        return tuple(words for words in _of_document(asked, document) if words)
    except (ValueError, LookupError, TypeError, AttributeError):
        return ()


def _of_document(asked: AnswerIs, document: Mapping[str, Any]) -> tuple[Words, ...]:
    if asked.fact == "first":
        return (_words([document["bisect"]["first"]]),)
    if asked.fact == "environments":
        bins = [one["environment"] for one in document["pack"]["environments"]]
        return (_words(bins), _words([str(len(bins))]))
    entry = entry_of(document, asked.entry)
    match asked.fact:
        case "verdict" | "kind" | "app":
            return (_words([entry[asked.fact]]),)
        case "works_at":
            return (_words(entry["works_at"]),)
        case "shared" | "control":
            failing = [cell["app"] for cell in _cells(entry, asked.fact, asked.at) if cell["outcome"] == "fail"]
            return (_words(failing) or _words(["none"]),)
        case "escapes":
            return (_words([one["name"] for one in entry["escapes"] if one["outcome"] == "pass"]),)
        case _:
            return (_words([line["text"] for line in entry["explanation"]["lines"]]),)


def entry_of(document: Mapping[str, Any], name: str | None) -> Mapping[str, Any]:
    """The shared entry of that name, or the first. Raises LookupError."""
    entries: Sequence[Mapping[str, Any]] = document["shared"]
    found = [one for one in entries if name in (None, one["name"])]
    return found[0]


def _cells(entry: Mapping[str, Any], arm: str, environment: str | None) -> Iterable[Mapping[str, Any]]:
    cells = [one for one in entry["cells"] if one["arm"] == arm and one["probe"] is None]
    there = [one for one in cells if environment in (None, one["environment"])]
    if not there:
        raise LookupError(environment)
    return there


def _words(texts: Iterable[str | None]) -> Words:
    """Case and blanks around do not count."""
    return frozenset(text.strip().casefold() for text in texts if text and text.strip())


def answered(value: object) -> Words:
    """A learner's answer in the same form."""
    return _words(str(one) for one in value) if isinstance(value, (list, tuple)) else _words([str(value or "")])


def possible(asked: AnswerIs, out: str) -> Words:
    """The words that an answer is made of, right or wrong; none where that cannot be said without saying which."""
    try:
        entry = entry_of(json.loads(out), asked.entry)
        match asked.fact:
            case "verdict":
                return _words(get_args(VerdictName))
            case "kind":
                return _words(get_args(Kind))
            case "app" | "shared" | "control":
                return _words([*(cell["app"] for cell in entry["cells"]), "none"])
            case "works_at":
                return _words(cell["environment"] for cell in entry["cells"])
            case "escapes":
                return _words(one["name"] for one in entry["escapes"])
    except (ValueError, LookupError, TypeError, AttributeError):
        pass
    return frozenset()


def readings(asked: AnswerIs, value: object) -> tuple[Words, ...]:
    """What an answer may mean, the likeliest first: one text with commas may be a list without its brackets."""
    whole = answered(value)
    if asked.fact not in SEVERAL or isinstance(value, (list, tuple)):
        return (whole,)
    parts = _words(str(value or "").strip("[] ").split(","))
    return (whole,) if parts == whole else (parts, whole)
