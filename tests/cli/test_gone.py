"""A reader who is gone ends a command like the shell's own; a disk that fails is not taken for one."""

from __future__ import annotations

import errno
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator import cli

FAILS = """\
import errno, os, sys
from orchestrator import cli

def dispatch(_):
    if sys.argv[1] == "told":
        print("x" * 100_000, flush=True)
    raise OSError(errno.EIO, os.strerror(errno.EIO))

cli._dispatch = dispatch
sys.exit(cli.main(["ps"]))
"""


def test_a_disk_that_fails_is_infrastructure_and_no_reader_who_is_gone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def dispatch(_: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO), "/state/result.json")

    monkeypatch.setattr(cli, "_dispatch", dispatch)
    assert cli.main(["ps"]) == 75
    assert "/state/result.json: a disk or a device fails: Input/output error" in capsys.readouterr().err


def test_the_same_in_a_terminal_that_is_there() -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", FAILS, "silent"], stdout=theirs, stderr=theirs) as process:
        assert process.wait(30) == 75
    assert b"a disk or a device fails" in os.read(ours, 4096)
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize("how", ["told", "silent"])
def test_a_terminal_that_hung_up_is_a_reader_who_is_gone(how: str) -> None:
    ours, theirs = pty.openpty()
    os.close(ours)
    with subprocess.Popen([sys.executable, "-c", FAILS, how], stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        assert process.wait(30) == 141


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", ["schema manifest", "validate /nowhere.yaml", "nonsense"])
def test_a_stream_that_is_closed_is_no_bug(closed: str, words: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        ["/bin/sh", "-c", f"exec {sys.executable} -m orchestrator {words} {closed}"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert (ran.returncode, "Traceback" in ran.stderr) == (0 if words.startswith("schema") else 2, False)
    assert not list(tmp_path.iterdir())
