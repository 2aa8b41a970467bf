"""What a learner does and what is kept of it: a step is done when its check says so, and never by anything else."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from labs.written import lab, step, two_files
from orchestrator.errors import NothingSelected, Unavailable, UsageError
from orchestrator.lab import course, progress
from orchestrator.lab.progress import Begun

NOBODY = lambda _: None  # noqa: E731


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def begun(tmp_path: Path) -> course.Standing:
    two_files(tmp_path / "labs", "two")
    two_files(tmp_path / "labs", "zwei")
    return course.start("two", tmp_path / "labs", tmp_path / "mine")


def outcomes(at: course.Standing) -> list[str]:
    return [one.outcome for one in course.check(at, NOBODY)]


def test_from_the_first_step_to_the_next_lab(begun: course.Standing) -> None:
    assert begun.folder.joinpath("a.txt").read_text() == "nothing yet\n"
    assert outcomes(begun) == ["fail"]
    with pytest.raises(UsageError, match="step 1 of two is not done yet"):
        course.advance(begun)
    begun.folder.joinpath("a.txt").write_text("now alpha\n")
    assert outcomes(begun) == ["pass"]
    second = course.advance(course.standing())
    assert second
    assert (second.step.name, second.finished) == ("second", False)
    course.solve(second, NOBODY)
    assert not course.standing().passed
    assert outcomes(second) == ["pass"]
    assert course.standing().finished
    other = course.advance(course.standing())
    assert other
    assert (other.lab.name, other.folder) == ("zwei", begun.folder.parent / "zwei")
    course.solve(other, NOBODY)
    assert outcomes(other) == ["pass"]
    last = course.advance(course.standing())
    assert last
    course.solve(last, NOBODY)
    assert outcomes(last) == ["pass"]
    assert course.advance(course.standing()) is None


def test_hints_come_one_by_one_and_the_idea_is_the_last(begun: course.Standing) -> None:
    seen = [course.hint(course.standing()).hints for _ in range(5)]
    assert seen == [("one",), ("one", "two"), ("one", "two", "three"), *[("one", "two", "three", "the idea")] * 2]


def test_what_the_learner_wrote_is_set_aside_and_never_lost(begun: course.Standing) -> None:
    begun.folder.joinpath("a.txt").write_text("mine")
    begun.folder.joinpath("notes/deep").mkdir(parents=True)
    begun.folder.joinpath("notes/deep/n.txt").write_text("my notes")
    aside = course.reset(begun)
    assert aside
    assert sorted(path.name for path in begun.folder.iterdir()) == ["a.txt"]
    assert begun.folder.joinpath("a.txt").read_text() == "nothing yet\n"
    assert aside.joinpath("a.txt").read_text() == "mine"
    assert aside.joinpath("notes/deep/n.txt").read_text() == "my notes"
    again = course.solve(begun, NOBODY)
    assert again
    assert again != aside


def test_reset_in_a_later_step_keeps_what_the_earlier_ones_have_solved(begun: course.Standing) -> None:
    course.solve(begun, NOBODY)
    outcomes(begun)
    second = course.advance(course.standing())
    assert second
    course.reset(second)
    assert second.folder.joinpath("a.txt").read_text() == "alpha"
    assert not second.folder.joinpath("b.txt").exists()


def test_start_goes_on_where_it_was_left(begun: course.Standing, tmp_path: Path) -> None:
    course.solve(begun, NOBODY)
    outcomes(begun)
    course.advance(course.standing())
    course.start("zwei", tmp_path / "labs", tmp_path / "mine")
    again = course.start("two", tmp_path / "labs")
    assert (again.step.name, again.begun.passed, again.folder) == ("second", ("first",), begun.folder)


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    two_files(tmp_path / "labs", "two")
    (tmp_path / "mine/two").mkdir(parents=True)
    (tmp_path / "mine/two/thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="not empty"):
        course.start("two", tmp_path / "labs", tmp_path / "mine")
    assert (tmp_path / "mine/two/thesis.txt").read_text() == "years of work"


def test_a_folder_that_was_removed_is_made_again_by_start(begun: course.Standing, tmp_path: Path) -> None:
    import shutil

    course.solve(begun, NOBODY)
    outcomes(begun)
    course.advance(course.standing())
    shutil.rmtree(begun.folder)
    with pytest.raises(UsageError, match="is gone"):
        outcomes(begun)
    again = course.start("two", tmp_path / "labs")
    assert (again.folder, again.step.name, again.begun.passed) == (begun.folder, "second", ("first",))
    assert again.folder.joinpath("a.txt").read_text() == "alpha"


def test_a_start_that_ended_half_way_can_be_made_again(tmp_path: Path) -> None:
    made = two_files(tmp_path / "labs", "two")
    (made / "files/z.txt").symlink_to("/etc/hostname")
    with pytest.raises(UsageError):
        course.start("two", tmp_path / "labs", tmp_path / "mine")
    (made / "files/z.txt").unlink()
    assert course.start("two", tmp_path / "labs", tmp_path / "mine").folder.joinpath("a.txt").exists()
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["two"]


def test_another_lab_of_the_same_name_does_not_take_over(begun: course.Standing, tmp_path: Path) -> None:
    two_files(tmp_path / "others", "two")
    with pytest.raises(UsageError, match="another lab called two"):
        course.start("two", tmp_path / "others", tmp_path / "mine")


def test_links_are_neither_copied_nor_followed(tmp_path: Path) -> None:
    made = two_files(tmp_path / "labs", "two")
    (made / "files/secret.txt").symlink_to("/etc/hostname")
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        course.start("two", tmp_path / "labs", tmp_path / "mine")
    (made / "files/secret.txt").unlink()
    at = course.start("two", tmp_path / "labs", tmp_path / "other")
    victim = tmp_path / "victim.txt"
    victim.write_text("untouched")
    at.folder.joinpath("a.txt").unlink()
    at.folder.joinpath("a.txt").symlink_to(victim)
    with pytest.raises(UsageError, match="leads out of"):
        course.solve(at, NOBODY)
    assert victim.read_text() == "untouched"
    assert [one.seen for one in course.check(at, NOBODY)] == ["it leads out of the folder"]


def test_a_lab_that_is_too_large_is_refused(tmp_path: Path) -> None:
    made = two_files(tmp_path / "labs", "two")
    with (made / "files/huge").open("wb") as huge:
        huge.truncate(20 * 1024 * 1024)
    with pytest.raises(UsageError, match="holds more than"):
        course.start("two", tmp_path / "labs", tmp_path / "mine")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"current": 1}', '{"current": "a", "labs": {"a": 3}}', "\xff"])
def test_a_record_that_nobody_can_read_is_put_beside(text: str, begun: course.Standing) -> None:
    progress.place().write_bytes(text.encode("latin-1"))
    assert progress.load().labs == {}
    assert progress.place().with_suffix(".unreadable").read_bytes() == text.encode("latin-1")
    with pytest.raises(NothingSelected, match="no lab was begun"):
        course.standing()


def test_a_record_that_cannot_be_read_just_now_is_left_alone(
    begun: course.Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> str:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_text", fails)
        with pytest.raises(Unavailable, match="Too many open files"):
            progress.load()
    assert course.standing().lab.name == "two"


def test_a_state_folder_that_cannot_be_written_to_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(Unavailable, match="nothing can be kept"):
        progress.begin("two", Begun("x"))


def _hinting(started: object) -> None:
    started.set()  # type: ignore[attr-defined]
    while True:
        progress.change("two", lambda begun: begun.hinted("first"))


def test_a_process_that_is_killed_while_it_writes_leaves_what_can_be_read(begun: course.Standing) -> None:
    spawn = multiprocessing.get_context("spawn")
    for _ in range(5):
        started = spawn.Event()
        writer = spawn.Process(target=_hinting, args=(started,))
        writer.start()
        assert started.wait(30)
        seen = progress.load().labs["two"].hints.get("first", 0)
        while progress.load().labs["two"].hints.get("first", 0) < seen + 20:
            assert writer.is_alive()
        assert writer.pid
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        json.loads(progress.place().read_text())
        assert course.standing().begun.hints["first"] >= seen + 20


def test_two_who_change_it_at_once_lose_nothing(begun: course.Standing) -> None:
    import threading

    def hint() -> None:
        for _ in range(20):
            progress.change("two", lambda begun: begun.hinted("first"))

    both = [threading.Thread(target=hint) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert course.standing().begun.hints == {"first": 40}


def test_a_step_that_its_author_renamed_begins_the_lab_again(begun: course.Standing, tmp_path: Path) -> None:
    lab(tmp_path / "labs/two", step("other", {"file": "a.txt", "holds": "x"}))
    assert course.standing().step.name == "other"
