"""The folder one run leaves: events.jsonl, result.json, the rendered Dockerfiles and the logs."""

from __future__ import annotations

import errno
import fcntl
import json
import math
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from orchestrator import __version__, places, record
from orchestrator.errors import Unavailable, UsageError
from orchestrator.events import BuildLine, Event
from orchestrator.picture import picture
from orchestrator.reports import Run
from orchestrator.reports.result import result

KEPT = 20
"""Runs of one project that stay; older ones are removed when a new one begins."""
RECENT_SECONDS = 60.0
BUSY_SECONDS = 1.5
"""A run waits that long for another of its project to end; that it is busy is said within two seconds."""
LOG_BYTES = 256 * 1024
"""Of each log, in a report; the folder has all of it."""


def identity() -> str:
    """A run's name: time and four random digits, so that two at once differ."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def unfinished(project: str) -> bool:
    """Whether a run of this project (empty: of any) is under way, or died within the last minute."""
    events = [folder / "events.jsonl" for folder in _runs(project) if not (folder / "result.json").exists()]
    return any(_age(file) < RECENT_SECONDS for file in events)


def _age(file: Path) -> float:
    """Seconds since it was written to; one that another run has just removed is as old as can be."""
    try:
        return time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def projects() -> list[str]:
    """Those that have left a run, by name."""
    return sorted({project for folder in _runs("") if (project := _told(folder))})


def newest(project: str) -> Path | None:
    """The folder of the last run of this project (empty: of any), also where its boxes had a borrowed name."""
    begun = [(folder, told) for folder in _runs("") if (told := _told(folder))]
    found = [folder for folder, told in begun if project in ("", told, folder.parent.name)]
    return max(found, key=lambda folder: folder.name, default=None)


def _told(folder: Path) -> str:
    """What the record calls the project; empty of a run that never began."""
    with (folder / "events.jsonl").open(encoding="ascii", errors="replace") as events:
        try:
            return str(json.loads(events.readline())["project"])
        except (ValueError, LookupError, TypeError):
            return ""


def _runs(project: str) -> list[Path]:
    """Folders with a record, of this project (empty: of any)."""
    folders = (places.state() / "runs").glob("*/*")
    named = [folder for folder in folders if project in ("", folder.parent.name)]
    return [folder for folder in named if (folder / "events.jsonl").is_file()]


@contextmanager
def only_one(project: str) -> Iterator[None]:
    """One run of a project at a time, on this machine; the kernel lets go when the holder dies.

    Raises Unavailable where another still runs after that.
    """
    folder = places.state() / "locks"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    deadline = time.monotonic() + BUSY_SECONDS
    with (folder / project).open("w") as lock:
        while not _locked(lock):
            if time.monotonic() > deadline:
                hint = "wait for it, or give this one a name of its own: -p NAME"
                raise Unavailable(f"another run of {project} is under way", where=str(folder / project), hint=hint)
            time.sleep(0.1)
        yield


def _locked(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read(folder: Path) -> Run:
    """What a run has left, also one that was killed. Of each log the last LOG_BYTES. Links are not followed.

    Raises UsageError where there is no record, or one that isolate of this version did not write.
    """
    events = folder / "events.jsonl"
    try:
        with _opened(events) as stream:
            *whole, last = stream.read().decode("ascii").split("\n")
        recorded = [record.read(line) for line in [*whole, *([last] if last.endswith("}") else [])]]
        result([one.event for one in recorded])
        picture(one.event for one in recorded)
        logs = {path.stem.replace("_", " "): _end(path) for path in sorted((folder / "logs").glob("*.log"))}
    except OSError as error:
        hint = "name a run's folder; `isolate up` prints it last"
        raise UsageError(f"no run is recorded here: {error.strerror}", where=str(events), hint=hint) from None
    except (ValueError, LookupError, RecursionError, StopIteration) as error:
        why = (str(error) or type(error).__name__).splitlines()[0]
        raise UsageError(
            f"this record is not one of isolate {__version__}: {why}", where=str(events), hint="run it again"
        ) from None
    return Run(tuple(recorded), logs)


def _opened(path: Path) -> BinaryIO:
    """A regular file, opened to read; raises OSError for anything else, and for a link."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is not a file")
    return os.fdopen(handle, "rb")


def _end(log: Path) -> str:
    with _opened(log) as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - LOG_BYTES))
        text = stream.read().decode("utf-8", "replace")
    return f"({size - LOG_BYTES} bytes before this are left out)\n{text}" if size > LOG_BYTES else text


class RunFolder:
    """Writes as the run goes on, so that a killed run leaves what it saw. `close` it.

    Raises Unavailable where the folder cannot be made.
    """

    def __init__(self, project: str, run: str, root: Path | None = None) -> None:
        self.path = (root or places.state() / "runs") / project / run
        self._began = time.monotonic()
        try:
            self.path.mkdir(parents=True, mode=0o700)
            self._events: TextIO = (self.path / "events.jsonl").open("w", encoding="ascii")
        except OSError as error:
            raise Unavailable(
                f"the run's folder cannot be made: {error.strerror}",
                where=str(self.path),
                hint="set XDG_STATE_HOME to a folder that you may write to",
            ) from None

    def take(self, event: Event) -> None:
        """Append one event; what a build prints goes into a log of its own as well."""
        self._events.write(record.line(time.monotonic() - self._began, event) + "\n")
        self._events.flush()
        if isinstance(event, BuildLine):
            with self._log(f"build {event.image}").open("a", encoding="utf-8") as log:
                log.write(f"{event.text}\n")

    def log(self, name: str, text: str) -> None:
        """Keep what an app has said, as far as it is known; what it says later is in its box's own log."""
        self._log(name).write_text(text, encoding="utf-8", errors="replace")

    def _log(self, name: str) -> Path:
        folder = self.path / "logs"
        folder.mkdir(exist_ok=True)
        return folder / f"{re.sub(r'[^A-Za-z0-9@+._-]+', '_', name)}.log"

    def dockerfiles(self, texts: Mapping[str, str]) -> None:
        """Keep what was rendered, one file per image."""
        folder = self.path / "dockerfiles"
        folder.mkdir(exist_ok=True)
        for tag, text in texts.items():
            (folder / tag.replace("/", "_").replace(":", "_")).write_text(text, encoding="utf-8")

    def result(self, document: Mapping[str, Any]) -> None:
        """Write the result whole or not at all."""
        part = self.path / "result.json.part"
        part.write_text(json.dumps(document, indent=2) + "\n", encoding="ascii")
        part.replace(self.path / "result.json")

    def close(self) -> None:
        self._events.close()


def forget(begun: Path) -> None:
    """Remove the oldest runs of a project but KEPT, never the one that has begun. Only inside `only_one`."""
    runs = sorted(folder for folder in begun.parent.iterdir() if (folder / "events.jsonl").is_file())
    for folder in (folder for folder in runs[:-KEPT] if folder != begun):
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()
