"""Whether fewer boxes are impossible: what says so, and whether that is so."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations
from typing import TypeVar

from orchestrator.minimal import irreducible
from orchestrator.packing.cover import Cover
from orchestrator.packing.ledger import Box, Ledger, members
from orchestrator.packing.ways import Ways

E = TypeVar("E")


@dataclass(frozen=True)
class Proof:
    """The fewest boxes found, what rules out fewer, and whether only with the assumption (see `Packing`)."""

    boxes: list[Box]
    refuted: tuple[Box, ...]
    assumed: bool


def cover(ledger: Ledger[E]) -> Cover:
    """What is allowed by all that is known: also what was seen to pass against the assumption."""
    return Cover(ledger.reach, ledger.failing(), [box for box, _ in ledger.repaired()])


def proved(ledger: Ledger[E], boxes: list[Box], last: int) -> Proof:
    """The fewest boxes for the apps in these, which pass, with what rules out fewer.

    As long as there is a way that no observed box rules out, boxes are observed, until there are `last` answers in the
    ledger. One that the assumption allows after all is tried first: then a set that fails was seen to be repaired.
    """
    apps = sum(box for box, _ in boxes)
    while True:
        better = cover(ledger).fewest(apps, len(boxes) - 1)
        ways = Ways(ledger.reach, ledger.failing())
        todo = [box for box in better or _doubtful(ledger, ways, apps, len(boxes) - 1) if box not in ledger.known]
        if better and not todo:
            boxes = better
        elif todo and len(ledger.known) < last:
            ledger.ask(todo[: last - len(ledger.known)])
        else:
            assumed = bool(todo) or not ways.complete
            return Proof(boxes, _refuted(ledger, apps, len(boxes) - 1, assumed=assumed), assumed)


def _doubtful(ledger: Ledger[E], ways: Ways, apps: int, most: int) -> list[Box]:
    """Boxes that fail by assumption only, and that settle many ways if they do; none where no way is left.

    They hold the same apps, in each environment: each way has a part that is to fail everywhere, else the assumption
    would allow it. The fewer apps it has, the more ways share it, so pairs go first. There, too, a peer that brings
    what an app lacks would show.
    """
    way = ways.find(apps, most)
    if way is None:
        return []
    pairs = (1 << one | 1 << other for one, other in combinations(members(apps), 2))
    parts = (
        part
        for part in chain(pairs, sorted(way, key=int.bit_count))
        if ways.alive(part) and _doomed(ledger, part) and (part in way or ways.find(apps & ~part, most - 1) is not None)
    )
    part = next(parts)
    return [(part, place) for place in ledger.holding(part)]


def _doomed(ledger: Ledger[E], apps: int) -> bool:
    """Whether they were not seen to pass, and a part of them was seen to fail, in each environment."""
    failing = ledger.failing()
    return all(
        not ledger.known.get((apps, place)) and any(at == place and part & apps == part for part, at in failing)
        for place in ledger.holding(apps)
    )


def _refuted(ledger: Ledger[E], apps: int, most: int, *, assumed: bool) -> tuple[Box, ...]:
    """Failing boxes that leave no way for the apps with `most`, and would leave one if any of them were left out.

    With the assumption a box also rules out those that hold more apps, without it only itself.
    """

    def impossible(failing: tuple[Box, ...]) -> bool:
        if assumed:
            return not Cover(ledger.reach, failing).fits(apps, most)
        ways = Ways(ledger.reach, failing)
        return ways.find(apps, most) is None and ways.complete

    failing = [box for box in ledger.failing() if box[0] & apps == box[0]]
    return () if impossible(()) else irreducible(failing, impossible)
