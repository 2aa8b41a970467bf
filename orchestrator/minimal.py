"""An irreducible part of something that fails: no item of it can be left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def irreducible(items: Sequence[T], fails: Callable[[tuple[T, ...]], bool]) -> tuple[T, ...]:
    """Items, in their order, that fail together while no part of them with one item less does.

    `fails` is asked about parts of `items`; that all of them fail is taken for granted. Few culprits among many cost
    a logarithm of questions each (QuickXplain, Junker 2004). That holds where more items never help; so the answer is
    checked item by item, and made smaller until none can go.
    """

    def asked(places: tuple[int, ...]) -> bool:
        return fails(tuple(items[place] for place in sorted(places)))

    everything = tuple(range(len(items)))
    kept = tuple(sorted(_culprits((), everything, asked, changed=False)))
    kept = kept if asked(kept) else everything
    while len(kept) > 1 and (smaller := next((part for part in _without_one(kept) if asked(part)), None)):
        kept = smaller
    return tuple(items[place] for place in kept)


def _culprits(
    given: tuple[int, ...], items: tuple[int, ...], asked: Callable[[tuple[int, ...]], bool], *, changed: bool
) -> tuple[int, ...]:
    """Of `items`, those that make what is `given` fail."""
    if changed and asked(given):
        return ()
    if len(items) == 1:
        return items
    left, right = items[: len(items) // 2], items[len(items) // 2 :]
    second = _culprits((*given, *left), right, asked, changed=True)
    first = _culprits((*given, *second), left, asked, changed=bool(second))
    return (*first, *second)


def _without_one(kept: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [kept[:at] + kept[at + 1 :] for at in range(len(kept))]
