"""Where reports go: whole or not at all, and over nothing that is no file."""

from __future__ import annotations

import os
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

import scenarios
from isolate import isolate
from orchestrator.cli._reports import write
from orchestrator.errors import Unavailable
from orchestrator.events import RunStarted
from orchestrator.model import SharedEntry
from orchestrator.reports import Run
from orchestrator.runs import RunFolder

NOTHING = Run((), {})


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    write({pipe: lambda _: "a report"}, NOTHING)
    reader.join()
    assert got == ["a report"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write({tmp_path / "link": lambda _: "new"}, NOTHING)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_folders_are_made_and_no_part_is_left(tmp_path: Path) -> None:
    write({tmp_path / "a/b/page.html": lambda _: "page"}, NOTHING)
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["page.html"]


def test_a_report_that_cannot_be_drawn_leaves_the_one_before_it(tmp_path: Path) -> None:
    (tmp_path / "page").write_text("old")
    with pytest.raises(Unavailable, match="cannot be written"):
        write({tmp_path / "page/x": lambda _: "new"}, NOTHING)
    assert (tmp_path / "page").read_text() == "old"


def test_json_and_files_go_together(tmp_path: Path) -> None:
    _, story = scenarios.dotnet()
    folder = RunFolder("pair", "run", tmp_path)
    for _, event in story:
        folder.take(event)
    folder.close()
    ran = isolate("report", str(folder.path), "--json", "--html", str(tmp_path / "page.html"), url="unix:///nowhere")
    assert ran.returncode == 0, ran.stderr
    assert '"verdict": "conflict"' in ran.stdout
    assert "conflict" in (tmp_path / "page.html").read_text()


def test_the_slide_of_another_entry_is_drawn_by_its_name(tmp_path: Path) -> None:
    _, story = stories_of_two()
    folder = RunFolder("pair", "run", tmp_path)
    for _, event in story:
        folder.take(event)
    folder.close()
    slide = tmp_path / "slide.svg"
    words = ("report", str(folder.path), "--svg", str(slide), "--entry")
    assert isolate(*words, "again", url="unix:///nowhere").returncode == 0
    assert "again, one of 2" in slide.read_text()
    slide.unlink()
    ran = isolate(*words, "never", url="unix:///nowhere")
    assert ran.returncode == 3
    assert "there is: one-runtime, again" in ran.stderr
    assert not slide.exists()


def stories_of_two() -> scenarios.Run:
    of, story = scenarios.dotnet()
    second = SharedEntry("again", apps=("invoice", "telemetry"))
    return of, [
        (at, replace(event, shared=(*event.shared, second)) if isinstance(event, RunStarted) else event)
        for at, event in story
    ]
