"""The folder one run leaves: events.jsonl, result.json, the rendered Dockerfiles and the logs."""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

from orchestrator import __version__, places, record
from orchestrator.errors import Unavailable, UsageError
from orchestrator.events import BuildLine, Event
from orchestrator.labels import NAME
from orchestrator.picture import picture
from orchestrator.reports import Run
from orchestrator.reports.result import result

KEPT = 20
"""Runs of one project that stay; older ones are removed when a new one begins."""
IDENTITY = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
LOG_BYTES = 256 * 1024
"""Of each log, in a report; the folder has all of it."""


def identity() -> str:
    """A run's name: time and four random digits, so that two at once differ."""
    return f"{_now()}-{secrets.token_hex(2)}"


def _now() -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}"


def over(project: str) -> bool:
    """Whether every run that is recorded of this project (empty: of any) has ended, and there is one.

    Of one that was killed a request may still be under way; that it was long ago would be a clock's word.
    """
    folders = _runs(project)
    return bool(folders) and all((folder / "result.json").exists() for folder in folders)


def died(project: str) -> bool:
    """Whether a run is recorded of this project (empty: of any) that has not ended: it was killed, or is under way."""
    return any(not (folder / "result.json").exists() for folder in _runs(project))


def projects() -> list[str]:
    """Those that have left a run, by name."""
    return sorted({_told(folder) for folder in _runs("") if _first(folder).get("event") == "run-started"})


def newest(project: str) -> Path | None:
    """The folder of the last run of this project (empty: of any), also where its boxes had a borrowed name."""
    begun = [folder for folder in _runs("") if _first(folder).get("event") == "run-started"]
    found = [folder for folder in begun if project in ("", _told(folder), folder.parent.name)]
    return max(found, key=_age, default=None)


def _age(folder: Path) -> tuple[bool, str]:
    """For sorting, oldest first. What has a name from the future is of a clock that was wrong, and is the oldest."""
    return (folder.name <= f"{_now()}~", folder.name)


def _told(folder: Path) -> str:
    """What the record calls the project."""
    return str(_first(folder).get("project", folder.parent.name))


def _first(folder: Path) -> Mapping[str, Any]:
    """The first event, as it is written; empty where it cannot be read."""
    try:
        with (folder / "events.jsonl").open(encoding="ascii", errors="replace") as events:
            first = json.loads(events.readline())
    except (OSError, ValueError, RecursionError):
        return {}
    return first if isinstance(first, dict) else {}


def _runs(project: str) -> list[Path]:
    """Folders with a record, of this project (empty: of any)."""
    folders = (places.state() / "runs").glob("*/*")
    named = [folder for folder in folders if project in ("", folder.parent.name)]
    return [folder for folder in named if (folder / "events.jsonl").is_file()]


def recorded(project: str, run: str) -> Path | None:
    """The folder of that run; None where this machine has none. Names come from labels, which anybody may write."""
    folder = places.state() / "runs" / project / run
    named = re.fullmatch(NAME, project) and IDENTITY.fullmatch(run)
    return folder if named and (folder / "events.jsonl").is_file() else None


def left_on_purpose(folder: Path) -> bool:
    """Whether what stays up of a run's isolated arm is meant to: it had no borrowed name, and it has ended.

    A later one that has ended may have taken over what an earlier one had made.
    """
    ended = (one.parent for one in folder.parent.glob("*/result.json"))
    return _told(folder) == folder.parent.name and any(_age(one) >= _age(folder) for one in ended)


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

    Raises Unavailable where the folder cannot be made, and where it cannot be written to (any more).
    """

    def __init__(self, project: str, run: str, root: Path | None = None) -> None:
        self.path = (root or places.state() / "runs") / project / run
        self.project = project
        self._began = time.monotonic()
        with _door("the run's folder cannot be made", self.path):
            self.path.mkdir(parents=True, mode=0o700)
            self._events: FileIO = (self.path / "events.jsonl").open("wb", buffering=0)

    def take(self, event: Event) -> None:
        """Append one event; what a build prints goes into a log of its own as well."""
        with _door("the run cannot be recorded", self.path, self.project):
            self._append(f"{record.line(time.monotonic() - self._began, event)}\n".encode("ascii"))
            if isinstance(event, BuildLine):
                with self._log(f"build {event.image}").open("a", encoding="utf-8") as log:
                    log.write(f"{event.text}\n")

    def _append(self, line: bytes) -> None:
        """Whole or not at all, so that what came before can be read where the disk is full."""
        before, rest = self._events.tell(), memoryview(line)
        try:
            while rest:
                rest = rest[self._events.write(rest) :]
        except OSError:
            with suppress(OSError):
                self._events.seek(before)
                self._events.truncate()
            raise

    def log(self, name: str, text: str) -> None:
        """Keep what an app has said, as far as it is known; what it says later is in its box's own log."""
        with _door("a log cannot be kept", self.path, self.project):
            self._log(name).write_text(text, encoding="utf-8", errors="replace")

    def _log(self, name: str) -> Path:
        folder = self.path / "logs"
        folder.mkdir(exist_ok=True)
        return folder / f"{re.sub(r'[^A-Za-z0-9@+._-]+', '_', name)}.log"

    def dockerfiles(self, texts: Mapping[str, str]) -> None:
        """Keep what was rendered, one file per image."""
        folder = self.path / "dockerfiles"
        with _door("what was rendered cannot be kept", self.path, self.project):
            folder.mkdir(exist_ok=True)
            for tag, text in texts.items():
                (folder / tag.replace("/", "_").replace(":", "_")).write_text(text, encoding="utf-8")

    def result(self, document: Mapping[str, Any]) -> None:
        """Write the result whole or not at all."""
        part = self.path / "result.json.part"
        with _door("the result cannot be kept", self.path, self.project):
            try:
                part.write_text(json.dumps(document, indent=2) + "\n", encoding="ascii")
                part.replace(self.path / "result.json")
            finally:
                part.unlink(missing_ok=True)

    def close(self) -> None:
        """What could not be written by now was told when it was tried."""
        with suppress(OSError):
            self._events.close()


@contextmanager
def _door(what: str, path: Path, up: str = "") -> Iterator[None]:
    """`up` names the project of which something may be up by now."""
    try:
        yield
    except OSError as error:
        hint = "set XDG_STATE_HOME to a folder that you may write to"
        hint = f"make room, or {hint}" if error.errno in _NO_ROOM else hint
        hint += f"; isolate down {up} removes what is up" if up else ""
        raise Unavailable(f"{what}: {error.strerror}", where=str(path), hint=hint) from None


def forget(begun: Path) -> None:
    """Remove the oldest runs of a project but KEPT, never the one that has begun. Only inside `locks.only_one`."""
    runs = sorted((one for one in begun.parent.iterdir() if (one / "events.jsonl").is_file()), key=_age)
    for folder in (folder for folder in runs[:-KEPT] if folder != begun):
        shutil.rmtree(folder, ignore_errors=True)
