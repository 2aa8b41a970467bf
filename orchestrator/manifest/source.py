"""What the loader is given: texts, and a way to ask what a folder holds. The disk is somebody else's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Folder:
    """A build context as it was found.

    path:    absolute and resolved.
    problem: why it cannot be a build context, or empty.
    texts:   file name -> text, for the files asked for that are there.
    """

    path: Path
    problem: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


Look = Callable[[str, Sequence[str]], Folder]
"""(`build` as written, file name patterns) -> the folder."""


@dataclass(frozen=True, slots=True)
class Source:
    """One manifest file: its path as the user gave it, its text, and its folder's contents on demand."""

    path: Path
    text: str
    look: Look
