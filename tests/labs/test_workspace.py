"""The learner's folder: what was in it is set aside whole, however often, or nothing is touched."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from labs.written import two_files
from orchestrator.errors import Unavailable, UsageError
from orchestrator.lab import library, workspace


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "a.txt").write_text("mine")
    return folder


def test_however_often_it_is_set_aside_nothing_is_lost(mine: Path) -> None:
    theirs = mine.with_name("mine.before-3")
    theirs.mkdir()
    (theirs / "thesis.txt").write_text("years of work")
    mine.with_name("mine.before-5").symlink_to("nowhere")
    for number in range(12):
        (mine / "a.txt").write_text(f"version {number}")
        aside = workspace.set_aside(mine)
        assert aside
        assert (aside / "a.txt").read_text() == f"version {number}"
    kept = [path / "a.txt" for path in mine.parent.glob("mine.before-*") if path.is_dir() and path != theirs]
    assert sorted(path.read_text() for path in kept) == sorted(f"version {number}" for number in range(12))
    assert (theirs / "thesis.txt").read_text() == "years of work"


def test_a_pipe_has_nothing_to_keep_and_is_in_nobodys_way(mine: Path, tmp_path: Path) -> None:
    os.mkfifo(mine / "pipe")
    (mine / "deep").mkdir()
    os.mkfifo(mine / "deep/pipe")
    lab = library.load(two_files(tmp_path / "labs"))
    aside = workspace.bring_back(lab, lab.steps[0], mine)
    assert aside
    assert sorted(path.name for path in aside.rglob("*")) == ["a.txt", "deep"]
    assert [path.name for path in mine.iterdir()] == ["a.txt"]
    workspace.copy(aside, tmp_path / "copy")
    assert (tmp_path / "copy/a.txt").read_text() == "mine"


def unreadable(*_: Any, **__: Any) -> None:
    raise PermissionError(13, "Permission denied", "a.txt")


def test_what_cannot_be_kept_is_not_replaced(mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = library.load(two_files(tmp_path / "labs"))
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", unreadable)
        with pytest.raises(Unavailable, match="cannot be copied: .*Permission denied"):
            workspace.bring_back(lab, lab.steps[0], mine)
    assert (mine / "a.txt").read_text() == "mine"
    assert not mine.with_name("mine.before-1").exists()


def test_what_cannot_be_removed_is_told(mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = library.load(two_files(tmp_path / "labs"))
    monkeypatch.setattr(Path, "unlink", unreadable)
    with pytest.raises(Unavailable, match="cannot be brought back: Permission denied"):
        workspace.bring_back(lab, lab.steps[0], mine)
    assert mine.with_name("mine.before-1").joinpath("a.txt").read_text() == "mine"


def test_a_solution_where_a_pipe_lies_is_told(mine: Path, tmp_path: Path) -> None:
    lab = library.load(two_files(tmp_path / "labs"))
    (mine / "a.txt").unlink()
    os.mkfifo(mine / "a.txt")
    with pytest.raises(Unavailable, match="cannot be written: .*named pipe"):
        workspace.solve(lab.steps[0], mine)


def test_a_link_that_leads_to_itself_is_told(mine: Path, tmp_path: Path) -> None:
    lab = library.load(two_files(tmp_path / "labs"))
    (mine / "a.txt").unlink()
    (mine / "a.txt").symlink_to("a.txt")
    with pytest.raises((UsageError, Unavailable)):
        workspace.solve(lab.steps[0], mine)
