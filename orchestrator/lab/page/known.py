"""What the files say: the labs there are, how far the learner is. Read again only where something changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.errors import IsolateError, NothingSelected
from orchestrator.lab import course, library, progress
from orchestrator.lab.course import Standing
from orchestrator.lab.progress import Progress
from orchestrator.lab.values import Lab

Stamp = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Known:
    """`at` is None where no lab was begun. What could not be read is in `wrong`."""

    labs: Mapping[str, Lab] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)
    at: Standing | None = None
    wrong: tuple[IsolateError, ...] = ()


def stamp() -> Stamp:
    """Another one whenever the learner's progress was written, here or in a terminal."""
    try:
        found = progress.place().stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def known(source: Path | None) -> Known:
    """Everything, as it is now."""
    wrong: list[IsolateError] = []
    labs: Mapping[str, Lab] = {}
    at: Standing | None = None
    kept = Progress()
    try:
        labs = library.labs(source)
    except IsolateError as error:
        wrong.append(error)
    try:
        kept = progress.load()
        at = course.standing() if kept.current else None
    except NothingSelected as error:
        wrong.append(error)
    except IsolateError as error:
        wrong += [error] if error.message not in {one.message for one in wrong} else []
    return Known(labs, kept, at, tuple(wrong))
