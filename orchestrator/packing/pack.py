"""The fewest shared environments that serve all apps: solved, observed, and solved again with what was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from orchestrator.minimal import irreducible
from orchestrator.packing.ledger import Box, Ledger, members
from orchestrator.packing.proof import Proof, cover, proved
from orchestrator.packing.values import Bin, Failing, Packing, Repaired

E = TypeVar("E")
SHRINK = 8
"""From how many apps on a failing box is made smaller, one box after the other.

Measured on random tables: with fewer apps the next proposals, observed side by side, find out as much with fewer boxes;
with twelve apps it takes 22 boxes to make failing ones smaller and 58 not to.
"""


def pack(
    apps: Sequence[str],
    environments: Sequence[E],
    *,
    holds: Callable[[str, E], bool],
    observe: Callable[[Sequence[tuple[frozenset[str], E]]], Sequence[bool]],
    checks: int = 0,
) -> Packing[E]:
    """From apps and environments (hashable, preferred ones first) the fewest bins, each observed to pass.

    `observe` says of some apps in an environment whether all pass when run together; it is called with as many
    questions as do not depend on each other, with none twice, and only with apps that the environment `holds`.
    Up to `checks` boxes more test the assumption that fewer bins are ruled out on (see `Packing`).
    """
    ledger = Ledger(apps, environments, holds, observe)
    solved = _solved(ledger, _separate(_served(ledger), ledger.reach))
    before = len(ledger.known)
    proofs = [proved(ledger, boxes, before + checks) for boxes in sorted(solved, key=len)]
    return _told(ledger, proofs, len(ledger.known) - before)


def _served(ledger: Ledger[E]) -> int:
    """The apps that pass alone in some environment; each is observed in all of them, in one call."""
    alone = [(1 << app, place) for app in range(len(ledger.apps)) for place in ledger.holding(1 << app)]
    return sum({app for (app, _), passes in zip(alone, ledger.ask(alone), strict=True) if passes})


def _separate(apps: int, reach: Iterable[int]) -> list[int]:
    """The apps in groups: no environment can hold apps of two groups, so that each is a question of its own."""
    groups = [1 << app for app in members(apps)]
    for held in reach:
        joined = sum(group for group in groups if group & held)
        groups = [*(group for group in groups if not group & held), *([joined] if joined else [])]
    return groups


def _solved(ledger: Ledger[E], groups: list[int]) -> list[list[Box]]:
    """For each group its fewest boxes, all seen to pass.

    What can be ruled out by the failing sets known so far is little at first, so fewer boxes are proposed than will
    do; each proposal that fails is one more such set (implicit hitting sets, Moreno-Centeno and Karp 2013).
    """
    while True:
        now = cover(ledger)
        answers = [now.fewest(group, len(ledger.apps)) or [] for group in groups]
        new = [box for boxes in answers for box in boxes if box not in ledger.known]
        if not new:
            return answers
        for (apps, place), passes in zip(new, ledger.ask(new), strict=True):
            if not passes and apps.bit_count() >= SHRINK:
                _shrink(ledger, apps, place)


def _shrink(ledger: Ledger[E], apps: int, place: int) -> None:
    """Sees a smallest part of a failing box fail: it rules out more boxes than the whole."""

    def fails(part: tuple[int, ...]) -> bool:
        return ledger.ask([(sum(1 << app for app in part), place)]) == [False]

    irreducible(members(apps), fails)


def _told(ledger: Ledger[E], proofs: list[Proof], checked: int) -> Packing[E]:
    """The apps by name."""
    at, names = ledger.environments, ledger.names
    boxes = _ordered(box for proof in proofs for box in proof.boxes)
    return Packing(
        bins=tuple(Bin(at[place], names(apps)) for apps, place in boxes),
        unserved=names((1 << len(ledger.apps)) - 1 - sum(apps for apps, _ in boxes)),
        refuted=tuple(
            Failing(names(apps), at[place])
            for apps, place in _ordered(box for proof in proofs for box in proof.refuted)
        ),
        assumed=any(proof.assumed for proof in proofs),
        checked=checked,
        repaired=tuple(Repaired(at[place], names(apps), names(part)) for (apps, place), part in ledger.repaired()),
        asked=len(ledger.known),
    )


def _ordered(boxes: Iterable[Box]) -> list[Box]:
    """Preferred environments first, then many apps, then the first apps."""
    return sorted(boxes, key=lambda box: (box[1], -box[0].bit_count(), members(box[0])))
