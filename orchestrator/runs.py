"""The folder one run leaves: events.jsonl, result.json, the rendered Dockerfiles and the logs."""

from __future__ import annotations

import fcntl
import json
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from orchestrator import __version__, places, record
from orchestrator.errors import Unavailable, UsageError
from orchestrator.events import BuildLine, Event
from orchestrator.reports import Run

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
    return any(time.time() - file.stat().st_mtime < RECENT_SECONDS for file in events)


def projects() -> list[str]:
    """Those that have left a run, by name."""
    return sorted({_told(folder) for folder in _runs("")})


def newest(project: str) -> Path | None:
    """The folder of the last run of this project (empty: of any), also where its boxes had a borrowed name."""
    found = [folder for folder in _runs("") if project in ("", _told(folder), folder.parent.name)]
    return max(found, key=lambda folder: folder.name, default=None)


def _told(folder: Path) -> str:
    """What the record calls the project."""
    with (folder / "events.jsonl").open(encoding="ascii", errors="replace") as events:
        try:
            return str(json.loads(events.readline())["project"])
        except (ValueError, LookupError, TypeError):
            return folder.parent.name


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
    deadline = time.monotonic() + BUSY_SECONDS
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        held = (folder / project).open("w")
    with held as lock:
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
    """What a run has left, also one that was killed. Of each log the last LOG_BYTES.

    Raises UsageError where there is no record, or one of another version of isolate.
    """
    events = folder / "events.jsonl"
    try:
        *whole, last = events.read_text("ascii").split("\n")
        recorded = [record.read(line) for line in [*whole, *([last] if last.endswith("}") else [])]]
        logs = {path.stem.replace("_", " "): _end(path) for path in sorted((folder / "logs").glob("*.log"))}
    except OSError as error:
        hint = "name a run's folder; `isolate up` prints it last"
        raise UsageError(f"no run is recorded here: {error.strerror}", where=str(events), hint=hint) from None
    except ValueError as error:
        raise UsageError(
            f"this record is not one of isolate {__version__}: {error}", where=str(events), hint="run it again"
        ) from None
    return Run(tuple(recorded), logs)


def _end(log: Path) -> str:
    with log.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - LOG_BYTES))
        text = stream.read().decode("utf-8", "replace")
    return f"({size - LOG_BYTES} bytes before this are left out)\n{text}" if size > LOG_BYTES else text


class RunFolder:
    """Writes as the run goes on, so that a killed run leaves what it saw. `close` it.

    Raises Unavailable where the folder cannot be made or the disk is full: a run without its record proves nothing.
    """

    def __init__(self, project: str, run: str, root: Path | None = None) -> None:
        self.path = (root or places.state() / "runs") / project / run
        self._began = time.monotonic()
        with _writing(self.path):
            self.path.mkdir(parents=True, mode=0o700)
            self._events: TextIO = (self.path / "events.jsonl").open("w", encoding="ascii")

    def take(self, event: Event) -> None:
        """Append one event; what a build prints goes into a log of its own as well."""
        with _writing(self.path):
            self._events.write(record.line(time.monotonic() - self._began, event) + "\n")
            self._events.flush()
            if isinstance(event, BuildLine):
                with self._log(f"build {event.image}").open("a", encoding="utf-8") as log:
                    log.write(f"{event.text}\n")

    def log(self, name: str, text: str) -> None:
        """Keep what an app has said, as far as it is known; what it says later is in its box's own log."""
        with _writing(self.path):
            self._log(name).write_text(text, encoding="utf-8", errors="replace")

    def _log(self, name: str) -> Path:
        folder = self.path / "logs"
        folder.mkdir(exist_ok=True)
        return folder / f"{re.sub(r'[^A-Za-z0-9@+._-]+', '_', name)}.log"

    def dockerfiles(self, texts: Mapping[str, str]) -> None:
        """Keep what was rendered, one file per image."""
        folder = self.path / "dockerfiles"
        with _writing(folder):
            folder.mkdir(exist_ok=True)
            for tag, text in texts.items():
                (folder / tag.replace("/", "_").replace(":", "_")).write_text(text, encoding="utf-8")

    def result(self, document: Mapping[str, Any]) -> None:
        """Write the result whole or not at all."""
        part = self.path / "result.json.part"
        with _writing(self.path):
            try:
                part.write_text(json.dumps(document, indent=2) + "\n", encoding="ascii")
                part.replace(self.path / "result.json")
            except OSError:
                part.unlink(missing_ok=True)
                raise

    def close(self) -> None:
        """What a full disk has not taken until now was complained of when it came."""
        with suppress(OSError):
            self._events.close()


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    """Raises Unavailable where nothing can be written there."""
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"the run cannot be recorded: {error.strerror}",
            where=str(place),
            hint="set XDG_STATE_HOME to a folder that you may write to, on a disk with room",
        ) from None


def forget(begun: Path) -> None:
    """Remove the oldest runs of a project but KEPT, never the one that has begun. Only inside `only_one`."""
    runs = sorted(folder for folder in begun.parent.iterdir() if (folder / "events.jsonl").is_file())
    for folder in (folder for folder in runs[:-KEPT] if folder != begun):
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()
