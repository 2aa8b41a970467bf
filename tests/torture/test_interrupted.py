"""A signal at any moment: what the run made is removed, soon, without a traceback."""

from __future__ import annotations

import os
import pty
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from isolate import COMMAND, service, write
from torture.pair import NEW, SETTLED_SECONDS, Project, each, project
from torture.proxy import Fault, between

pytestmark = pytest.mark.docker
INSTANTS = 30
APPS = 8
SOON_SECONDS = 5.0
SLOTS = 2
PIPE = signal.SIGPIPE
"""Here: the reader of what the run tells goes away, which is what the signal stands for."""
KINDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, PIPE)
ENDS = {signal.SIGINT: 130, signal.SIGTERM: 130, signal.SIGHUP: 130, PIPE: 141}


@dataclass(frozen=True, slots=True)
class Stopped:
    """A run that was interrupted: what with and when, its exit code, and how long it took to end."""

    number: signal.Signals
    at: float
    code: int
    seconds: float
    err: str
    left: tuple[str, ...]

    @property
    def too_late(self) -> bool:
        return self.code == 0

    def wrong(self) -> list[str]:
        found = ["Traceback"] if "Traceback" in self.err or "Exception ignored" in self.err else []
        if not (self.too_late or self.code == ENDS[self.number]):
            found.append("exit code")
        if self.left and not self.too_late:
            found.append("left")
        return [f"{one}: {self}" for one in found]


def eight(where: Project) -> str:
    """Two services and six jobs."""
    apps: dict[str, object] = {f"web{n}": service(NEW) for n in range(2)}
    job = {"runtime": NEW, "command": ["python", "-c", "print(8)"], "checks": [{"exit": 0}]}
    apps |= {f"job{n}": job for n in range(APPS - 2)}
    return write(where.folder, where.name, apps)


def stopped(where: Project, *words: str, number: signal.Signals, at: float) -> Stopped:
    """One run, interrupted `at` seconds after its first line of code."""
    with where.begin(*words) as process:
        ours(process)
        with suppress(subprocess.TimeoutExpired):
            process.wait(at)
        began = time.monotonic()
        assert process.stderr
        assert process.stdout
        if number is PIPE:
            process.stderr.close()
            process.stdout.close()
            err = ""
        else:
            process.send_signal(number)
            err = process.stderr.read()
        code = process.wait(120)
    return Stopped(number, at, code, time.monotonic() - began, err, tuple(where.left()))


def ours(process: subprocess.Popen[str]) -> None:
    """Waits until the command has a word in what a signal does; before that the interpreter itself is not up."""
    status = Path(f"/proc/{process.pid}/status")
    caught = 0
    while process.poll() is None and not caught >> (signal.SIGTERM - 1) & 1:
        caught = int(next(line for line in status.read_text().splitlines() if line.startswith("SigCgt")).split()[1], 16)


def told(process: subprocess.Popen[str], *words: str) -> None:
    """Reads on until a line holds one of the words."""
    for line in process.stderr or ():
        if any(word in line for word in words):
            return
    raise AssertionError(f"ended without a word of {words}")


@pytest.fixture
def slots(engine_url: str, python_base: str, tmp_path: Path) -> Iterator[list[Project]]:
    with ExitStack() as stack:
        yield [
            stack.enter_context(project(engine_url, python_base, f"t-crash-s{n}", tmp_path / str(n)))
            for n in range(SLOTS)
        ]


@pytest.fixture
def one(slots: list[Project]) -> Project:
    return slots[0]


