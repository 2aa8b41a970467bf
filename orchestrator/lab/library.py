"""Labs in a folder: those that isolate brings, or those of `--labs DIR`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestrator import resources
from orchestrator.errors import ManifestError, NothingSelected, UsageError
from orchestrator.files import regular
from orchestrator.lab.definition import AGAIN, LAB, MANIFEST, NAMED, VERBS
from orchestrator.lab.values import AnswerIs, Check, CommandEnds, FileHolds, Lab, Step, VerdictIs
from orchestrator.manifest.checks import matcher
from orchestrator.manifest.complaint import complaint
from orchestrator.manifest.fields import Fields
from orchestrator.manifest.hints import suggestion
from orchestrator.manifest.nodes import Problems, RefusedError
from orchestrator.manifest.reader import read
from orchestrator.manifest.shapes import Text
from orchestrator.manifest.tree import tree
from orchestrator.model import Mark

LARGEST = 256 * 1024
FILE = "lab.yaml"
MOST = 5000
"""Files and folders of a lab."""
LAST = 1000
BY_DEFAULT = 120


def labs(source: Path | None = None) -> dict[str, Lab]:
    """All labs of a folder by name, in the order of the course. Raises ManifestError, UsageError."""
    root = source or resources.labs()
    try:
        folders = [path.parent for path in sorted(root.glob(f"*/{FILE}"))]
    except OSError as error:
        raise UsageError(f"{root} cannot be read: {error.strerror}") from None
    if not folders:
        raise UsageError(f"there is no lab in {root}", hint="a lab is a folder with a lab.yaml: isolate lab new NAME")
    found = sorted(map(load, folders), key=lambda lab: (lab.number, lab.name))
    return {lab.name: lab for lab in found}


def find(name: str, source: Path | None = None) -> Lab:
    """One of them. Raises NothingSelected where there is none of that name."""
    known = labs(source)
    if name not in known:
        near = suggestion(name, tuple(known)) or f"there is: {', '.join(known)}"
        raise NothingSelected(f"there is no lab called {name}", hint=near)
    return known[name]


def load(folder: Path) -> Lab:
    """The lab in a folder; raises ManifestError with file, line and column, UsageError where it holds a link."""
    path = folder / FILE
    text = _text(path)
    _refuse_links(folder)
    problems = Problems()
    try:
        record: Fields = read(LAB, tree(text, str(path)), problems)
        problems.settle()
        steps = tuple(_step(one, folder, problems) for one in record.get("steps"))
        _refuse_missing(record, problems)
        problems.settle()
    except RefusedError as refused:
        raise complaint(refused.problems, {str(path): text}) from None
    return Lab(
        name=folder.resolve().name,
        title=record.get("title"),
        summary=record.get("summary"),
        minutes=record.get("minutes"),
        number=record.get("number", LAST),
        gallery=record.get("gallery", ()),
        steps=steps,
        folder=folder,
    )


def _refuse_links(folder: Path) -> None:
    """A stranger's link, followed, would put what is private into a learner's folder, and then into a box."""
    folders, seen = [folder], 0
    try:
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    seen += 1
                    if seen > MOST:
                        raise UsageError(f"{folder} holds more than {MOST} files")
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(Path(entry.path))
                    elif not entry.is_file(follow_symlinks=False):
                        raise UsageError(f"{entry.path} is neither a file nor a folder; a lab has nothing else")
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror}", where=str(error.filename)) from None


def _text(path: Path) -> str:
    try:
        return regular(path, LARGEST).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or "it is not UTF-8, or too large"
        raise ManifestError(f"{path} cannot be read: {reason}", where=f"{path}:1:1") from None


def _step(record: Fields, lab: Path, problems: Problems) -> Step:
    folder = lab / "steps" / record.get("name")
    for number, words in enumerate(record.get("solution", ())):
        _refuse(words, record.mark("solution", number), problems)
    return Step(
        name=record.get("name"),
        title=record.get("title"),
        seconds=record.get("seconds", BY_DEFAULT),
        solution=record.get("solution", ()),
        checks=tuple(_checks(record, lab, problems)),
        hints=record.get("hints"),
        idea=record.get("idea"),
        folder=folder,
        text=_prose(folder / "text.md", record.mark("name"), problems),
        after=_prose(folder / "after.md", record.mark("name"), problems),
    )


def _prose(path: Path, mark: Mark, problems: Problems) -> str:
    try:
        return regular(path, LARGEST).decode("utf-8-sig")
    except (OSError, ValueError):
        problems.add(mark, f"there is no {path.name} of this step", f"write {path}")
        return ""


def _checks(step: Fields, lab: Path, problems: Problems) -> Iterator[Check]:
    shown = False
    for number, record in enumerate(step.get("check")):
        mark = step.mark("check", number)
        values: Mapping[str, Any] = record.values
        if over := values.get("over"):
            _refuse_no_folder(lab / "over" / over, record.mark("over"), problems)
        if "answer" in values and not shown:
            problems.add(mark, "no check before this one runs anything that could answer", "put it after a verdict")
        if "command" in values:
            _refuse(values["command"], mark, problems)
        if "within" in values and values["command"][0] not in AGAIN:
            problems.add(record.mark("within"), f"only {', '.join(AGAIN)} are run again", "leave `within` out")
        shown |= "verdict" in values or "command" in values
        yield _check(values)


def _check(values: Mapping[str, Any]) -> Check:
    known = {key: value for key, value in values.items() if not key.startswith("x-")}
    for key in ("because", "stdout", "stderr", "holds"):
        if key in known:
            known[key] = matcher(known[key])
    if "verdict" in known:
        return VerdictIs(**known)
    if "command" in known:
        return CommandEnds(words=known.pop("command"), **known)
    if "answer" in known:
        return AnswerIs(key=known.pop("answer"), **known)
    return FileHolds(path=known.pop("file"), **known)


def _refuse(words: tuple[str, ...], mark: Mark, problems: Problems) -> None:
    """A lab comes from anybody: it may have isolate do things in the learner's folder and in boxes, nothing else."""
    verb = words[0]
    if verb not in VERBS:
        problems.add(mark, f"`isolate {verb}` is not for a lab", f"one of {', '.join(VERBS)}")
        return
    at = words.index("--") if "--" in words else len(words)
    if verb == "exec" and not words[at + 1 :]:
        problems.add(mark, "the command in the box is missing", "[exec, manifest.yaml, web, --, uname, -r]")
    if verb != "exec" and at < len(words):
        problems.add(mark, f"`isolate {verb}` has no two dashes", "leave them out")
    first, *others = words[1:at] or ("",)
    _refuse_other(MANIFEST, first, f"behind {verb}", mark, problems)
    named = NAMED.get(verb, MANIFEST)
    for word in _named(verb, others, mark, problems):
        if named is None:
            problems.add(mark, f"{word!r} is one word too many", f"[{verb}, manifest.yaml]")
        else:
            _refuse_other(named, word, f"behind {first}", mark, problems)


