"""Progress on stderr: plain lines, JSON lines, a live view that leaves nothing behind, or nothing at all."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from golden import drawn, same

import scenarios
from orchestrator import console, record
from orchestrator.console.live import frame
from orchestrator.console.plain import told
from orchestrator.console.terminal import is_live
from orchestrator.picture import Picture, after
from scenarios import Story

TERMINAL = {"TERM": "xterm-256color", "CI": "", "NO_COLOR": "", "COLUMNS": "", "LINES": ""}


def at(story: Story, now: float) -> str:
    seen = Picture()
    for then, event in story:
        seen = after(seen, event, then) if then <= now else seen
    return drawn(frame(seen, now), 80)


@pytest.fixture
def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], str]:
    """Runs something with stderr on a terminal of its own; gives what the terminal got."""
    for name, value in TERMINAL.items():
        monkeypatch.setenv(name, value)

    def run(what: Callable[[], None]) -> str:
        ours, theirs = pty.openpty()
        got: list[bytes] = []
        reader = threading.Thread(target=lambda: got.extend(iter(lambda: _read(ours), b"")))
        reader.start()
        with os.fdopen(theirs, "w") as stream:
            monkeypatch.setattr(sys, "stderr", stream)
            what()
        reader.join()
        os.close(ours)
        return b"".join(got).decode()

    return run


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def left_over(got: str) -> list[str]:
    """The lines that a terminal shows after all of it; knows the few codes that a redrawn view needs."""
    lines, row = [""], 0
    for code in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r\n|\r|[^\x1b\r]+", got):
        match code:
            case "\r\n":
                row += 1
                lines += [""] * (row == len(lines))
            case "\x1b[2K":
                lines[row] = ""
            case "\x1b[1A":
                row -= 1
            case _ if code[0] not in "\x1b\r":
                lines[row] += code
    return [line for line in lines if line.strip()]


def tell(mode: str, story: Story) -> None:
    with console.progress(mode) as show:
        for _, event in story:
            show(event)


PLAIN = [scenarios.dotnet, scenarios.broken_build, scenarios.unsettled, scenarios.searched]


@pytest.mark.parametrize("run", PLAIN, ids=lambda run: run.__name__)
def test_plain_progress_is_one_line_for_each_event_worth_telling(run: Callable[[], scenarios.Run]) -> None:
    lines = [line for then, event in run()[1] if (line := told(then, event))]
    assert same(f"{run.__name__}.plain", "\n".join(lines) + "\n")


@pytest.mark.parametrize("now", [2.5, 5.2, 9.1, 11.9])
def test_the_live_view_is_this_while_the_run_goes_on(now: float) -> None:
    assert same(f"dotnet.live-{now}", at(scenarios.dotnet()[1], now))


def test_a_failing_app_is_told_with_its_reason_while_the_others_go_on() -> None:
    assert "failed     ERROR: No matching distribution found" in at(scenarios.broken_build()[1], 6.1)


def test_of_many_apps_those_are_shown_that_are_not_up_yet() -> None:
    shown = at(scenarios.many()[1], 13.0)
    assert "15 of 20 apps are up" in shown
    assert [line.split()[0] for line in shown.splitlines()[1:-1]] == [f"app-{number}" for number in range(15, 20)]


def test_json_progress_is_the_record_of_each_event(capsys: pytest.CaptureFixture[str]) -> None:
    _, story = scenarios.dotnet()
    tell("json", story)
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["event"] for line in lines] == [record.name(type(event)) for _, event in story]


def test_quiet_progress_says_nothing_and_no_progress_touches_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    tell("quiet", scenarios.dotnet()[1])
    assert capsys.readouterr() == ("", "")
    tell("plain", scenarios.dotnet()[1])
    assert capsys.readouterr().out == ""


def test_without_a_terminal_even_tty_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    tell("tty", scenarios.dotnet()[1])
    assert "\n   0.0s  invoice: healthy on dotnet@2.2, observed 2.2.2\n" in capsys.readouterr().err


def test_the_live_view_is_erased_and_the_cursor_is_back(on_a_terminal: Callable[[Callable[[], None]], str]) -> None:
    got = on_a_terminal(lambda: tell("auto", scenarios.dotnet()[1]))
    assert left_over(got) == []
    assert max(len(line) for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", got).splitlines()) <= 80 - len("^C") - 1
    assert got.rindex("\x1b[?25h") > got.rindex("\x1b[?25l")


def test_the_live_view_is_erased_when_a_run_ends_in_an_exception(
    on_a_terminal: Callable[[Callable[[], None]], str],
) -> None:
    def interrupted() -> None:
        with contextlib.suppress(KeyboardInterrupt), console.progress("tty") as show:
            show(scenarios.dotnet()[1][0][1])
            raise KeyboardInterrupt

    assert left_over(on_a_terminal(interrupted)) == []


@pytest.mark.parametrize("variable", [{"CI": "true"}, {"TERM": "dumb"}])
def test_a_ci_job_and_a_dumb_terminal_get_plain_lines(
    on_a_terminal: Callable[[Callable[[], None]], str], monkeypatch: pytest.MonkeyPatch, variable: dict[str, str]
) -> None:
    for name, value in variable.items():
        monkeypatch.setenv(name, value)
    got = on_a_terminal(lambda: tell("auto", scenarios.dotnet()[1]))
    assert "\x1b" not in got
    assert "0.0s  invoice: healthy" in got


def test_no_color_wins_on_a_terminal(
    on_a_terminal: Callable[[Callable[[], None]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b[32m" in on_a_terminal(lambda: tell("tty", scenarios.dotnet()[1]))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    got = on_a_terminal(lambda: tell("tty", scenarios.dotnet()[1]))
    assert "healthy" in got
    assert "\x1b[32m" not in got
    assert "\x1b[1m" not in got


def test_a_terminal_that_is_none_is_never_live() -> None:
    assert not is_live(io.StringIO(), "tty")


def test_help_needs_no_console() -> None:
    code = "import sys; from orchestrator.cli import main\ntry: main(['up', '--help'])\nexcept SystemExit: pass\n"
    code += "print([name for name in sys.modules if name.startswith(('rich', 'orchestrator.console'))])"
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert ran.stdout.endswith("\n[]\n")
