"""How a run ends that was asked to: it removes what it made, says so only where that is true, and is no verdict."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from isolate import write
from orchestrator import catalogue, running
from orchestrator.engines import Swept
from orchestrator.engines.memory import MemoryEngine
from orchestrator.errors import Unavailable
from orchestrator.events import BuildLine
from orchestrator.running import conduct, lending
from orchestrator.running.teller import Teller

OFFICIAL = catalogue.entries("python")["3.12"].image
JOB = {"runtime": "python@3.12", "command": ["python", "-V"], "checks": [{"exit": 0}]}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> MemoryEngine:
    made = MemoryEngine(images=[OFFICIAL], holds=lambda _: {"python": "Python 3.12.1"})
    for module in (conduct, lending):
        monkeypatch.setattr(module, "open_engine", lambda: made)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return made


def carried(tmp_path: Path, act: Any, progress: Any = lambda _: None) -> tuple[int, list[Any]]:
    of = running.manifest([write(tmp_path, "pair", {"one": JOB, "two": JOB})])
    return running.carry_out(of, running.options(base="local"), progress, act)


def network(conductor: Any, drawn: Any) -> None:
    conductor.engine.network(drawn.project.network, drawn.project.of_network(drawn.manifest.apps))


def test_work_that_was_given_up_is_the_interruption_and_no_engine_that_failed(
    engine: MemoryEngine, tmp_path: Path
) -> None:
    """Whichever thread is the first to be heard."""

    def act(conductor: Any, drawn: Any, *_: Any) -> int:
        network(conductor, drawn)
        conductor.stop.set()
        raise Unavailable("given up")

    code, events = carried(tmp_path, act)
    assert (code, events[-1].message) == (130, "interrupted; what this run made is removed")
    assert not engine.holdings({"io.isolate.project": "pair"})


@pytest.mark.parametrize("interrupted", [False, True], ids=["lent", "interrupted"])
def test_a_folder_that_is_moved_meanwhile_takes_nothing_with_it(
    interrupted: bool, engine: MemoryEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who owns a run is known from its beginning: a path from here would lead elsewhere by now."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    write(Path(), "pair", {"one": JOB})

    def act(conductor: Any, drawn: Any, *_: Any) -> int:
        network(conductor, drawn)
        (tmp_path / "here").rename(tmp_path / "there")
        if interrupted:
            raise KeyboardInterrupt
        return 0

    of = running.manifest(["pair.yaml"])
    running.borrow(of, "test", running.options(base="local"), lambda _: None, act)
    assert not engine.holdings({"io.isolate.project": ""})


def test_an_interrupted_run_that_cannot_clean_up_does_not_say_that_it_did(
    engine: MemoryEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "sweep", lambda *_, **__: Swept(left=("container x: busy",)))

    def act(*_: Any) -> int:
        raise KeyboardInterrupt

    with pytest.raises(Unavailable, match="not removed: container x: busy") as caught:
        carried(tmp_path, act)
    assert caught.value.hint == "isolate down pair"


def test_a_run_whose_reader_is_gone_cleans_up_and_tells_the_shell(engine: MemoryEngine, tmp_path: Path) -> None:
    def act(conductor: Any, drawn: Any, *_: Any) -> int:
        network(conductor, drawn)
        conductor.emit(BuildLine("an image", "a line"))
        return 0

    def show(event: Any) -> None:
        if isinstance(event, BuildLine):
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    with pytest.raises(BrokenPipeError):
        carried(tmp_path, act, show)
    assert not engine.holdings({"io.isolate.project": "pair"})


def test_who_reads_no_more_is_told_no_more() -> None:
    taken, shown, stops = list[str](), list[str](), list[str]()

    def show(event: str) -> None:
        shown.append(event)
        raise BrokenPipeError

    tell = Teller(taken.append, show, lambda: stops.append("stop"))
    with pytest.raises(BrokenPipeError):
        tell("one")
    tell("two")
    assert (taken, shown, stops) == (["one", "two"], ["one"], ["stop"])
