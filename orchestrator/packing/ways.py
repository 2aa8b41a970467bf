"""Ways to serve apps with few boxes that no observation of a box rules out, whatever is assumed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from orchestrator.packing.ledger import Box

PATIENCE = 100_000
"""How many boxes are thought of before the search for ways is given up; nothing counts as proven then."""


class Ways:
    """Partitions of apps in which every part can be held by an environment in which it was not itself seen to fail."""

    def __init__(self, reach: Sequence[int], failing: Iterable[Box]) -> None:
        self._reach, self._failing = reach, set(failing)
        self._dead: set[tuple[int, int]] = set()
        self._patience = PATIENCE

    @property
    def complete(self) -> bool:
        """Whether nothing was left out for want of patience."""
        return self._patience > 0

    def alive(self, apps: int) -> bool:
        """Whether there is an environment for them all in which they were not seen to fail together."""
        return any(
            apps & reach == apps and (apps, place) not in self._failing for place, reach in enumerate(self._reach)
        )

    def find(self, apps: int, most: int) -> tuple[int, ...] | None:
        """One way with up to `most` parts, None where there is none. What did not lead anywhere is remembered."""
        if not apps:
            return ()
        if most < 1 or (apps, most) in self._dead:
            return None
        for part in self._parts(apps, most):
            if self.alive(part) and (rest := self.find(apps & ~part, most - 1)) is not None:
                return (part, *rest)
        self._dead.add((apps, most))
        return None

    def _parts(self, apps: int, most: int) -> Iterator[int]:
        """Parts that hold the first app, big ones first; all of the apps where one part is left."""
        first = apps & -apps
        beside = 0
        for reach in self._reach:
            beside |= reach & apps & ~first if reach & first else 0
        part = beside
        while self._patience > 0 and (most > 1 or part | first == apps):
            self._patience -= 1
            yield part | first
            if not part:
                return
            part = (part - 1) & beside
