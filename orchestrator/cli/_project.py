"""Which project a word of the command line means: a manifest's path, or the bare name of what an engine holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.errors import NothingSelected, UsageError
from orchestrator.labels import APP, NAME, OWNER, PROJECT

if TYPE_CHECKING:
    from orchestrator.engines import Engine, Found


@dataclass(frozen=True, slots=True)
class Project:
    """A project, and what the engine holds of it."""

    name: str
    labels: Mapping[str, str]
    found: tuple[Found, ...]


def resolve(engine: Engine, word: str, renamed: str | None = None) -> Project:
    """A path means that manifest's own project, a bare name the project so called; its labels hold the owner, if known.

    Raises UsageError where the word can be neither, or where projects of several owners bear that name.
    """
    labels = labelled(word, renamed)
    found = engine.holdings(labels)
    owners = {one.labels[OWNER] for one in found if one.labels.get(OWNER)}
    if len(owners) > 1:
        raise UsageError(
            f"projects of {len(owners)} manifests are called {word}: " + "; ".join(_owned(found, owners)),
            hint="name the manifest's path instead",
        )
    labels |= zip([OWNER], owners, strict=False)
    return Project(found[0].labels[PROJECT] if found else labels.get(PROJECT, word), labels, found)


def labelled(word: str, renamed: str | None = None) -> dict[str, str]:
    """What everything carries that a word means. Raises UsageError where it can mean nothing."""
    if renamed and not Path(word).is_file():
        raise UsageError(f"-p goes with a manifest, and {word} is none", hint=f"name the project itself: {renamed}")
    return _of_manifest(Path(word), renamed) if Path(word).is_file() else _of_name(word)


def boxes(engine: Engine, words: Sequence[str], renamed: str | None = None) -> tuple[list[Found], list[str]]:
    """`[M|NAME] [APP...]` -> the project's boxes, and the apps that were named.

    The first word is an app where it is no project and there is but one project. Raises NothingSelected, UsageError.
    """
    if renamed and not (words and Path(words[0]).is_file()):
        words, renamed = [renamed, *words], None
    everything = engine.found({PROJECT: ""})
    projects = {one.labels[PROJECT] for one in everything}
    if words and (Path(words[0]).is_file() or words[0] in projects):
        return _containers(resolve(engine, words[0], renamed).found, words[0]), list(words[1:])
    if words and len(projects) != 1:
        raise NothingSelected(f"no project is called {words[0]}", hint=_there(projects))
    if len(projects) > 1:
        raise UsageError("there are several projects", hint=_there(projects))
    return _containers(everything, ""), list(words)


def apps(box: Found) -> list[str]:
    """The apps of one box."""
    return box.labels.get(APP, "").split(",")


def chosen(found: Sequence[Found], names: Sequence[str]) -> list[Found]:
    """The boxes that hold one of these apps; all where none is named. Raises NothingSelected for an unknown one."""
    known = {app for box in found for app in apps(box)}
    if missing := [name for name in names if name not in known]:
        raise NothingSelected(f"no app is called {missing[0]}", hint=f"there is: {', '.join(sorted(known))}")
    return [box for box in found if not names or set(names).intersection(apps(box))]


def _containers(found: Iterable[Found], word: str) -> list[Found]:
    containers = [one for one in found if one.kind == "container"]
    if not containers:
        raise NothingSelected(f"{word or 'isolate'} has no box here", hint="isolate up MANIFEST starts one")
    return containers


def _there(projects: Iterable[str]) -> str:
    return f"there is: {', '.join(sorted(projects)) or 'nothing; isolate up MANIFEST starts one'}"


def _of_manifest(path: Path, renamed: str | None) -> dict[str, str]:
    """By owner, whatever the file says by now."""
    from orchestrator.running import owner

    return {OWNER: owner(path)} | ({PROJECT: renamed} if renamed else {})


def _of_name(word: str) -> dict[str, str]:
    if not re.fullmatch(NAME, word) or word.endswith((".yaml", ".yml")):
        raise UsageError(f"there is no manifest {word}, and no project can be called so", hint="isolate ps shows them")
    return {PROJECT: word}


def _owned(found: Iterable[Found], owners: Iterable[str]) -> list[str]:
    held = {owner: [one.name for one in found if one.labels.get(OWNER, "") == owner] for owner in sorted(owners)}
    return [f"{owner} has {', '.join(names)}" for owner, names in held.items()]
