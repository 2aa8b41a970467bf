"""The clock of our own processes is an hour late, ten years early, or jumps; the machine's is not touched."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from torture.pair import Project, project

pytestmark = pytest.mark.docker
ENGINE_CLOCK = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1"}
"""What jumps is the time of day. The other clock cannot jump."""
AWAKE = """\
import sys, threading, time
time.sleep = lambda seconds: threading.Event().wait(seconds)
from orchestrator.__main__ import main
sys.exit(main())
"""
"""The command itself, but that it sleeps otherwise: libfaketime 0.9.10 refuses to by a clock that it leaves alone."""
COMMAND = (sys.executable, "-c", AWAKE)
AN_HOUR_LATE, TEN_YEARS_EARLY = "-1h", "+3652d"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file that says how wrong the clock of commands is."""
    library = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
    assert library, "these tests need libfaketime: make clock"
    file = tmp_path / "clock"
    file.write_text("-0")
    for name, value in {**ENGINE_CLOCK, "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(file)}.items():
        monkeypatch.setenv(name, value)
    return file


@pytest.fixture
def pair(engine_url: str, python_base: str, tmp_path: Path) -> Iterator[Project]:
    with project(engine_url, python_base, "t-clock", tmp_path / "p") as made:
        yield made


def ran(pair: Project, *words: str, hook: Any = None) -> str:
    ended = pair.run(*words, command=COMMAND, hook=hook)
    assert (ended.code, ended.wrong()) == (0, []), ended
    return ended.out


def spans(pair: Project) -> list[float]:
    """Every duration, and every step from one event to the next, of all runs so far."""
    found = []
    for file in pair.folder.glob("state/isolate/runs/*/*/events.jsonl"):
        told = [json.loads(line) for line in file.read_text().splitlines()]
        found += [after["at"] - before["at"] for before, after in pairwise(told)]
        found += [one["seconds"] for one in told if isinstance(one.get("seconds"), (int, float))]
    return found


@pytest.mark.parametrize(
    "wrong", [pytest.param(AN_HOUR_LATE, marks=pytest.mark.torture), TEN_YEARS_EARLY], ids=["late", "early"]
)
def test_with_a_wrong_clock_all_verbs_hold(pair: Project, clock: Path, wrong: str) -> None:
    manifest = pair.manifest()
    ran(pair, "up", manifest)
    clock.write_text(wrong)
    ran(pair, "up", manifest, "--remembered")
    assert "web" in ran(pair, "ps", manifest)
    ran(pair, "test", manifest)
    assert ran(pair, "prune", manifest) == "nothing to remove\n"
    ran(pair, "down", manifest)
    assert pair.left() == []
    assert min(spans(pair)) >= 0


@pytest.mark.torture
@pytest.mark.parametrize("jump", [AN_HOUR_LATE, TEN_YEARS_EARLY])
def test_a_clock_that_jumps_while_a_run_goes_on_changes_nothing(pair: Project, clock: Path, jump: str) -> None:
    """It jumps as soon as the run has told its first event."""

    def watch(_: Any) -> None:
        while not list(pair.folder.glob("state/isolate/runs/*/*/events.jsonl")):
            pass
        clock.write_text(jump)

    ran(pair, "up", pair.manifest(), hook=watch)
    ran(pair, "down", pair.manifest())
    assert pair.left() == []
    assert min(spans(pair)) >= 0
    assert max(spans(pair)) < 600
