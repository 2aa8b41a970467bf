"""What a `.dockerignore` leaves out, as Docker reads it. The time it takes is bounded, whatever the patterns say.

Of Docker's rules one is left out: `**` within a name, as in `a**b`, is no more than `*`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from posixpath import normpath

ANY = "**"
"""Any number of folders."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line: the names of a path from the context's root; `keeps` takes back what an earlier line left out."""

    names: tuple[str, ...]
    keeps: bool = False


def patterns(lines: Iterable[str]) -> tuple[Pattern, ...]:
    """The lines that say something, in order."""
    stripped = (line.strip() for line in lines if not line.startswith("#"))
    made = (_pattern(line) for line in stripped if line)
    return tuple(one for one in made if one.names)


def _pattern(line: str) -> Pattern:
    path = normpath(f"/{line.removeprefix('!').strip()}").strip("/")
    names = re.sub(r"(^|/)\*\*(?=[^*/])", r"\1**/", path).split("/")
    return Pattern(tuple(map(_name, filter(None, names))), keeps=line.startswith("!"))


def _name(name: str) -> str:
    """Go's patterns in the words of `fnmatch`: `[^a]` is `[!a]`, and a backslash takes a character as it is."""
    literal = re.sub(r"\\([*?\[])", r"[\1]", name.replace("[^", "[!"))
    return re.sub(r"\\(.)", r"\1", literal)


def ignored(path: str, given: Sequence[Pattern]) -> bool:
    """Whether the last pattern that fits the path, or a folder above it, leaves it out."""
    names = path.split("/")
    return next((not one.keeps for one in reversed(given) if _fits((*one.names, ANY), names)), False)


def _fits(wanted: Sequence[str], names: Sequence[str]) -> bool:
    """Where a name does not fit, the last ANY takes one more; an earlier one could do no better."""
    at, name, last, taken = 0, 0, -1, 0
    while name < len(names):
        if at < len(wanted) and wanted[at] == ANY:
            last, taken, at = at, name, at + 1
        elif at < len(wanted) and fnmatchcase(names[name], wanted[at]):
            at, name = at + 1, name + 1
        elif last >= 0:
            taken += 1
            at, name = last + 1, taken
        else:
            return False
    return all(one == ANY for one in wanted[at:])
