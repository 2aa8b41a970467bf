"""What was observed of which apps in which environment. Sets of apps are bit masks, environments are places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

E = TypeVar("E")
Box = tuple[int, int]
"""Apps, as a bit mask, and the place of an environment."""


def members(apps: int) -> tuple[int, ...]:
    """The places of the apps in a mask."""
    return tuple(place for place in range(apps.bit_length()) if apps >> place & 1)


def minimal(masks: Iterable[int]) -> list[int]:
    """Those with no other one inside, small ones first."""
    kept: list[int] = []
    for mask in sorted(set(masks), key=lambda mask: (mask.bit_count(), mask)):
        if not any(other & mask == other for other in kept):
            kept.append(mask)
    return kept


class Ledger(Generic[E]):
    """Asks what is not known yet, and keeps the answers: no box is asked twice."""

    def __init__(
        self,
        apps: Sequence[str],
        environments: Sequence[E],
        holds: Callable[[str, E], bool],
        observe: Callable[[Sequence[tuple[frozenset[str], E]]], Sequence[bool]],
    ) -> None:
        self.apps, self.environments, self._observe = tuple(apps), tuple(environments), observe
        self.reach = tuple(
            sum(1 << place for place, app in enumerate(apps) if holds(app, environment)) for environment in environments
        )
        self.known: dict[Box, bool] = {}

    def ask(self, boxes: Iterable[Box]) -> list[bool]:
        """Whether each passes, in one call for those that were not asked before; what it raises is passed on."""
        boxes = list(boxes)
        new = [box for box in dict.fromkeys(boxes) if box not in self.known]
        if new:
            questions = [(frozenset(self.names(apps)), self.environments[place]) for apps, place in new]
            self.known.update(zip(new, self._observe(questions), strict=True))
        return [self.known[box] for box in boxes]

    def names(self, apps: int) -> tuple[str, ...]:
        return tuple(self.apps[place] for place in members(apps))

    def holding(self, apps: int) -> list[int]:
        """The environments that can hold all of them."""
        return [place for place, reach in enumerate(self.reach) if apps & reach == apps]

    def failing(self) -> list[Box]:
        return [box for box, passes in self.known.items() if not passes]

    def repaired(self) -> list[tuple[Box, int]]:
        """Boxes that pass, each with a smallest part that fails in the same environment."""
        parts = [minimal(apps for apps, at in self.failing() if at == place) for place in range(len(self.environments))]
        passing = [box for box, passes in self.known.items() if passes]
        found = ((box, next((part for part in parts[box[1]] if part & box[0] == part), 0)) for box in passing)
        return [(box, part) for box, part in found if part]
