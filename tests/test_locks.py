"""Whether a run of a project is under way: asked of the kernel, which knows who has died."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from orchestrator import locks, places
from orchestrator.errors import Unavailable


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def idle(project: str) -> bool:
    with locks.idle(project) as answer:
        return answer


def test_a_run_that_finds_another_under_way_says_so_within_two_seconds() -> None:
    began = time.monotonic()
    with locks.only_one("pair"), pytest.raises(Unavailable) as refused, locks.only_one("pair"):
        pass
    assert time.monotonic() - began < 2
    assert (refused.value.where, refused.value.message) == (
        "",
        f"another run of pair is under way, and holds {places.state() / 'locks' / 'pair'}",
    )


@pytest.mark.parametrize("project", ["pair", "dotnet-2.2-vs-3.1", "pair.lent", "a" * 41])
def test_a_project_is_idle_unless_it_runs_or_is_lent(project: str) -> None:
    assert idle(project)
    with locks.only_one(project):
        assert not idle(project)
        assert locks.busy() == [project]
        assert idle("other")
    with locks.lent(project), locks.lent(project):
        assert not idle(project)
        assert locks.busy() == [project]
    assert idle(project)
    assert not locks.busy()


def test_no_name_of_a_project_is_that_of_another_ones_lock() -> None:
    """A project may be called `pair.lent`."""
    with locks.lent("pair"), locks.only_one("pair.lent"):
        assert locks.busy() == ["pair", "pair.lent"]


def test_a_file_among_the_locks_that_is_nobodys_makes_no_project_busy() -> None:
    with locks.only_one("pair"):
        (places.state() / "locks" / ".nfs0001").touch()
    assert not locks.busy()


def test_what_is_being_removed_is_not_lent_and_nobody_waits_for_it_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "BUSY_SECONDS", 0.2)
    told: list[str] = []

    def lend() -> None:
        try:
            with locks.lent("pair"):
                told.append("lent")
        except Unavailable as refused:
            told.append(refused.message)

    lending = threading.Thread(target=lend, daemon=True)
    with locks.idle("pair"):
        lending.start()
        lending.join(2)
        assert told == ["what a run of pair left is being removed"]


def test_no_run_begins_while_what_a_dead_one_left_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "BUSY_SECONDS", 0.0)
    with locks.idle("pair") as answer, pytest.raises(Unavailable, match="another run"), locks.only_one("pair"):
        pass
    assert answer


def test_a_lock_that_cannot_be_made_is_told_with_the_way_out_and_held_by_nobody() -> None:
    (places.state()).mkdir()
    (places.state() / "locks").touch()
    with pytest.raises(Unavailable, match="no lock can be made: ") as refused, locks.only_one("pair"):
        pass
    assert "XDG_STATE_HOME" in refused.value.hint
    assert idle("pair")
