"""The folder that one run leaves."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import scenarios
from orchestrator import record, runs
from orchestrator.errors import Unavailable, UsageError
from orchestrator.events import EngineReady, Failed
from orchestrator.runs import LOG_BYTES, RunFolder, newest, projects, read


def test_a_state_folder_that_cannot_be_written_to_is_told_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(Unavailable, match="cannot be made: Not a directory") as refused:
        RunFolder("project", "run")
    assert refused.value.hint == "set XDG_STATE_HOME to a folder that you may write to"


def test_a_state_folder_that_is_gone_names_what_removes_the_apps(tmp_path: Path) -> None:
    folder = RunFolder("pair", "run", tmp_path)
    shutil.rmtree(tmp_path / "pair")
    for act in (lambda: folder.result({}), lambda: folder.log("isolated", "x"), lambda: folder.dockerfiles({"x": ""})):
        with pytest.raises(Unavailable) as refused:
            act()
        assert refused.value.hint.endswith("; isolate down pair removes what is up")
        assert "room" not in refused.value.hint
    folder.close()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_where_there_is_no_room_some_is_to_be_made(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    folder = RunFolder("pair", "run", tmp_path)
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(Unavailable) as refused:
        folder.result({})
    assert refused.value.hint.startswith("make room, or set XDG_STATE_HOME")
    folder.close()


def test_what_a_run_has_left_reads_back_as_the_same_events(tmp_path: Path) -> None:
    _, story = scenarios.dotnet()
    folder = RunFolder("pair", "run", tmp_path)
    for _, event in story:
        folder.take(event)
    folder.log("shared dotnet@3.1 invoice", "no framework\n")
    folder.close()
    run = read(folder.path)
    assert run.events == tuple(event for _, event in story)
    assert run.logs["shared dotnet@3.1 invoice"] == "no framework\n"
    assert [one.at for one in run.recorded] == sorted(one.at for one in run.recorded)


def test_the_line_that_a_killed_run_was_writing_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text(record.line(0.5, EngineReady("docker", "26.1.5", "buildkit")) + '\n{"at": 1')
    assert read(tmp_path).events == (EngineReady("docker", "26.1.5", "buildkit"),)


@pytest.mark.parametrize(
    "text", ['{"at": 0, "event": "engine-flew"}', '{"at": 0, "event": "engine-ready"}', "[]", "x}", "[" * 100_000 + "}"]
)
def test_a_record_of_another_version_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "events.jsonl").write_text(f"{text}\n")
    with pytest.raises(UsageError, match="is not one of isolate"):
        read(tmp_path)


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """What is written beyond fails as on a full disk, but for its name: a part of it may have been written."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)


def test_a_disk_that_is_full_is_no_bug_and_leaves_no_half_result(tmp_path: Path) -> None:
    folder = RunFolder("pair", "run", tmp_path)
    with no_file_larger_than(0):
        for write in (
            lambda: folder.take(EngineReady("docker", "26.1.5", "buildkit")),
            lambda: folder.result({"verdict": "conflict"}),
            lambda: folder.log("isolated web", "text"),
            lambda: folder.dockerfiles({"isolate/web:1": "FROM scratch"}),
        ):
            with pytest.raises(Unavailable, match="File too large") as refused:
                write()
            assert "XDG_STATE_HOME" in refused.value.hint
        folder.close()
    assert not list(folder.path.glob("result*"))


def test_an_event_that_does_not_fit_leaves_a_record_that_can_be_read(tmp_path: Path) -> None:
    """And what is told after it, where there is room again, is read as well."""
    folder = RunFolder("pair", "run", tmp_path)
    events = [event for _, event in scenarios.dotnet()[1]]
    folder.take(events[0])
    with no_file_larger_than((folder.path / "events.jsonl").stat().st_size + 20), pytest.raises(Unavailable):
        folder.take(events[1])
    folder.take(events[2])
    folder.close()
    assert list(read(folder.path).events) == [events[0], events[2]]


