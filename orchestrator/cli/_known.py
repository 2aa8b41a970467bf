"""The names a shell may complete: projects and apps on the engine, apps and entries of a manifest, earlier runs.

Asked at a prompt: quick, quiet, and never a failure. Labels are anybody's to write, so only what is a name goes out.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.model import Manifest

KINDS = ("targets", "apps", "entries", "runs")
SECONDS = 1.5
"""A prompt does not wait longer."""
HERE = "manifest.yaml"


def names(kind: str, line: Sequence[str]) -> list[str]:
    """What may come next; `line` has the words before the cursor.

    Of kind `targets` (projects, then apps of the one that is named), `apps` and `entries` (of the manifests on the
    line), `runs` (projects with a run). Where that takes too long, the process ends, with code 0.
    """
    signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with contextlib.suppress(Exception):
            return _names(sorted(_KINDS[kind](*_parted(line))))
        return []
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _names(found: Iterable[str]) -> list[str]:
    from orchestrator.labels import NAME

    return [name for name in found if re.fullmatch(NAME, name)]


def _parted(line: Sequence[str]) -> tuple[str, list[str]]:
    """The verb, and the words after it that are no options and no values of options."""
    from orchestrator import cli

    commands = next(one.choices for one in cli.parser()._actions if isinstance(one.choices, dict))  # noqa: SLF001
    verb = next(word for word in line if word in commands)
    takes = {option: _values(one) for one in commands[verb]._actions for option in one.option_strings}  # noqa: SLF001
    left, words = iter(line[line.index(verb) + 1 :]), list[str]()
    for word in left:
        if word.startswith("-"):
            list(islice(left, takes.get(word, 0)))
        else:
            words.append(word)
    return verb, words


def _values(option: argparse.Action) -> int:
    return 1 if option.nargs is None else option.nargs if isinstance(option.nargs, int) else 0


def _targets(verb: str, words: Sequence[str]) -> set[str]:
    """Projects; of `logs` and `exec` then apps of that project, which need not be named where it is the only one."""
    from orchestrator.cli import _project
    from orchestrator.labels import PROJECT
    from orchestrator.running import open_engine

    engine = open_engine()
    projects = {one.labels[PROJECT] for one in engine.holdings({PROJECT: ""})}
    if verb in {"ps", "down", "prune"} or (not words and len(projects) > 1):
        return projects - set(words)
    there, named = _project.boxes(engine, words)
    apps = {app for box in there for app in _project.apps(box)}
    if verb == "exec" and named:
        return set()
    return (apps | (set() if words else projects)) - set(named)


def _apps(verb: str, words: Sequence[str]) -> set[str]:
    return set(_manifest(verb, words).apps)


def _entries(verb: str, words: Sequence[str]) -> set[str]:
    return {entry.name for entry in _manifest(verb, words).shared}


def _manifest(verb: str, words: Sequence[str]) -> Manifest:
    """Those on the line; `bisect` takes the one that is here."""
    from orchestrator.files import load

    paths = [Path(word) for word in words if Path(word).is_file()]
    return load(paths or [Path(HERE)][: verb == "bisect"])


def _runs(_verb: str, _words: Sequence[str]) -> list[str]:
    from orchestrator import runs

    return runs.projects()


_KINDS: Mapping[str, Callable[[str, Sequence[str]], Iterable[str]]] = {
    "targets": _targets,
    "apps": _apps,
    "entries": _entries,
    "runs": _runs,
}
