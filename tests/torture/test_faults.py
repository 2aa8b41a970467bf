"""One call to the engine goes wrong: whatever it is, `down` leaves nothing of ours, and all that is not ours."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import product
from pathlib import Path
from zlib import crc32

import pytest

from torture.pair import SETTLED_SECONDS, Project, each, project
from torture.proxy import MODES, Fault, between

pytestmark = pytest.mark.docker
SLOTS = 6
KILLS = 500
Case = tuple[str, Fault]
SOME: tuple[Case, ...] = (
    ("up", Fault("POST /build", 1, "kill-in-flight")),
    ("up", Fault("POST /networks/create", 1, "kill-in-flight")),
    ("up", Fault("POST /containers/create", 1, "kill-in-flight")),
    ("up", Fault("POST /containers/{}/start", 2, "kill-in-flight")),
    ("up", Fault("POST /containers/{}/attach", 1, "hang")),
    ("up", Fault("POST /exec/{}/start", 1, "hang")),
    ("up", Fault("DELETE /containers/{}", 1, "500")),
    ("up", Fault("POST /containers/{}/start", 3, "delay")),
    ("test", Fault("POST /containers/create", 3, "lose")),
    ("test", Fault("DELETE /networks/{}", 1, "kill-before")),
    ("down", Fault("DELETE /containers/{}", 2, "reset")),
    ("down", Fault("DELETE /networks/{}", 1, "kill-after")),
)


@pytest.fixture
def slots(request: pytest.FixtureRequest, engine_url: str, python_base: str, tmp_path: Path) -> Iterator[list[Project]]:
    """Projects side by side, each with its strangers beside it; with names of this test's own."""
    names = [f"t-crash-{crc32(request.node.name.encode()) % 1000}-{n}" for n in range(SLOTS)]
    with ExitStack() as stack:
        made = [stack.enter_context(project(engine_url, python_base, name, tmp_path / name)) for name in names]
        for one in made:
            one.clear()
        assert made[0].run("up", made[0].manifest()).code == 0
        image = made[0].api.containers(all=True, filters={"label": f"io.isolate.project={made[0].name}"})[0]["Image"]
        for one in made:
            one.plant(image)
        yield made


def ran(one: Project, case: Case, mark: str = "") -> list[str]:
    """One command with its fault, then a plain `down`; all that is wrong."""
    words, fault = case
    manifest = one.manifest(mark if fault.endpoint == "POST /build" else "")
    if words == "down":
        one.run("up", manifest)
    known = one.tags()
    ended, struck = one.through(fault, words, manifest, "--json")
    built = one.tags() - known
    wrong = ended.wrong()
    if not struck:
        wrong.append("the call never came")
    if fault.mode == "delay" and ended.code != 0:
        wrong.append(f"late is not lost: {ended}")
    wrong += one.down()
    one.unbuild(built)
    print(f"{ended.code:4} {ended.seconds:5.1f} s  isolate {words}, {fault}: {wrong or 'well'}", flush=True)
    return [f"isolate {words}, {fault}: {what}" for what in wrong]


def all_of(slots: list[Project], cases: list[Case]) -> list[str]:
    found = each(lambda slot, case: ran(slots[slot], case, f"{slot} {cases.index(case)}"), cases, SLOTS)
    return [what for answer in found for what in answer]


def test_a_call_that_goes_wrong_leaves_nothing_that_down_does_not_find(slots: list[Project]) -> None:
    assert all_of(slots, list(SOME)) == []


@pytest.mark.torture
def test_every_changing_call_may_go_wrong_in_every_way(slots: list[Project]) -> None:
    """At its first, a middle and its last time, as one run of each command tells them."""
    cases = [
        (words, Fault(call, number, mode))
        for words, calls in recorded(slots[0]).items()
        for call, times in sorted(calls.items())
        for number, mode in product(sorted({1, (times + 1) // 2, times}), MODES)
    ]
    random.Random(6).shuffle(cases)
    print(f"\n{len(cases)} cases")
    assert all_of(slots, cases) == []


def recorded(one: Project) -> dict[str, dict[str, int]]:
    """How often each command calls what; `up` with everything to build."""
    calls = {}
    assert one.down() == []
    for words in ("up", "down", "test"):
        with between(one.folder / "r", one.url) as proxy:
            assert one.run(words, one.manifest("recorded"), url=proxy.url).code == 0
            calls[words] = dict(proxy.calls)
    assert one.down() == []
    return calls


@pytest.mark.torture
def test_of_five_hundred_killed_in_the_middle_of_a_call_none_leaves_anything(slots: list[Project]) -> None:
    """Killed up to 0.15 s after the request went out: what makes, starts or removes something."""
    chance = random.Random(7)
    calls = (
        ("POST /networks/create", 1),
        ("POST /containers/create", 2),
        ("POST /containers/{}/start", 2),
        ("POST /containers/{}/attach", 2),
        ("POST /containers/create", 3),
        ("DELETE /containers/{}", 1),
    )
    faults: list[Fault] = []
    while len(faults) < KILLS:
        call, times = chance.choices(calls, weights=(5, 4, 4, 1, 1, 1))[0]
        after = chance.choice((0.0, chance.uniform(0, 0.15)))
        faults.append(Fault(call, chance.randint(1, times), "kill-in-flight", after))
    found = each(lambda slot, at: killed(slots[slot], at, faults[at]), range(KILLS), SLOTS)
    assert [what for answer in found for what in answer] == []
    time.sleep(SETTLED_SECONDS)
    assert slots[0].left("t-crash-k") == []
    assert [what for one in slots for what in one.disturbed()] == []


def killed(slot: Project, at: int, fault: Fault) -> list[str]:
    """Each in a project of its own, so that all of them can be looked at again at the end."""
    one = replace(slot, name=f"t-crash-k{at}")
    ended, struck = one.through(fault, "up", one.manifest(), "--json")
    down = one.run("down", one.manifest())
    wrong = [*ended.wrong(), *down.wrong(), *one.left(), *([f"down: {down}"] if down.code else [])]
    wrong += [] if struck and ended.code == -signal.SIGKILL else [f"not killed: {ended.code}"]
    print(f"{ended.seconds:5.1f} s  {fault} {fault.after:.3f}: {wrong or 'well'}", flush=True)
    return [f"{fault} {fault.after:.3f}: {what}" for what in wrong]
