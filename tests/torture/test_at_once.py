"""Commands beside each other: one wins, the others wait or say that it is busy, and nothing is left."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from torture.pair import Ended, Project, project

pytestmark = pytest.mark.docker
BUSY_SECONDS = 2.0
DOCUMENTED = {0, 75}


@pytest.fixture
def one(engine_url: str, python_base: str, tmp_path: Path) -> Iterator[Project]:
    with project(engine_url, python_base, "t-crash-once", tmp_path / "one") as made:
        yield made


def together(where: Project, *commands: Sequence[str], after: Sequence[float] = ()) -> list[Ended]:
    """All of them, each begun `after` seconds behind the one before, if any."""
    began, running = time.monotonic(), []
    for place, words in enumerate(commands):
        time.sleep(after[place] if place < len(after) else 0)
        running.append(where.begin(*words))
    ended = []
    for process in running:
        with process:
            out, err = process.communicate(timeout=180)
        ended.append(Ended(process.returncode, out, err, time.monotonic() - began))
    assert [what for each in ended for what in each.wrong()] == []
    return ended


def waited(where: Project) -> list[float]:
    """How long those that were told `busy` had waited, by their own record."""
    found = []
    for file in where.folder.glob("state/isolate/runs/*/*/events.jsonl"):
        last = json.loads(file.read_text().splitlines()[-1])
        if last["event"] == "failed" and "under way" in last["message"]:
            found.append(float(last["at"]))
    return found


def four(where: Project, rounds: int) -> list[float]:
    """Rounds of four `up` at once; what the busy ones waited."""
    busy = []
    for number in range(rounds):
        ended = together(where, *[("up", where.manifest(), "--json", "--arm", "isolated")] * 4)
        codes = sorted(each.code for each in ended)
        assert codes[0] == 0, [each.err for each in ended]
        assert set(codes) <= DOCUMENTED
        assert all("another run of" in each.err for each in ended if each.code == 75)
        for app in ("web", "job"):
            assert len(where.api.containers(all=True, filters={"name": f"isolate-{where.name}_{app}$"})) == 1
        assert len(where.api.networks(names=[f"isolate-{where.name}"])) == 1
        busy = waited(where)
        if number % 10 == 9:
            assert where.down() == []
    return busy


def test_of_four_up_at_once_one_wins_and_the_others_wait_or_are_told_in_two_seconds(one: Project) -> None:
    busy = four(one, 2)
    assert max(busy, default=0) <= BUSY_SECONDS
    assert one.down() == []


@pytest.mark.torture
def test_fifty_rounds_of_four_up_at_once(one: Project) -> None:
    busy = four(one, 50)
    print(f"\nbusy after {max(busy, default=0):.2f} s at most, of {len(busy)} last ones")
    assert max(busy, default=0) <= BUSY_SECONDS
    assert one.down() == []


def beside(where: Project, seconds: float) -> None:
    up, down = together(where, ("up", where.manifest(), "--json"), ("down", where.manifest()), after=(0, seconds))
    assert up.code in DOCUMENTED, up
    assert down.code in {0, 1}, down
    assert where.down() == []


def test_down_beside_up_is_no_verdict_and_a_second_down_leaves_nothing(one: Project) -> None:
    beside(one, 1.0)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(10))
def test_down_at_any_moment_of_up(one: Project, seed: int) -> None:
    beside(one, random.Random(seed).uniform(0, 4))


def test_two_projects_at_once_do_not_meet_and_two_down_at_once_both_succeed(
    one: Project, engine_url: str, python_base: str, tmp_path: Path
) -> None:
    with project(engine_url, python_base, "t-crash-twice", tmp_path / "two") as two:
        ended = together(one, *[("up", each.manifest(), "--json") for each in (one, two)])
        assert [(each.code, json.loads(each.out)["verdict"]) for each in ended] == [(0, "no-conflict")] * 2
        downs = together(one, *[("down", one.manifest(), "--json")] * 2)
        assert [each.code for each in downs] == [0, 0], downs
        assert one.down() == []
        assert len(two.left()) == 3
