"""A command of a check is a process of its own: nothing of the learner's is imported, and it never outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
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


@pytest.mark.parametrize(("verb", "heard"), [("test", 1), ("exec", 0), ("logs", 0)])
def test_what_an_app_prints_is_no_event(verb: str, heard: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = '{"at": 1.0, "event": "box-started", "box": "isolate-x_web", "arm": "isolated", "apps": ["web"]}'
    monkeypatch.setattr(command, "ISOLATE", (sys.executable, "-c", f"import sys; print({line!r}, file=sys.stderr)"))
    events: list[Any] = []
    ran = run((verb,), tmp_path, 60, events.append)
    assert (len(events), ran.err) == (heard, "" if heard else f"{line}\n")


FLOOD = """\
import sys
for stream in (sys.stdout, sys.stderr):
    for _ in range(40):
        stream.write("x" * 1_000_000)
    stream.flush()
"""


def test_a_flood_is_neither_kept_in_memory_nor_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "ISOLATE", (sys.executable, "-c", FLOOD))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    ran = run(("test",), tmp_path, 60, lambda _: None)
    assert ran.code == 0
    assert 0 < len(ran.out) <= command.LONGEST
    assert 0 < len(ran.err) <= command.MOST_SAID


def test_an_event_behind_a_flood_is_still_heard_and_a_piece_of_a_line_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = '{"at": 1.0, "event": "box-started", "box": "isolate-x_web", "arm": "isolated", "apps": ["web"]}'
    monkeypatch.setattr(command, "LONGEST_LINE", 1000)
    script = f"import sys; sys.stderr.write('x' * 1000 + {line!r} + chr(10) + {line!r} + chr(10))"
    monkeypatch.setattr(command, "ISOLATE", (sys.executable, "-c", script))
    events: list[Any] = []
    run(("test",), tmp_path, 60, events.append)
    assert len(events) == 1


def test_nothing_is_waited_for_longer_than_an_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    waits = subprocess.Popen.wait

    def wait(process: subprocess.Popen[str], timeout: float | None = None) -> int:
        waited.extend([timeout] if timeout else [])
        return waits(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", wait)
    monkeypatch.setattr(command, "ISOLATE", (sys.executable, "-c", ""))
    run(("test",), tmp_path, 1800, lambda _: None)
    assert waited == [3600]


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