@pytest.mark.torture
@pytest.mark.parametrize("number", KINDS, ids=lambda number: number.name)
def test_eight_apps_at_thirty_instants(number: signal.Signals, slots: list[Project]) -> None:
    lasts = slots[0].run("up", eight(slots[0]), "--json").seconds
    assert slots[0].down() == []
    chance = random.Random(number.value)
    instants = [chance.uniform(0.02, lasts) for _ in range(INSTANTS)]

    def interrupt(slot: int, at: float) -> Stopped:
        found = stopped(slots[slot], "up", eight(slots[slot]), number=number, at=at)
        if found.too_late:
            slots[slot].run("down", eight(slots[slot]))
        return found

    ended = each(interrupt, instants, SLOTS)
    assert [one for one in ended if not isinstance(one, Stopped)] == []
    took = sorted(one.seconds for one in ended if not one.too_late)
    late = sum(one.too_late for one in ended)
    print(
        f"\n{number.name}: of {INSTANTS} {late} too late, median {took[len(took) // 2]:.1f} s, worst {took[-1]:.1f} s"
    )
    assert [what for one in ended for what in one.wrong()] == []
    time.sleep(SETTLED_SECONDS)
    assert [one.left() for one in slots] == [[]] * SLOTS
    assert took[int(len(took) * 0.95) - 1] <= SOON_SECONDS


@pytest.mark.parametrize(("number", "moment"), [(signal.SIGTERM, "building"), (signal.SIGHUP, "started")])
def test_a_signal_removes_what_the_run_made_and_exits_130(number: signal.Signals, moment: str, one: Project) -> None:
    with one.begin("up", one.manifest(f"{number}{moment}{time.time()}"), "--progress", "plain") as process:
        told(process, moment)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, one.left()) == (130, []), err
    assert "Traceback" not in err


def test_a_reader_who_goes_away_ends_the_run_and_nothing_is_left(one: Project) -> None:
    """`isolate up 2>&1 | head -5`: the shell's own code for it is 141."""
    with one.begin("up", one.manifest(), "--progress", "plain") as process:
        told(process, "started")
        assert process.stderr
        process.stderr.close()
        assert process.wait(60) == 141
    assert one.left() == []


def test_ctrl_c_is_heard_although_what_reads_the_messages_has_ended_first(one: Project) -> None:
    """`isolate up 2>&1 | tee log`, where Ctrl-C reaches both."""
    with one.begin("up", one.manifest(), "--progress", "quiet") as process:
        while not one.left():
            assert process.poll() is None
        assert process.stderr
        process.stderr.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) in {130, 141}
    assert one.left() == []


def test_a_terminal_that_hangs_up_leaves_nothing(one: Project) -> None:
    ours, theirs = pty.openpty()
    variables = {**os.environ, "DOCKER_HOST": one.url, "XDG_STATE_HOME": str(one.folder / "state"), "TERM": "xterm"}
    command = ("setsid", "--ctty", *COMMAND, "up", one.manifest(), "--progress", "tty")
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=variables) as process:
        os.close(theirs)
        began = time.monotonic()
        while not one.left() and time.monotonic() - began < 60:
            os.read(ours, 4096)
        os.close(ours)
        assert process.wait(60) in {130, 141}
    assert one.left() == []


def test_a_second_ctrl_c_names_the_command_that_cleans_up_and_ends_at_once(one: Project) -> None:
    with one.begin("up", one.manifest(), "--progress", "plain") as process:
        told(process, "started")
        process.send_signal(signal.SIGINT)
        told(process, "once more ends at once")
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert time.monotonic() - began < 1
    assert process.returncode == 130
    assert f"isolate down {one.name}" in err
    assert one.down() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_while_a_test_cleans_up_does_not_stop_the_cleaning(number: signal.Signals, one: Project) -> None:
    """Three boxes of the other arms are removed as the run goes on, the two isolated ones at its end."""
    with (
        between(one.folder / "s", one.url, Fault("DELETE /containers/{}", 4, "delay")) as proxy,
        one.begin("test", one.manifest(), url=proxy.url) as process,
    ):
        assert proxy.struck.wait(60)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, one.left()) == (0, []), err
    assert "Traceback" not in err
    assert "no-conflict" in out


def test_a_signal_before_anything_runs_is_no_traceback(one: Project) -> None:
    """While Python loads, files are read, the engine is looked for."""
    manifest = one.manifest()
    ended = [
        stopped(one, "up", manifest, number=number, at=0.03 * step)
        for step, number in enumerate((signal.SIGINT, signal.SIGTERM, signal.SIGHUP) * 3)
    ]
    assert [what for each in ended for what in each.wrong()] == []
