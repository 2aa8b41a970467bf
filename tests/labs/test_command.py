"""A command of a check is a process of its own: nothing of the learner's is imported, and it never outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from orchestrator.errors import Unavailable
from orchestrator.events import BoxStarted
from orchestrator.lab import command
from orchestrator.lab.command import run

STUBBORN = """\
import os, pathlib, signal, sys, time
pathlib.Path("pid").write_text(str(os.getpid()))
def ended(number, frame):
    with open("asked", "a") as asked: asked.write(signal.Signals(number).name + " ")
    sys.exit(130)
signal.signal(signal.SIGTERM, ended)
print("ready", file=sys.stderr, flush=True)
time.sleep(600)
"""


def test_a_module_of_the_learners_is_not_one_of_ours(tmp_path: Path) -> None:
    for name in ("json", "yaml", "docker", "argparse", "orchestrator"):
        (tmp_path / f"{name}.py").write_text("open('ran', 'w').write('yes')\nraise SystemExit(99)\n")
    ran = run(("validate", "missing.yaml"), tmp_path, 60, lambda _: None)
    assert (ran.code, (tmp_path / "ran").exists()) == (2, False)
    assert "there is no file missing.yaml" in ran.err


def test_events_go_to_whoever_listens_and_words_for_people_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = '{"at": 1.0, "event": "box-started", "box": "isolate-x_web", "arm": "isolated", "apps": ["web"]}'
    script = (
        f"import sys; print({told!r}, file=sys.stderr); print('error: no', file=sys.stderr); print('out'); sys.exit(3)"
    )
    monkeypatch.setattr(command, "ISOLATE", (sys.executable, "-c", script))
    heard: list[Any] = []
    ran = run(("test",), tmp_path, 60, heard.append)
    assert (ran.code, ran.out, ran.err) == (3, "out\n", "error: no\n")
    assert [type(one) for one in heard] == [BoxStarted]


def gone(folder: Path) -> bool:
    return not Path(f"/proc/{(folder / 'pid').read_text()}").exists()


def test_one_that_does_not_end_is_told_to_and_proves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "ISOLATE", (sys.executable, "-c", STUBBORN))
    with pytest.raises(Unavailable, match="had not ended"):
        run(("test",), tmp_path, 0.1, lambda _: None)
    assert gone(tmp_path)
    assert (tmp_path / "asked").read_text() == "SIGTERM "


def test_ctrl_c_reaches_it_once_and_it_may_clean_up(tmp_path: Path) -> None:
    ours = f"""\
import sys
from pathlib import Path
from orchestrator.lab import command
command.ISOLATE = (sys.executable, "-c", {STUBBORN!r})
command.run(("test",), Path({str(tmp_path)!r}), 600, lambda _: None)
"""
    with subprocess.Popen([sys.executable, "-c", ours], stderr=subprocess.PIPE, start_new_session=True) as process:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            assert process.poll() is None
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
    assert gone(tmp_path)
    assert (tmp_path / "asked").read_text() == "SIGTERM "
