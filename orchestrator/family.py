"""What a runtime family is: a frozen value of a name, a few functions and signatures. No base class."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from re import Pattern
from typing import Protocol

NEVER = re.compile(r"(?!)")
"""Matches nothing."""
ALWAYS = re.compile("")
"""Matches everything."""
Declared = tuple[str, int]
"""A version or range as a file of the app's states it, and its line (from 1)."""


@dataclass(frozen=True, slots=True)
class Signature:
    r"""A line that a runtime is known to print, and what it means. It quotes and explains; it never judges.

    pattern: searched in each line, then in all of them (`\s` spans lines); with a group, only that part is quoted.
    """

    pattern: Pattern[str]
    infrastructure: bool = False
    meaning: str = ""


def same_release(declared: str, observed: str) -> bool:
    """`2.2` is met by `2.2.2`, `3.1` is not met by `3.12.1`."""
    return observed == declared or observed.startswith(declared + ".")


def meet(one: str, other: str) -> bool:
    """3.8 and 3.8.18 can be the same version, 3.8.5 and 3.8.18 cannot."""
    return same_release(one, other) or same_release(other, one)


@dataclass(frozen=True, slots=True)
class Setting:
    """A file for build steps that is never part of an image; a `secret` one holds credentials."""

    content: bytes
    secret: bool = False


class Machine(Protocol):
    """The user's machine, as far as a family may ask it how its registry is reached."""

    @property
    def environ(self) -> Mapping[str, str]: ...

    @property
    def home(self) -> Path: ...

    def text(self, path: Path) -> str | None:
        """What a file holds; None where there is none. Raises UsageError for one that is not UTF-8."""
        ...


def no_variables(_port: int | None) -> Mapping[str, str]:
    """Most runtimes read PORT as it is."""
    return {}


def no_settings(_machine: Machine) -> Mapping[str, Setting]:
    """The family fetches nothing."""
    return {}


def no_heap(_memory: int) -> Mapping[str, str]:
    """The runtime knows the limit of its box by itself."""
    return {}


def in_one_root(_version: str) -> str:
    """The family keeps all its versions in one place."""
    return ""


def nowhere_said(_folder: str) -> Mapping[str, str]:
    """The PATH is all that is asked."""
    return {}


def uncommented(text: str) -> str:
    """XML without its comments; lines keep their numbers."""
    first, *rest = text.split("<!--")
    parts = (part.partition("-->") for part in rest)
    return "".join([first, *("\n" * inside.count("\n") + after for inside, _, after in parts)])


def signs(*patterns: str, infrastructure: bool = False, meaning: str = "") -> tuple[Signature, ...]:
    """Signatures of one kind, in the order given."""
    return tuple(Signature(re.compile(pattern, re.MULTILINE), infrastructure, meaning) for pattern in patterns)


def declared(pattern: str, text: str) -> Declared | None:
    """What the first group of a pattern finds first, and its line."""
    found = re.search(pattern, text, re.MULTILINE)
    return (found[1], text.count("\n", 0, found.start(1)) + 1) if found else None


@dataclass(frozen=True, slots=True)
class Family:
    """One family of runtimes. Its templates and catalogue live in `images/<name>/`.

    version_command: prints the runtime's own version; asked in every box.
    observed:        that output -> the versions it names.
    satisfies:       (declared, observed) -> is it the one that was meant?
    environment:     port (None for a job) -> variables in which the family's world expects it.
    heap:            bytes that an app may use -> variables by which the runtime heeds it.
    package_files:   files of the build context that ask for packages.
    refers:          found in such a file where it names others of the context; `ALWAYS` where none of its lines can
                     be told from the rest, as in JSON.
    package:         what one entry of `packages` may look like; anything else is a manifest error.
    package_hint:    what those are told whose entry is refused.
    settings:        what the machine knows of the family's registry -> files for build steps, by name: `pip.conf`.
    joins_packages:  the packages of several apps go into one place, where they can clash.
    declarations:    file name or pattern, `*.csproj` -> text -> what it declares, where a manifest omits `runtime`.
    claims:          those of them that promise a range, where the others pin one version.
    allows:          (what any of them declares, version of the catalogue) -> does that admit the version? Of those
                     that all files admit the newest is taken.
    prefix:          version -> the folder a runtime of the family gets beside another, with `bin` in it.
    located:         that folder -> variables by which the family's world finds it.
    roll_forward:    variables, each a try of its own, that make a newer runtime serve an app of an older one.
    inventory:       prints what is installed, as `inventory.read` reads it; empty where the family installs nothing.
    signatures:      lines worth quoting, most telling first.
    """

    name: str
    version_command: tuple[str, ...]
    observed: Callable[[str], tuple[str, ...]]
    package: Pattern[str]
    package_hint: str = ""
    satisfies: Callable[[str, str], bool] = same_release
    environment: Callable[[int | None], Mapping[str, str]] = no_variables
    heap: Callable[[int], Mapping[str, str]] = no_heap
    settings: Callable[[Machine], Mapping[str, Setting]] = no_settings
    joins_packages: bool = True
    package_files: tuple[str, ...] = ()
    refers: Pattern[str] = NEVER
    declarations: Mapping[str, Callable[[str], Declared | None]] = field(default_factory=dict)
    claims: tuple[str, ...] = ()
    allows: Callable[[str, str], bool] = meet
    prefix: Callable[[str], str] = in_one_root
    located: Callable[[str], Mapping[str, str]] = nowhere_said
    roll_forward: tuple[Mapping[str, str], ...] = ()
    inventory: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
