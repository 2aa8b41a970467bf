"""Packings against brute force, on tables that say which apps pass together where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.packing import Bin, Failing, Packing, Repaired, pack
from orchestrator.packing.cover import Cover, largest
from orchestrator.packing.ways import PATIENCE, Ways

Question = tuple[frozenset[str], str]


@dataclass(frozen=True)
class World:
    """Which environment holds which apps, and which of these fail together; what is asked is written down."""

    apps: str
    held: dict[str, frozenset[str]]
    fails: Callable[[frozenset[str], str], bool]
    asked: list[list[Question]] = field(default_factory=list)

    def observe(self, questions: Sequence[Question]) -> list[bool]:
        self.asked.append(list(questions))
        return [self.passes(*question) for question in questions]

    def passes(self, apps: frozenset[str], environment: str) -> bool:
        assert apps <= self.held[environment]
        return not self.fails(apps, environment)

    def packed(self, checks: int = 0) -> Packing[str]:
        return pack(
            tuple(self.apps),
            tuple(self.held),
            holds=lambda app, at: app in self.held[at],
            observe=self.observe,
            checks=checks,
        )

    def serves(self, apps: frozenset[str]) -> bool:
        return any(apps <= held and self.passes(apps, at) for at, held in self.held.items())

    def served(self) -> tuple[str, ...]:
        return tuple(app for app in self.apps if self.serves(frozenset(app)))


@st.composite
def worlds(draw: st.DrawFn, most: int = 6) -> World:
    """More apps never help: what fails has one of a few failing sets inside."""
    apps = "abcdef"[: max(0, most - draw(st.sampled_from([0, 0, 0, 1, 1, 2, 3, 6])))]
    places = "xyz"[: draw(st.sampled_from([3, 3, 2, 1, 0]))]
    kept_out = draw(st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("xyz")), max_size=4))
    held = {at: frozenset(app for app in apps if (app, at) not in kept_out) for at in places}
    sets = draw(st.lists(st.tuples(st.sets(st.sampled_from("abcdef"), min_size=1, max_size=3), st.sampled_from("xyz"))))
    everywhere = draw(st.lists(st.sets(st.sampled_from("abcdef"), min_size=2, max_size=3), max_size=5))
    failing = [*sets, *product(everywhere, "xyz")]
    return World(apps, held, lambda apps, at: any(part <= apps and at == where for part, where in failing))


@st.composite
def wild_worlds(draw: st.DrawFn) -> World:
    """Any set may pass or fail, whatever its parts do; an app alone passes more often than not."""
    calm, often, seed = draw(worlds(5)), draw(st.sampled_from([0.05, 0.2, 0.5])), draw(st.integers(0, 2**32))

    def fails(apps: frozenset[str], at: str) -> bool:
        return Random(f"{seed} {sorted(apps)} {at}").random() > (often if len(apps) > 1 else 0.7)

    return replace(calm, fails=fails)


def parts(items: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(items, size) for size in range(1, len(items) + 1))


def partitions(items: Sequence[str]) -> Iterator[list[frozenset[str]]]:
    if not items:
        yield []
    for rest in partitions(items[1:]) if items else ():
        yield [frozenset(items[0]), *rest]
        yield from ([*rest[:at], rest[at] | {items[0]}, *rest[at + 1 :]] for at in range(len(rest)))


def optimum(items: Sequence[str], allowed: Callable[[frozenset[str]], bool]) -> int:
    return min(len(way) for way in partitions(items) if all(map(allowed, way)))


def inside(world: World, refuted: Sequence[Failing[str]], *, whole: bool) -> Callable[[frozenset[str]], bool]:
    """Whether apps fit some environment without a refuted set inside, or without being one as a `whole`."""

    def allowed(apps: frozenset[str]) -> bool:
        return any(
            apps <= held
            and not any(
                out.environment == at and (apps == set(out.apps) if whole else apps >= set(out.apps)) for out in refuted
            )
            for at, held in world.held.items()
        )

    return allowed


@settings(deadline=None)
@given(worlds())
def test_where_more_apps_never_help_the_fewest_bins_are_found(world: World) -> None:
    found = world.packed()
    assert sorted(app for box in found.bins for app in box.apps) == list(world.served())
    assert set(found.unserved) == set(world.apps) - set(world.served())
    assert all(world.passes(frozenset(box.apps), box.environment) for box in found.bins)
    assert len(found.bins) == optimum(world.served(), world.serves)
    assert (found.repaired, found.checked) == ((), 0)


@settings(deadline=None)
@given(wild_worlds())
def test_whatever_the_table_enough_checks_find_the_fewest_bins_and_assume_nothing(world: World) -> None:
    found = world.packed(checks=10**6)
    assert sorted(app for box in found.bins for app in box.apps) == list(world.served())
    assert all(world.passes(frozenset(box.apps), box.environment) for box in found.bins)
    assert len(found.bins) == optimum(world.served(), world.serves)
    assert not found.assumed


@settings(deadline=None)
@given(wild_worlds(), st.integers(0, 6))
def test_with_few_checks_every_bin_was_seen_to_pass_itself(world: World, checks: int) -> None:
    found = world.packed(checks)
    seen = {question for call in world.asked for question in call}
    assert all((frozenset(box.apps), box.environment) in seen for box in found.bins)
    assert all(world.passes(frozenset(box.apps), box.environment) for box in found.bins)
    assert len(found.bins) >= optimum(world.served(), world.serves)
    assert found.checked <= checks
    assert found.assumed or len(found.bins) == optimum(world.served(), world.serves)


@settings(deadline=None)
@given(wild_worlds(), st.sampled_from([0, 3, 10**6]))
def test_no_box_is_asked_for_twice_and_all_alone_in_one_call(world: World, checks: int) -> None:
    found = world.packed(checks)
    asked = [question for call in world.asked for question in call]
    assert len(asked) == len(set(asked)) == found.asked
    assert all(world.asked)
    alone = {(frozenset(app), at) for at, held in world.held.items() for app in held}
    assert set(world.asked[0] if world.asked else ()) == alone


@settings(deadline=None)
@given(wild_worlds(), st.sampled_from([0, 3, 10**6]))
def test_what_was_repaired_passes_around_what_fails(world: World, checks: int) -> None:
    found = world.packed(checks)
    seen = {question for call in world.asked for question in call}
    contrary = {
        whole
        for whole in seen
        if world.passes(*whole)
        and any(part < whole[0] and at == whole[1] and world.fails(part, at) for part, at in seen)
    }
    assert {(frozenset(some.apps), some.environment) for some in found.repaired} == contrary
    for some in found.repaired:
        assert set(some.failing) < set(some.apps)
        assert (frozenset(some.failing), some.environment) in seen
        assert world.fails(frozenset(some.failing), some.environment)


@settings(deadline=None)
@given(worlds() | wild_worlds(), st.sampled_from([0, 3, 10**6]))
def test_the_refuted_sets_rule_out_fewer_bins_and_all_of_them_are_needed(world: World, checks: int) -> None:
    found = world.packed(checks)
    seen = {question for call in world.asked for question in call}
    assert all((frozenset(out.apps), out.environment) in seen for out in found.refuted)
    assert all(world.fails(frozenset(out.apps), out.environment) for out in found.refuted)
    fewest = optimum(world.served(), inside(world, found.refuted, whole=False))
    assert fewest == len(found.bins) or (fewest > len(found.bins) and found.repaired)
    if not found.assumed:
        assert optimum(world.served(), inside(world, found.refuted, whole=True)) == len(found.bins)
    one_group = len(set(world.held.values())) == 1
    for at in range(len(found.refuted)):
        others = inside(world, found.refuted[:at] + found.refuted[at + 1 :], whole=not (found.assumed and one_group))
        assert optimum(world.served(), others) < len(found.bins)


def together(fails: Callable[[frozenset[str], str], bool], apps: str = "abc", environments: str = "xy") -> World:
    return World(apps, {at: frozenset(apps) for at in environments}, fails)


def test_preferred_environments_first_then_big_bins_then_the_first_apps() -> None:
    found = together(lambda apps, at: len(apps) > 2 or (at == "x" and apps >= {"a", "b"}), "abcd").packed()
    assert found.bins == (Bin("x", ("a", "c")), Bin("x", ("b", "d")))
    found = together(lambda apps, _: "b" in apps and apps & {"c", "d"} != set(), "abcd").packed()
    assert found.bins == (Bin("x", ("a", "c", "d")), Bin("x", ("b",)))
    found = together(lambda apps, at: at == "x" and "a" in apps).packed()
    assert found.bins == (Bin("y", ("a", "b", "c")),)
    found = together(lambda apps, _: apps >= {"a", "c"}).packed()
    assert found.bins == (Bin("x", ("a", "b")), Bin("x", ("c",)))


def test_the_checks_find_a_peer_that_brings_what_an_app_lacks() -> None:
    """Alone, a fails in x and b in y; in x, b brings what a lacks."""
    world = together(lambda apps, at: apps == {"a"} if at == "x" else "b" in apps, "ab")
    plain = world.packed()
    assert plain.bins == (Bin("x", ("b",)), Bin("y", ("a",)))
    assert (plain.assumed, plain.checked) == (True, 0)
    assert plain.refuted == (Failing(("a",), "x"), Failing(("b",), "y"))
    found = world.packed(checks=2)
    assert found.bins == (Bin("x", ("a", "b")),)
    assert (found.assumed, found.checked, found.refuted) == (False, 2, ())
    assert found.repaired == (Repaired("x", ("a", "b"), ("a",)),)


def test_with_the_checks_that_fail_too_the_proof_rests_on_what_was_seen() -> None:
    world = together(lambda apps, at: ("a" if at == "x" else "b") in apps, "ab")
    assert world.packed(checks=1).assumed
    found = world.packed(checks=2)
    assert (found.assumed, found.checked) == (False, 2)
    assert found.refuted == (Failing(("a", "b"), "x"), Failing(("a", "b"), "y"))


def test_pairs_are_checked_before_bigger_boxes_and_small_groups_before_big_ones() -> None:
    """Each of a, b and c passes in one environment of three, d and e each in one of two."""
    held = {"x": "abc", "y": "abc", "z": "abc", "p": "de", "q": "de"}
    alone = {("a", "x"), ("b", "y"), ("c", "z"), ("d", "p"), ("e", "q")}
    world = World(
        "abcde",
        {at: frozenset(apps) for at, apps in held.items()},
        lambda apps, at: any((app, at) not in alone for app in apps),
    )
    assert (len(world.packed(checks=5).bins), len(world.asked)) == (5, 3)
    assert world.asked[1] == [(frozenset("de"), at) for at in "pq"]
    assert world.asked[2] == [(frozenset("ab"), at) for at in "xyz"]


def test_apps_that_no_environment_holds_together_are_packed_apart() -> None:
    """Two languages with two versions each: each needs both, and two boxes each say so without assumption."""
    held = {"j1": "abc", "j2": "abc", "p1": "def", "p2": "def"}
    alone = {("a", "j2"), ("b", "j1"), ("d", "p2"), ("e", "p1")}
    world = World(
        "abcdef",
        {at: frozenset(apps) for at, apps in held.items()},
        lambda apps, at: any((a, at) in alone for a in apps),
    )
    found = world.packed(checks=4)
    assert [box.environment for box in found.bins] == ["j1", "j2", "p1", "p2"]
    assert (found.assumed, found.checked) == (False, 4)


def test_an_app_that_passes_alone_nowhere_gets_no_bin() -> None:
    found = together(lambda apps, _: "b" in apps).packed(checks=9)
    assert (found.bins, found.unserved, found.assumed) == ((Bin("x", ("a", "c")),), ("b",), False)
    assert together(lambda *_: True).packed().unserved == ("a", "b", "c")
    assert World("a", {}, lambda *_: False).packed() == Packing((), ("a",), (), False, 0, (), 0)


def test_what_the_oracle_raises_passes_through() -> None:
    def stops(apps: frozenset[str], at: str) -> bool:
        raise TimeoutError(at)

    with pytest.raises(TimeoutError):
        together(stops).packed()


TWENTY = "abcdefghijklmnopqrst"
ALL = (1 << 20) - 1


@given(st.integers(0, 63), st.lists(st.integers(1, 63), max_size=8))
def test_the_largest_sets_without_a_failing_one_are_all_there_and_no_others(reach: int, failing: list[int]) -> None:
    free = [apps for apps in range(64) if apps & reach == apps and not any(apps & part == part for part in failing)]
    widest = [apps for apps in free if not any(apps != other and apps & other == apps for other in free)]
    assert sorted(largest(reach, failing)) == widest


class Counting(Cover):
    """Counts the branches it looks at."""

    branches = 0

    def _tried(self, apps: int, count: int) -> bool:
        self.branches += 1
        return super()._tried(apps, count)


@pytest.mark.parametrize("seed", range(8))
def test_twenty_apps_are_solved_with_few_branches(seed: int) -> None:
    random = Random(seed)
    failing = [
        (sum(1 << app for app in random.sample(range(20), random.choice((2, 3)))), random.randrange(6))
        for _ in range((30, 300)[seed % 2])
    ]
    cover = Counting([ALL] * 6, failing)
    boxes = cover.fewest(ALL, 20)
    assert boxes
    assert sum(apps for apps, _ in boxes) == ALL
    assert not any(at == place and part & apps == part for apps, place in boxes for part, at in failing)
    assert cover.fewest(ALL, len(boxes) - 1) is None
    assert cover.branches < 450


@pytest.mark.parametrize("seed", range(6))
def test_twenty_apps_with_triples_that_fail_although_their_pairs_pass_take_few_boxes(seed: int) -> None:
    random = Random(seed)
    triples = [frozenset(random.sample(TWENTY, 3)) for _ in range(12)]
    world = together(lambda apps, _: any(triple <= apps for triple in triples), TWENTY, "xyz")
    found = world.packed()
    assert len(found.bins) == 2
    assert all(world.passes(frozenset(box.apps), box.environment) for box in found.bins)
    asked = [question for call in world.asked for question in call]
    assert len(asked) == len(set(asked)) == found.asked < 20 * 3 + 220
    assert not found.unserved


def test_twenty_apps_of_which_no_three_pass_take_ten_bins() -> None:
    triples = [(sum(1 << app for app in apps), at) for apps in combinations(range(20), 3) for at in range(2)]
    cover = Counting([ALL] * 2, triples)
    assert len(cover.fewest(ALL, 20) or ()) == 10
    assert cover.branches < 100


def test_a_search_for_ways_that_is_given_up_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {"x": frozenset("abc"), "y": frozenset("def"), "z": frozenset("gh"), "link": frozenset("adg")}
    world = World("abcdefgh", held, lambda *_: False)
    assert (len(world.packed().bins), world.packed().assumed) == (3, False)
    monkeypatch.setattr("orchestrator.packing.ways.PATIENCE", 3)
    assert (len(world.packed().bins), world.packed().assumed) == (3, True)


def test_where_no_way_is_left_for_twenty_apps_that_is_seen_soon() -> None:
    """Three languages, one environment each and one for an app of each; no language passes in one box."""
    groups = [0b1111111, 0b1111111 << 7, 0b111111 << 14]
    whole = [(group & ~less, at) for at, group in enumerate(groups) for less in (0, group & -group)]
    ways = Ways([*groups, 1 | 1 << 7 | 1 << 14], whole)
    assert ways.find(ALL, 5) is None
    assert ways.complete
    assert ways._patience > PATIENCE - 10_000
    assert ways.find(ALL, 6)
