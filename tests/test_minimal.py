"""What is irreducible, against brute force on random constraint sets."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.minimal import irreducible

CONSTRAINTS = st.lists(st.frozensets(st.integers(0, 6), min_size=1), min_size=1, max_size=7)
"""Each admits some versions of one package; a part fails where no version is admitted by all of it."""


def clash(part: tuple[frozenset[int], ...]) -> bool:
    return bool(part) and not frozenset.intersection(*part)


@given(CONSTRAINTS)
def test_the_answer_fails_and_no_part_of_it_does(lines: list[frozenset[int]]) -> None:
    if clash(tuple(lines)):
        found = irreducible(lines, clash)
        assert clash(found)
        assert not any(clash(part) for size in range(len(found)) for part in combinations(found, size))
        smallest = min(size for size in range(len(lines) + 1) for part in combinations(lines, size) if clash(part))
        assert len(found) >= smallest


@given(st.sets(st.frozensets(st.integers(0, 6), min_size=1, max_size=4), min_size=1, max_size=4))
def test_any_of_several_culprits_will_do_and_each_item_of_it_counts(culprits: set[frozenset[int]]) -> None:
    def fails(part: tuple[int, ...]) -> bool:
        return any(culprit <= set(part) for culprit in culprits)

    found = irreducible(range(7), fails)
    assert fails(found)
    assert not any(fails(tuple(item for item in found if item != left)) for left in found)


@given(st.sets(st.integers(0, 63), min_size=2))
def test_even_where_leaving_out_does_not_always_help_no_single_item_can_go(bad: set[int]) -> None:
    def fails(part: tuple[int, ...]) -> bool:
        return sum(1 << item for item in part) in bad | {63}

    found = irreducible(range(6), fails)
    assert fails(found)
    assert not any(fails(tuple(item for item in found if item != left)) for left in found if len(found) > 1)


def test_a_culprit_among_many_is_found_with_few_questions() -> None:
    asked: list[tuple[int, ...]] = []

    def fails(part: tuple[int, ...]) -> bool:
        asked.append(part)
        return {17, 42} <= set(part)

    assert irreducible(range(64), fails) == (17, 42)
    assert len(asked) < 40
