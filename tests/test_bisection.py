"""Where versions change, against tables that say what each does."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, floor, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.bisection import Bisection, Change, bisect

TABLES = st.lists(st.booleans(), min_size=1, max_size=70)
"""Whether each version, oldest first, passes; versions are v0, v1 ..."""


def bisected(table: Sequence[bool]) -> tuple[Bisection[str], list[list[str]]]:
    """What is found, and the calls it took."""
    calls: list[list[str]] = []

    def observe(versions: Sequence[str]) -> list[bool]:
        calls.append(list(versions))
        return [table[int(version[1:])] for version in versions]

    return bisect([f"v{place}" for place in range(len(table))], observe), calls


def bound(count: int) -> int:
    return 2 + ceil(log2(count - 1)) + floor(log2(count)) if count > 1 else 1


@pytest.mark.parametrize("count", range(1, 13))
@pytest.mark.parametrize("oldest", [True, False])
def test_one_change_is_found_wherever_it_is(count: int, oldest: bool) -> None:
    for change in range(1, count + 1):
        found, _ = bisected([oldest] * change + [not oldest] * (count - change))
        expected = f"v{change}" if change < count else None
        assert (found.first, found.mended) == ((expected, None) if oldest else (None, expected))
        assert found.story == (("breaks" if oldest else "mends") if expected else ("never" if oldest else "always"))
        assert found.changes == ((Change(f"v{change - 1}", f"v{change}", oldest, exact=True),) if expected else ())
        assert found.monotonic is (None if found.unseen else True)


@given(TABLES)
def test_few_versions_are_observed_and_none_twice(table: list[bool]) -> None:
    found, calls = bisected(table)
    asked = [version for call in calls for version in call]
    assert len(asked) == len(set(asked)) == len(found.seen) <= bound(len(table))
    assert all(calls)
    assert calls[0] == [f"v{place}" for place in sorted({0, len(table) - 1})]


def test_the_bound_is_reached() -> None:
    found, calls = bisected([True] * 1024 + [False])
    assert len(found.seen) == bound(1025) == 2 + 10 + 10
    assert len(calls) == 1 + 10 + 1


@given(TABLES)
def test_what_is_seen_and_what_is_not_is_told_in_order(table: list[bool]) -> None:
    found, _ = bisected(table)
    assert all(table[int(version[1:])] == passes for version, passes in found.seen.items())
    assert list(found.seen) == [f"v{place}" for place in range(len(table)) if f"v{place}" in found.seen]
    assert list(found.unseen) == [f"v{place}" for place in range(len(table)) if f"v{place}" not in found.seen]


@given(TABLES)
def test_a_first_version_was_seen_to_fail_right_after_one_seen_to_pass(table: list[bool]) -> None:
    found, _ = bisected(table)
    for version, passes in ((found.first, False), (found.mended, True)):
        if version is not None:
            before = f"v{int(version[1:]) - 1}"
            assert (found.seen[before], found.seen[version]) == (not passes, passes)
    assert found.first or found.story != "breaks"
    assert found.mended or found.story != "mends"


@given(TABLES)
def test_no_older_break_was_seen_than_the_first(table: list[bool]) -> None:
    found, _ = bisected(table)
    seen = [version for version, passes in found.seen.items() if not passes]
    if found.first and found.monotonic is not False:
        assert seen[0] == found.first
    exact = [change for change in found.changes if change.exact and change.breaks]
    assert found.first == (exact[0].newer if exact else None)


@given(TABLES)
def test_more_changes_than_the_story_tells_of_are_a_contradiction(table: list[bool]) -> None:
    found, _ = bisected(table)
    values = list(found.seen.values())
    changes = sum(older != newer for older, newer in pairwise(values))
    assert len(found.changes) == changes
    assert (found.monotonic is False) == (changes > (found.story in {"breaks", "mends"}))
    assert (found.monotonic is True) == (changes < 2 and not found.unseen)


def test_a_dip_between_two_ends_that_pass_is_seen_and_told() -> None:
    found, _ = bisected([True] * 6 + [False] * 4 + [True] * 6)
    assert (found.story, found.monotonic, found.first) == ("never", False, None)
    assert [(change.older, change.newer, change.breaks) for change in found.changes] == [
        ("v5", "v7", True),
        ("v7", "v11", False),
    ]


def test_further_versions_lie_in_the_widest_gaps() -> None:
    found, calls = bisected([True] * 16 + [False])
    assert found.first == "v16"
    assert calls[-1] == ["v2", "v4", "v6", "v10"]


def test_one_version_is_its_own_story() -> None:
    assert [bisected([passes])[0].story for passes in (True, False)] == ["never", "always"]
    assert bisected([False])[0] == Bisection("always", None, None, True, (), {"v0": False}, ())


@pytest.mark.parametrize("versions", [[], ["1", "1"]])
def test_nothing_to_bisect_is_an_error(versions: list[str]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        bisect(versions, lambda asked: [True] * len(asked))
