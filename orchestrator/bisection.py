"""The first version that breaks an app, found by looking at few of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, Literal, TypeVar

V = TypeVar("V", bound=Hashable)
Story = Literal["breaks", "mends", "never", "always"]
STORIES: dict[tuple[bool, bool], Story] = {
    (True, False): "breaks",
    (False, True): "mends",
    (True, True): "never",
    (False, False): "always",
}
"""What the oldest and the newest version say: whether each passes."""


@dataclass(frozen=True)
class Change(Generic[V]):
    """Two observed versions, none observed between them, that differ; `exact` where there is none between them."""

    older: V
    newer: V
    breaks: bool
    exact: bool


@dataclass(frozen=True)
class Bisection(Generic[V]):
    """What was seen of each version, oldest first, and what follows from it.

    `first` is the oldest version seen to fail with its very predecessor seen to pass, `mended` the oldest seen to pass
    with its very predecessor seen to fail. `monotonic` is False where what was seen has more changes than `story` tells
    of, True where every version was seen and it has not, None where it has not but some versions are `unseen`.
    """

    story: Story
    first: V | None
    mended: V | None
    monotonic: bool | None
    changes: tuple[Change[V], ...]
    seen: dict[V, bool]
    unseen: tuple[V, ...]


def bisect(versions: Sequence[V], observe: Callable[[Sequence[V]], Sequence[bool]]) -> Bisection[V]:
    """From versions, oldest first, and whether each of some passes, the one where that changes.

    Both ends are observed, then the middle of what is left (binary search, as in git bisect): that is right where there
    is one change at most. So it is looked at further versions too, as many as doublings lead to all. Of n versions at
    most 2 + ceil(log2(n - 1)) + floor(log2 n) are observed, none twice.
    """
    if not versions or len(set(versions)) < len(versions):
        raise ValueError("versions to bisect: at least one, and none twice")
    seen: dict[int, bool] = {}

    def look(places: Iterable[int]) -> None:
        new = sorted(set(places))
        seen.update(zip(new, observe([versions[place] for place in new]) if new else (), strict=True))

    last = len(versions) - 1
    look((0, last))
    if seen[0] != seen[last]:
        _narrow(0, last, seen, look)
    look(_between(seen, last, len(versions).bit_length() - 1))
    return _told(versions, dict(sorted(seen.items())))


def _narrow(low: int, high: int, seen: dict[int, bool], look: Callable[[Iterable[int]], None]) -> None:
    """Looks until two neighbours differ as the two ends do."""
    while high - low > 1:
        middle = (low + high) // 2
        look((middle,))
        low, high = (middle, high) if seen[middle] == seen[low] else (low, middle)


def _between(seen: Iterable[int], last: int, number: int) -> list[int]:
    """Up to `number` unseen places, each in the middle of the widest gap (the oldest of several) the others leave."""
    known, more = set(seen), list[int]()
    while len(more) < number and len(known) <= last:
        low, high = max(pairwise(sorted(known)), key=lambda gap: gap[1] - gap[0])
        more.append((low + high) // 2)
        known.add(more[-1])
    return more


def _told(versions: Sequence[V], seen: dict[int, bool]) -> Bisection[V]:
    """What the places seen, oldest first, tell."""
    differ = [(low, high) for low, high in pairwise(seen) if seen[low] != seen[high]]
    changes = tuple(Change(versions[low], versions[high], seen[low], high - low == 1) for low, high in differ)
    unseen = tuple(version for place, version in enumerate(versions) if place not in seen)
    return Bisection(
        story=STORIES[seen[0], seen[len(versions) - 1]],
        first=next((change.newer for change in changes if change.exact and change.breaks), None),
        mended=next((change.newer for change in changes if change.exact and not change.breaks), None),
        monotonic=False if len(changes) > 1 else None if unseen else True,
        changes=changes,
        seen={versions[place]: passes for place, passes in seen.items()},
        unseen=unseen,
    )
