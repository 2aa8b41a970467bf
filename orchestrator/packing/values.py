"""What packing says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

E = TypeVar("E")


@dataclass(frozen=True)
class Bin(Generic[E]):
    """Apps that were observed to pass together in one environment."""

    environment: E
    apps: tuple[str, ...]


@dataclass(frozen=True)
class Failing(Generic[E]):
    """Apps of which one or more were observed to fail when run together in one environment."""

    apps: tuple[str, ...]
    environment: E


@dataclass(frozen=True)
class Repaired(Generic[E]):
    """Apps that pass together although a part of them, `failing`, was observed to fail in the same environment."""

    environment: E
    apps: tuple[str, ...]
    failing: tuple[str, ...]


@dataclass(frozen=True)
class Packing(Generic[E]):
    """The fewest environments found that serve all apps, each bin observed, and what says that fewer cannot.

    `unserved`: apps observed to pass alone nowhere; no bin has them. `refuted`: observed failing sets that rule out
    fewer bins, none of which can be left out. `assumed`: they do so only if adding an app never repairs a set that
    fails; where it is False, every way to serve those apps with fewer bins has a bin that was itself observed to fail.
    `repaired`: where that assumption was observed not to hold. `checked` boxes were spent on it, `asked` in all.
    """

    bins: tuple[Bin[E], ...]
    unserved: tuple[str, ...]
    refuted: tuple[Failing[E], ...]
    assumed: bool
    checked: int
    repaired: tuple[Repaired[E], ...]
    asked: int
