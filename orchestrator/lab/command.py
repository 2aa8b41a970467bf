"""One command of isolate's, as the learner would type it: a process of its own in the learner's folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from orchestrator import record
from orchestrator.errors import Interrupted, Unavailable
from orchestrator.events import Event

ISOLATE = (sys.executable, "-P", "-m", "orchestrator")
"""Without the current folder in the search path: a learner's `json.py` is no module of ours."""
PATIENCE = 10
"""A learner's machine may take that many times a step's budget."""
LEAVING_SECONDS = 60.0
"""What a command that was told to end needs at most to remove what it made (DESIGN section 5)."""
LONGEST = 8 * 1024 * 1024
Told = Callable[[Event], None]
_running: set[subprocess.Popen[str]] = set()
_stopped: set[subprocess.Popen[str]] = set()


@dataclass(frozen=True, slots=True)
class Ran:
    """How it ended. `err` is what it told people; its events went to whoever listened."""

    code: int
    out: str
    err: str


def run(words: Sequence[str], folder: Path, seconds: float, told: Told) -> Ran:
    """Each event goes to `told` as it happens, from another thread.

    What ends us ends it, and it may clean up before. Raises Unavailable after PATIENCE times `seconds`,
    Interrupted where `stop` was called.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as out:
        said: list[str] = []
        with _process(words, folder, out.fileno()) as process:
            listener = threading.Thread(target=_listen, args=(process, said, told), daemon=True)
            listener.start()
            _running.add(process)
            try:
                code = process.wait(seconds * PATIENCE)
            except subprocess.TimeoutExpired:
                raise Unavailable(
                    f"isolate {words[0]} had not ended after {seconds * PATIENCE:.0f} s", hint="isolate doctor"
                ) from None
            finally:
                _running.discard(process)
                _ended(process)
                listener.join()
        if process in _stopped:
            _stopped.discard(process)
            raise Interrupted(f"isolate {words[0]} was ended before it was done; what it made is removed")
        out.seek(0)
        return Ran(code, out.read(LONGEST), "".join(said))


def stop() -> None:
    """What runs, in whichever thread, is asked to end, once, and has ended; whoever waits for it gets Interrupted."""
    for process in tuple(_running - _stopped):
        _stopped.add(process)
        _ended(process)


def _process(words: Sequence[str], folder: Path, out: int) -> subprocess.Popen[str]:
    """In a session of its own: what the terminal's Ctrl-C means to it is told once, by us."""
    verb, *rest = words
    return subprocess.Popen(
        [*ISOLATE, verb, "--progress", "json", *rest],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env={name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"},
        start_new_session=True,
    )


def _ended(process: subprocess.Popen[str]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(LEAVING_SECONDS)
    process.kill()


def _listen(process: subprocess.Popen[str], said: list[str], told: Told) -> None:
    for line in process.stderr or ():
        try:
            event = record.read(line).event
        except (ValueError, LookupError):
            said.append(line)
            continue
        with suppress(Exception):  # a watcher that fails stops nothing
            told(event)
