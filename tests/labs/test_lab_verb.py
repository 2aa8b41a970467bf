"""`isolate lab` as a learner types it."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from isolate import COMMAND
from labs.written import lab, step, two_files
from orchestrator.cli.lab import LEARNER, TEACHER
from published import is_result

Isolate = Callable[..., subprocess.CompletedProcess[str]]
SECONDS = 60


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if name != "CI"}
    return {**ours, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "DOCKER_HOST": "unix:///nowhere"}


@pytest.fixture
def isolate(tmp_path: Path, variables: dict[str, str]) -> Isolate:
    two_files(tmp_path / "labs", "two")
    two_files(tmp_path / "labs", "zwei")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (*COMMAND, "lab", *words), capture_output=True, text=True, env=variables, check=False, timeout=SECONDS
        )

    return run


@pytest.fixture
def labs(tmp_path: Path) -> tuple[str, str]:
    return ("--labs", str(tmp_path / "labs"))


def test_from_the_list_to_the_end_of_the_first_lab(isolate: Isolate, labs: tuple[str, str], tmp_path: Path) -> None:
    assert "no lab was begun" in isolate("status").stdout
    assert re.search(r"two +0/2 +10 +A lab", isolate("list", *labs).stdout)
    begun = isolate("start", "two", *labs)
    folder = tmp_path / "isolate-labs/two"
    assert "do first" in begun.stdout
    assert str(folder) in begun.stdout
    failed = isolate("check")
    assert failed.returncode == 1
    assert 'no  a.txt holds "alpha"' in failed.stdout
    (folder / "a.txt").write_text("alpha")
    passed = isolate("check")
    assert passed.returncode == 0
    assert "so it was with first" in passed.stdout
    assert "do second" in isolate("next").stdout
    assert isolate("next").returncode == 2
    assert "Hint 1 of 3. one" in isolate("hint").stdout
    assert "isolate lab check" in isolate("solve").stdout
    assert "that was two, all 2 steps" in isolate("check").stdout
    assert re.search(r"\* +two +2/2", isolate("list", *labs).stdout)
    assert "step    2 of 2, done" in isolate("status").stdout
    assert "do first" in isolate("next").stdout
    assert json.loads(isolate("status", "--json").stdout)["lab"]["name"] == "zwei"


@pytest.mark.parametrize("words", [("check",), ("hint",), ("solve",), ("reset",), ("next",), ("text",)])
def test_what_needs_a_lab_says_how_to_begin_one(words: tuple[str, ...], isolate: Isolate) -> None:
    ran = isolate(*words)
    assert ran.returncode == 3
    assert "no lab was begun" in ran.stderr
    assert "isolate lab start NAME" in ran.stderr


def test_every_answer_is_one_document_with_json(isolate: Isolate, labs: tuple[str, str]) -> None:
    for words, code in (
        (("list", *labs), 0),
        (("start", "two", *labs), 0),
        (("check",), 1),
        (("hint",), 0),
        (("reset",), 0),
        (("solve",), 0),
        (("check",), 0),
        (("next",), 0),
        (("text",), 0),
        (("status",), 0),
        (("start", "nobody", *labs), 3),
        (("selftest", *labs), 0),
    ):
        ran = isolate(*words, "--json")
        told = json.loads(ran.stdout)
        assert (ran.returncode, told["exit_code"]) == (code, code), words
        assert is_result(told), words


def test_what_is_kept_of_one_lab_is_not_told_of_another_of_that_name(
    isolate: Isolate, labs: tuple[str, str], tmp_path: Path
) -> None:
    isolate("start", "two", *labs)
    isolate("solve")
    assert isolate("check").returncode == 0
    two_files(tmp_path / "others", "two")
    assert re.search(r"(?m)^ +two +0/2", isolate("list", "--labs", str(tmp_path / "others")).stdout)


def test_another_folder_for_what_was_begun_is_refused(isolate: Isolate, labs: tuple[str, str], tmp_path: Path) -> None:
    isolate("start", "two", *labs)
    ran = isolate("start", "two", *labs, "--in", str(tmp_path / "elsewhere"))
    assert (ran.returncode, "two was begun in" in ran.stderr) == (2, True)


def test_options_of_actions_are_written_out_and_every_action_shows_an_example(isolate: Isolate) -> None:
    assert isolate("list", "--lab", "x").returncode == 2
    for action in (*LEARNER, *TEACHER):
        assert f"isolate lab {action}" in isolate(action, "--help").stdout


def test_watch_without_a_terminal_is_refused(isolate: Isolate, labs: tuple[str, str]) -> None:
    isolate("start", "two", *labs)
    ran = isolate("watch")
    assert ran.returncode == 2
    assert "watch needs a terminal" in ran.stderr


class Screen:
    """What a command shows on a terminal of its own, and the keys that are pressed there."""

    def __init__(self, end: int, process: subprocess.Popen[bytes]) -> None:
        self.end, self.process, self.shown, self.before = end, process, "", ""

    def until(self, text: str) -> None:
        """Waits until that is shown after what was waited for before."""
        deadline = time.monotonic() + SECONDS
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            if select.select([self.end], [], [], 0.2)[0]:
                self.shown += os.read(self.end, 4096).decode(errors="replace")
        self.before, _, self.shown = self.shown.partition(text)

    def more(self) -> str:
        """What else it shows; empty where it has ended."""
        try:
            return os.read(self.end, 4096).decode(errors="replace")
        except OSError:
            return ""

    def press(self, key: str) -> None:
        os.write(self.end, key.encode())


@contextmanager
def watching(variables: dict[str, str]) -> Iterator[Screen]:
    ours, theirs = pty.openpty()
    command = (*COMMAND, "lab", "watch")
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={**variables, "TERM": "xterm"}
    ) as process:
        os.close(theirs)
        try:
            yield Screen(ours, process)
        finally:
            process.kill()
            os.close(ours)


MENU = "q quit"
"""What comes after all else that a key shows."""


def test_watch_checks_when_a_file_changes_and_hears_single_keys(
    isolate: Isolate, labs: tuple[str, str], tmp_path: Path, variables: dict[str, str]
) -> None:
    isolate("start", "two", *labs)
    folder = tmp_path / "isolate-labs/two"
    with watching(variables) as screen:
        screen.until("do first")
        screen.until(MENU)
        screen.press("h")
        screen.until("Hint 1 of 3.")
        screen.until(MENU)
        screen.press("n")
        screen.until("is not done yet")
        screen.until(MENU)
        (folder / "a.txt").write_text("not yet")
        screen.until('a.txt holds "alpha"')
        screen.until(MENU)
        (folder / "a.txt").write_text("alpha")
        screen.until("so it was with first")
        screen.until(MENU)
        screen.press("n")
        screen.until("do second")
        screen.until(MENU)
        screen.press("l")
        screen.until("1/2")
        screen.until(MENU)
        screen.press("r")
        screen.until("r once more")
        screen.until(MENU)
        screen.press("l")
        screen.until("1/2")
        screen.until(MENU)
        screen.press("r")
        screen.until("r once more")
        screen.until(MENU)
        assert (folder / "a.txt").read_text() == "alpha"
        assert not list(folder.parent.glob("two.before-*"))
        screen.press("r")
        screen.until("is as it was when step 2 began")
        screen.until(MENU)
        screen.press("c")
        screen.until("there is no such file")
        screen.until(MENU)
        screen.press("q")
        assert screen.process.wait(SECONDS) == 0


def test_keys_pressed_while_it_checks_were_not_meant_for_what_comes_after(
    isolate: Isolate, tmp_path: Path, variables: dict[str, str]
) -> None:
    slow = {"command": ["ps", "manifest.yaml"], "exit": 0, "within": 2}
    lab(tmp_path / "labs/slow", step("only", slow), files={"a.txt": "x"})
    assert isolate("start", "slow", "--labs", str(tmp_path / "labs")).returncode == 0
    with watching(variables) as screen:
        screen.until(MENU)
        screen.press("c")
        screen.until("checking ...")
        screen.press("h")
        screen.until("were not heard")
        screen.until(MENU)
        screen.press("l")
        screen.until("A lab")
        assert "Hint" not in screen.before
        screen.until(MENU)
        screen.press("c")
        screen.until("checking ...")
        screen.press("q")
        (tmp_path / "isolate-labs/slow/a.txt").write_text("y")
        assert screen.process.wait(SECONDS) == 0
        while select.select([screen.end], [], [], 0)[0] and (piece := screen.more()):
            assert "checking" not in piece, "to quit comes before a change"


def test_ctrl_c_ends_the_watch_and_gives_the_terminal_back(
    isolate: Isolate, labs: tuple[str, str], variables: dict[str, str]
) -> None:
    isolate("start", "two", *labs)
    with watching(variables) as screen:
        screen.until("q quit")
        assert not termios.tcgetattr(screen.end)[3] & termios.ICANON
        screen.process.send_signal(signal.SIGINT)
        assert screen.process.wait(SECONDS) == 130
        assert termios.tcgetattr(screen.end)[3] & termios.ICANON


def test_what_a_strangers_lab_prints_cannot_act(tmp_path: Path, isolate: Isolate) -> None:
    made = two_files(tmp_path / "bad", "bad")
    (made / "steps/first/text.md").write_text("see \x1b]0;owned\x07 [here](javascript:x) \x9b31m ::error::x\n")
    lab = json.loads((made / "lab.yaml").read_text())
    lab["title"] = "a \u202e title"
    (made / "lab.yaml").write_text(json.dumps(lab))
    ran = isolate("list", "--labs", str(tmp_path / "bad"))
    assert (ran.returncode, "U+202E" in ran.stderr) == (2, True)
    lab["title"] = "a title"
    (made / "lab.yaml").write_text(json.dumps(lab))
    shown = isolate("start", "bad", "--labs", str(tmp_path / "bad")).stdout
    assert "owned" in shown
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown)


def test_a_skeleton_can_be_read_and_its_selftest_asks_for_a_solution(isolate: Isolate, tmp_path: Path) -> None:
    made = isolate("new", "fresh", "--labs", str(tmp_path / "mine"))
    assert made.returncode == 0
    assert "fresh" in isolate("list", "--labs", str(tmp_path / "mine")).stdout
    proved = isolate("selftest", "fresh", "--labs", str(tmp_path / "mine"))
    assert proved.returncode == 75, "there is no engine here"
    assert "??  fresh declare" in proved.stderr
    again = isolate("new", "fresh", "--labs", str(tmp_path / "mine"))
    assert (again.returncode, isolate("new", "../x").returncode) == (2, 2)


def test_a_selftest_of_what_holds_is_green_and_of_what_does_not_red(
    isolate: Isolate, labs: tuple[str, str], tmp_path: Path
) -> None:
    good = isolate("selftest", *labs, "--json")
    assert good.returncode == 0
    assert [one["wrong"] for one in json.loads(good.stdout)["steps"]] == [[]] * 4
    (tmp_path / "labs/two/steps/first/solution/a.txt").write_text("sabotaged")
    (tmp_path / "labs/zwei/files/b.txt").write_text("beta")
    bad = isolate("selftest", *labs, "--json")
    assert bad.returncode == 1
    wrong = {(one["lab"], one["step"]): one["wrong"] for one in json.loads(bad.stdout)["steps"] if one["wrong"]}
    assert list(wrong) == [("two", "first"), ("zwei", "second")]
    assert wrong["zwei", "second"] == ["the check passes although nothing was done"]
