"""lab.yaml, described once: the reader and the JSON Schema both follow from this page (docs/labs.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from orchestrator.lab.values import Fact
from orchestrator.manifest import words
from orchestrator.manifest.definition import EXIT, MATCHER, STDERR, STDOUT
from orchestrator.manifest.schema import document
from orchestrator.manifest.shapes import ByKey, Field, ListOf, Record, Text, Whole
from orchestrator.model import Kind, VerdictName

PATH = Text(
    says="a path inside the learner's folder",
    pattern=r"(?!(.*/)?\.\.(/|$))[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*",
    example="manifest.yaml",
)
MANIFEST = Text(says="a manifest in the learner's folder", pattern=rf"(?!-){PATH.pattern}\.ya?ml", example=PATH.example)
_RANGE = Text(
    says="a range of versions",
    pattern=rf"({words.FAMILY.pattern}@)?([0-9][0-9a-z.]*)?\.\.([0-9][0-9a-z.]*)?",
    example="3.8..3.12",
)
_ARM = Text(says="an arm", pattern="isolated|control|shared", example="isolated")
_OBSERVED = {"--json": (), "--keep-going": (), "--remembered": ()}
_TESTED = {**_OBSERVED, "--app": (words.APP_NAME,), "--shared": (words.NAME,)}
_REPORTS = {f"--{name}": (PATH,) for name in ("junit", "html", "markdown", "svg")}
_SEARCHED = {**_OBSERVED, "--app": (words.APP_NAME,), "--versions": (_RANGE,)}
VERBS: Mapping[str, Mapping[str, tuple[Text, ...]]] = {
    "validate": {"--json": ()},
    "render": {"--json": (), "-o": (PATH,)},
    "test": {**_TESTED, **_REPORTS},
    "up": {**_TESTED, "--arm": (_ARM,)},
    "down": {"--json": ()},
    "ps": {"--json": ()},
    "exec": {},
    "logs": {"--json": ()},
    "explain": _TESTED,
    "matrix": _SEARCHED,
    "pack": _SEARCHED,
    "bisect": {**_OBSERVED, "--runtime": (words.FAMILY, _RANGE)},
}
"""What a lab may have run, and with which options: each exactly so, with that many values behind it, never joined.

A manifest in the learner's folder comes first, so that no other project is meant. They write nowhere but into that
folder and to the engine, and neither raise a cap nor give a build a network that it does not have anyway.
"""
AGAIN = ("ps", "logs", "exec")
"""Verbs that a check may run again and again: they ask, and do not observe anything anew."""
NAMED: Mapping[str, Text | None] = {
    "ps": None,
    "exec": words.APP_NAME,
    "logs": words.APP_NAME,
    "bisect": words.APP_NAME,
}
"""What other words may follow that manifest, before two dashes: more manifests where nothing is said."""
LINE = Text(says="a line of text")
COMMAND = ListOf(words.ANY, least=1, hint="write the words after `isolate`: [exec, manifest.yaml, web, --, uname, -r]")
SAY = Field("say", LINE, "what a learner reads of this check, in place of words made from its values")
OVER = Field("over", words.NAME, "a folder of over/ that is laid on a copy of the learner's folder first")
ENTRY = Field("entry", words.NAME, "the shared entry; the first where nothing is said")
CHECK = ByKey(
    {
        "verdict": Record(
            "a verdict",
            (
                Field("verdict", Text(choices=get_args(VerdictName)), "what the run comes to", required=True),
                Field("manifest", MANIFEST, "of which file; manifest.yaml where nothing is said"),
                ENTRY,
                Field("kind", Text(choices=get_args(Kind)), "why, for a conflict"),
                Field("app", words.NAME, "the app that fails"),
                Field("because", MATCHER, "what one of the reasons must hold"),
                Field("escape", LINE, "a way out that works"),
                Field("exit", Whole(0, 255), "what `isolate test` ends with"),
                OVER,
                SAY,
            ),
        ),
        "command": Record(
            "a command",
            (
                Field("command", COMMAND, "the words after `isolate`", required=True),
                EXIT,
                STDOUT,
                STDERR,
                Field("within", Whole(0, 60), "run it again until it holds, for so many seconds; else it is run once"),
                OVER,
                SAY,
            ),
        ),
        "answer": Record(
            "an answer",
            (
                Field("answer", words.NAME, "a key of the learner's answers.yaml", required=True),
                Field("fact", Text(choices=get_args(Fact)), "what the command before it has shown", required=True),
                Field("at", words.RUNTIME, "the environment, for shared and control"),
                ENTRY,
                SAY,
            ),
        ),
    },
    otherwise=Record(
        "a check",
        (
            Field("file", PATH, "a file of the learner's", required=True),
            Field("holds", MATCHER, "what must stand in it", required=True),
            SAY,
        ),
        hint="write one of {verdict: conflict}, {command: [...]}, {answer: key, fact: app}, {file: path, holds: text}",
    ),
)
STEP = Record(
    "a step",
    (
        Field("name", words.NAME, "the folder of its text, below steps/", required=True),
        Field("title", LINE, "what it is about", required=True),
        Field("seconds", Whole(1, 1800), "what its check may take; 120 where nothing is said"),
        Field("solution", ListOf(COMMAND, hint="write a list: [[up, manifest.yaml]]"), "commands that solve it"),
        Field("check", ListOf(CHECK, least=1, hint="write a list: [{verdict: conflict}]"), "when it is done", True),
        Field("hints", ListOf(words.PROSE, least=3, hint="write three"), "from a nudge to nearly all of it", True),
        Field("idea", words.PROSE, "the idea of the solution", required=True),
    ),
    hint="write name, title, check, hints and idea",
)
LAB = Record(
    "a lab",
    (
        Field("title", LINE, "its title", required=True),
        Field("summary", LINE, "one line for the list", required=True),
        Field("minutes", Whole(1, 240), "what a learner needs", required=True),
        Field("number", Whole(1, 999), "its place in the course; last where nothing is said"),
        Field(
            "gallery",
            ListOf(
                Text(says="a folder of apps/", pattern="[a-z0-9-]+/[a-z0-9-]+", example="python/legacy"), unique=True
            ),
            "example apps that the learner's folder holds",
        ),
        Field("steps", ListOf(STEP, least=1, hint="write at least one"), "one after the other", required=True),
    ),
    hint="isolate lab new NAME writes a first one",
)


def schema() -> dict[str, Any]:
    """The JSON Schema of lab.yaml; what only the reader can see (folders that must exist) is not in it."""
    return document(LAB, "isolate lab", "Steps that a learner takes, and what isolate has to find when each is done.")