def _named(verb: str, words: Sequence[str], mark: Mark, problems: Problems) -> Iterator[str]:
    """The words that are neither an option nor its value; those are looked at here."""
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            yield word
            continue
        known = VERBS[verb]
        if word not in known:
            may = f"it may have {', '.join(known)}" if known else "leave it out"
            problems.add(mark, f"a lab's `isolate {verb}` may not have {word!r}", may)
        for shape in known.get(word, ()):
            _refuse_other(shape, next(rest, ""), f"behind {word}", mark, problems)


def _refuse_other(shape: Text, word: str, where: str, mark: Mark, problems: Problems) -> None:
    if word.startswith("-") or not re.fullmatch(shape.pattern, word):
        problems.add(mark, f"{where}, {word!r} is not {shape.says}", f"for example {shape.example}")


def _refuse_no_folder(folder: Path, mark: Mark, problems: Problems) -> None:
    if not folder.is_dir():
        problems.add(mark, f"there is no folder {folder}", "make it, with the files that differ")


def _refuse_missing(record: Fields, problems: Problems) -> None:
    for number, name in enumerate(record.get("gallery", ())):
        if not (resources.apps() / name).is_dir():
            problems.add(record.mark("gallery", number), f"there is no example app {name}", "isolate's apps/ has them")
    names = [step.get("name") for step in record.get("steps")]
    for number, name in enumerate(names):
        if name in names[:number]:
            problems.add(record.mark("steps", number, "name"), f"there are two steps called {name}")
