"""The fewest boxes for all apps, exactly, where more apps never repair a set that fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from orchestrator.packing.ledger import Box, members, minimal


def largest(reach: int, failing: Iterable[int]) -> list[int]:
    """The largest parts of `reach` that hold no failing set.

    They are what the smallest sets that meet every failing set leave over; those are grown one failing set after the
    other (Berge's algorithm for minimal transversals, 1989).
    """
    meeting = [0]
    for part in minimal(mask for mask in failing if mask & reach == mask):
        there = [mask for mask in meeting if mask & part]
        grown = {mask | 1 << app for mask in meeting if not mask & part for app in members(part)}
        meeting = there + [mask for mask in grown if not any(mask & other == other for other in there)]
    return [reach & ~mask for mask in meeting]


class Cover:
    """Boxes allowed by what is known: no failing set inside, or else observed to pass as they are (`exceptions`)."""

    def __init__(self, reach: Sequence[int], failing: Sequence[Box], exceptions: Iterable[Box] = ()) -> None:
        self._rooms = [largest(apps, [mask for mask, at in failing if at == place]) for place, apps in enumerate(reach)]
        rooms = {room for rooms in self._rooms for room in rooms}
        self._widest = [room for room in rooms if not any(room != other and room & other == room for other in rooms)]
        self._exceptions = list({apps: (apps, place) for apps, place in sorted(exceptions, reverse=True)}.values())
        self._answers: dict[tuple[int, int], bool] = {}

    def fewest(self, apps: int, most: int) -> list[Box] | None:
        """A partition of the apps into the fewest boxes, None where `most` will not do.

        Of several: as few exceptions as can be; then the first app gets the most preferred environment, in the biggest
        box, with the first apps, that leaves the count as it is; then the first app that is left, and so on.
        """
        for count in range(most + 1):
            for chosen in self._chosen(apps, count):
                rest = apps & ~sum(mask for mask, _ in chosen)
                if self.fits(rest, count - len(chosen)):
                    return [*chosen, *self._built(rest, count - len(chosen))]
        return None

    def _chosen(self, apps: int, most: int) -> Iterator[tuple[Box, ...]]:
        """Up to `most` exceptions that share no app. They may not be made smaller, so they go before all others."""
        layer: list[tuple[int, tuple[Box, ...]]] = [(0, ())]
        for _ in range(most + 1):
            yield from (chosen for _, chosen in layer)
            layer = [
                (at + 1, (*chosen, self._exceptions[at]))
                for start, chosen in layer
                for at in range(start, len(self._exceptions))
                if self._exceptions[at][0] & apps & ~sum(mask for mask, _ in chosen) == self._exceptions[at][0]
            ]

    def fits(self, apps: int, count: int) -> bool:
        """Whether `count` boxes without a failing set inside will do.

        Some box has the app that the fewest can have; each of the widest such boxes is tried (branch and bound, as in
        exact set cover). To take the widest is no loss: every part of an allowed box is allowed.
        """
        if not apps or count < 1:
            return not apps
        if (apps, count) not in self._answers:
            self._answers[apps, count] = self._tried(apps, count)
        return self._answers[apps, count]

    def _tried(self, apps: int, count: int) -> bool:
        rooms = sorted({room & apps for room in self._widest}, key=lambda room: (-room.bit_count(), room))
        if not rooms or apps in rooms or rooms[0].bit_count() * count < apps.bit_count():
            return apps in rooms
        if count == 1:
            return False
        choices = ([room for room in rooms if room >> app & 1] for app in members(apps))
        return any(self.fits(apps & ~room, count - 1) for room in min(choices, key=len))

    def _built(self, apps: int, count: int) -> list[Box]:
        """The boxes, where it is known that they fit."""
        boxes: list[Box] = []
        while apps:
            first = apps & -apps
            choices = [
                (place, room & apps) for place, rooms in enumerate(self._rooms) for room in rooms if room & first
            ]
            choices.sort(key=lambda choice: (choice[0], -choice[1].bit_count(), members(choice[1])))
            place, room = next(box for box in choices if self.fits(apps & ~box[1], count - len(boxes) - 1))
            boxes.append((room, place))
            apps &= ~room
        return boxes