def test_after_a_clock_that_was_wrong_the_newest_run_is_the_last_and_the_wrong_ones_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of ten years ahead neither hides those that came later, nor pushes them out."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(runs, "KEPT", 2)
    for run in ("20991231-120000-0000", "20260101-120000-0000", "20260101-130000-0000"):
        folder = RunFolder("pair", run)
        folder.take(scenarios.dotnet()[1][0][1])
        folder.close()
    last = newest("pair")
    assert last
    assert last.name == "20260101-130000-0000"
    runs.forget(last)
    assert sorted(one.name for one in last.parent.iterdir()) == ["20260101-120000-0000", "20260101-130000-0000"]


def test_of_a_long_log_the_end_is_read_and_how_much_is_left_out_is_said(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "isolated_web.log").write_bytes(b"x" * LOG_BYTES + b"the end")
    (tmp_path / "events.jsonl").touch()
    log = read(tmp_path).logs["isolated web"]
    assert log.startswith("(7 bytes before this are left out)")
    assert log.endswith("the end")


def test_the_oldest_runs_go_and_never_one_that_has_begun(tmp_path: Path) -> None:
    """Twenty that came later, and were told that it is busy, do not push it out."""
    for number in range(runs.KEPT + 3):
        RunFolder("pair", f"r{number:02}", tmp_path).close()
    runs.forget(tmp_path / "pair" / "r01")
    assert sorted(one.name for one in (tmp_path / "pair").iterdir())[:2] == ["r01", "r03"]


def test_the_newest_run_of_a_project_is_found_also_where_its_boxes_had_a_borrowed_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert newest("dotnet-pair") is None
    of, story = scenarios.dotnet()
    for project, run in ((of.name, "20260101"), (f"{of.name}-test", "20260102"), ("other", "20260103")):
        folder = RunFolder(project, run)
        if project != "other":
            folder.take(story[0][1])
        else:
            folder.take(Failed("another run of other is under way", "", "", 75))
        folder.close()
    assert newest(of.name) == tmp_path / "isolate/runs" / f"{of.name}-test" / "20260102"
    assert newest("") == newest(of.name), "a run that never began is none"
    assert projects() == [of.name]


@pytest.mark.parametrize("what", ["link", "fifo", "deep", "backwards", "stranger"])
def test_a_folder_that_no_run_has_left_is_refused_in_one_line(tmp_path: Path, what: str) -> None:
    events = tmp_path / "events.jsonl"
    _, story = scenarios.dotnet()
    match what:
        case "link":
            events.symlink_to("/etc/passwd")
        case "fifo":
            os.mkfifo(events)
        case "deep":
            events.write_text("[" * 100_000 + "\n")
        case "backwards":
            events.write_text("".join(f"{record.line(at, event)}\n" for at, event in reversed(story)))
        case "stranger":
            events.write_text('{"at": 0, "event": "engine-ready", "kind": 3, "version": {}}\n')
    with pytest.raises(UsageError) as refused:
        read(tmp_path)
    assert "\n" not in refused.value.message


def test_logs_that_are_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").touch()
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/a.log").symlink_to("/etc/passwd")
    with pytest.raises(UsageError):
        read(tmp_path)


@pytest.mark.parametrize("project", ["pair", "dotnet-2.2-vs-3.1"])
def test_a_run_is_found_by_its_labels_and_no_label_leads_out_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = RunFolder(project, run := runs.identity())
    folder.close()
    assert runs.recorded(project, run) == folder.path
    assert not runs.recorded(f"../runs/{project}", run)
    assert not runs.recorded(project, f"../{project}/{run}")


def test_a_disk_that_fills_up_ends_the_run_and_is_no_bug(tmp_path: Path) -> None:
    folder = RunFolder("p", "r", tmp_path)
    folder.close()
    folder._events = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115  closed below
    with pytest.raises(Unavailable, match="No space left on device"):
        folder.take(EngineReady("docker", "1", "buildkit"))
    folder.close()


def test_a_result_that_finds_no_room_leaves_no_half_of_itself(tmp_path: Path) -> None:
    folder = RunFolder("p", "r", tmp_path)
    (folder.path / "result.json.part").symlink_to("/dev/full")
    with pytest.raises(Unavailable, match="No space left on device"):
        folder.result({})
    folder.close()
    assert [path.name for path in folder.path.iterdir()] == ["events.jsonl"]
