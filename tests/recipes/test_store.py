"""An artefact is made once, by one maker, and is never seen half made."""

from __future__ import annotations

import fcntl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from orchestrator.recipes.store import artefact


def test_many_who_want_it_at_once_get_the_one_that_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    together, made, lock = Barrier(8), [], fcntl.flock

    def lock_together(*argv: int) -> None:
        together.wait()
        lock(*argv)

    def make(target: Path) -> None:
        made.append(target)
        target.write_text("whole")

    monkeypatch.setattr(fcntl, "flock", lock_together)
    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(lambda _: artefact("thing-1", make), range(8)))
    assert len(made) == 1
    assert [path.read_text() for path in paths] == ["whole"]


def test_what_is_half_made_is_nowhere_to_be_seen(cache: Path) -> None:
    def fail(target: Path) -> None:
        target.write_text("half")
        raise ValueError

    with pytest.raises(ValueError):
        artefact("thing-1", fail)
    assert [path.name for path in cache.iterdir()] == [".thing-1.lock"]
    assert artefact("thing-1", lambda target: target.mkdir()).is_dir()


def test_what_a_killed_maker_left_is_cleared_away(cache: Path) -> None:
    leftover, foreign = cache / ".thing-1.making-abc/thing-1", cache / ".thing-10.making-abc"
    for folder in (leftover, foreign):
        folder.mkdir(parents=True)
    artefact("thing-1", lambda target: target.touch())
    assert not leftover.parent.exists()
    assert foreign.exists()
