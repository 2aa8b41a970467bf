"""One command of isolate's, as the learner would type it: a process of its own in the learner's folder."""

from __future__ import annotations

import os
import subprocess
import sys
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
LONGEST_SECONDS = 3600.0
LONGEST = 8 * 1024 * 1024
"""Of what it prints, in characters; the rest is dropped."""
MOST_SAID = 256 * 1024
"""Of what it tells people."""
LONGEST_LINE = 1024 * 1024
PIECE = 64 * 1024
FOREIGN = ("exec", "logs")
"""These pass on what an app prints: a line of it that looks like an event is none."""
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

    What ends us ends it, and it may clean up before. Raises Unavailable after PATIENCE times `seconds` or an hour,
    Interrupted where `stop` was called.
    """
    patience = min(seconds * PATIENCE, LONGEST_SECONDS)
    printed: list[str] = []
    said: list[str] = []
    with _process(words, folder) as process:
        listeners = [
            threading.Thread(target=_keep, args=(process, printed), daemon=True),
            threading.Thread(target=_listen, args=(process, said, None if words[0] in FOREIGN else told), daemon=True),
        ]
        for listener in listeners:
            listener.start()
        _running.add(process)
        try:
            code = process.wait(patience)
        except subprocess.TimeoutExpired:
            raise Unavailable(
                f"isolate {words[0]} had not ended after {patience:.0f} s", hint="isolate doctor"
            ) from None
        finally:
            _running.discard(process)
            _ended(process)
            for listener in listeners:
                listener.join()
    if process in _stopped:
        _stopped.discard(process)
        raise Interrupted(f"isolate {words[0]} was ended before it was done; what it made is removed")
    return Ran(code, "".join(printed)[:LONGEST], "".join(said)[:MOST_SAID])


def stop() -> None:
    """What runs, in whichever thread, is asked to end, once, and has ended; whoever waits for it gets Interrupted."""
    for process in tuple(_running - _stopped):
        _stopped.add(process)
        _ended(process)


def _process(words: Sequence[str], folder: Path) -> subprocess.Popen[str]:
    """In a session of its own: what the terminal's Ctrl-C means to it is told once, by us."""
    verb, *rest = words
    return subprocess.Popen(
        [*ISOLATE, verb, "--progress", "json", *rest],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
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


def _keep(process: subprocess.Popen[str], printed: list[str]) -> None:
    """Its beginning; the rest is read all the same, so that it comes to its end."""
    kept = 0
    while process.stdout and (piece := process.stdout.read(PIECE)):
        if kept < LONGEST:
            printed.append(piece)
            kept += len(piece)


def _listen(process: subprocess.Popen[str], said: list[str], told: Told | None) -> None:
    """Events to `told`, words for people into `said`; where nobody is told all of it is words.

    A line may be cut into pieces; no piece of one is an event.
    """
    kept, whole = 0, True
    while process.stderr and (line := process.stderr.readline(LONGEST_LINE)):
        begins, whole = whole, line.endswith("\n")
        if told and begins and whole and (event := _event(line)):
            with suppress(Exception):  # a watcher that fails stops nothing
                told(event)
        elif kept < MOST_SAID:
            said.append(line)
            kept += len(line)


def _event(line: str) -> Event | None:
    try:
        return record.read(line).event
    except (ValueError, LookupError, RecursionError):
        return None
