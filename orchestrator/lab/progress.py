"""How far a learner is, in one small file of the state folder. Written whole or not at all."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from orchestrator import places
from orchestrator.errors import NothingSelected, Unavailable


@dataclass(frozen=True, slots=True)
class Begun:
    """A lab that was begun: the learner's folder, where the lab came from (empty: isolate's own), and how far it is.

    hints: step -> how many were shown. passed: the steps that are done, in the order they were.
    """

    folder: str
    source: str = ""
    step: str = ""
    passed: tuple[str, ...] = ()
    hints: Mapping[str, int] = field(default_factory=dict)

    def hinted(self, step: str) -> Begun:
        return replace(self, hints={**self.hints, step: self.hints.get(step, 0) + 1})

    def done(self, step: str) -> Begun:
        return replace(self, passed=tuple(dict.fromkeys((*self.passed, step))))


@dataclass(frozen=True, slots=True)
class Progress:
    """All labs that were begun, and the one that commands without a name mean."""

    current: str = ""
    labs: Mapping[str, Begun] = field(default_factory=dict)

    def at(self, name: str = "") -> tuple[str, Begun]:
        """A lab by name, the current one where none is said. Raises NothingSelected where it was not begun."""
        wanted = name or self.current
        if wanted not in self.labs:
            raise NothingSelected(
                f"the lab {wanted} was not begun" if wanted else "no lab was begun",
                hint=f"isolate lab start {name or 'NAME'}",
            )
        return wanted, self.labs[wanted]

    def now(self, name: str, begun: Begun) -> Progress:
        """With this lab as the current one."""
        return Progress(name, {**self.labs, name: begun})


def place() -> Path:
    return places.state() / "labs" / "progress.json"


def load() -> Progress:
    """What was kept. A file that nobody can understand is put beside, under another name, and nothing was begun.

    Raises Unavailable where it cannot be read.
    """
    path = place()
    try:
        try:
            return _read(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            path.replace(path.with_suffix(".unreadable"))
    except FileNotFoundError:
        pass
    except OSError as error:
        raise Unavailable(f"how far you are cannot be read: {error.strerror}", where=str(path)) from None
    return Progress()


@contextmanager
def changing() -> Iterator[None]:
    """One change at a time: a page, a terminal and a watch may all be open. Raises Unavailable."""
    path = place()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path.with_suffix(".lock"), os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        hint = "set XDG_STATE_HOME to a folder that you may write to"
        raise Unavailable(f"nothing can be kept: {error.strerror}", where=str(path), hint=hint) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def keep(progress: Progress) -> None:
    """Inside `changing`. Raises Unavailable."""
    path = place()
    part = path.with_suffix(".part")
    try:
        part.write_text(json.dumps(asdict(progress), indent=2) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise Unavailable(
            f"how far you are cannot be kept: {error.strerror}", where=str(path), hint="make room"
        ) from None


def change(name: str, how: Callable[[Begun], Begun]) -> Begun:
    """What is known of this lab by now, changed; it is the current one from here on. Raises NothingSelected."""
    with changing():
        progress = load()
        begun = how(progress.at(name)[1])
        keep(progress.now(name, begun))
    return begun


def begin(name: str, begun: Begun) -> None:
    """A lab that was not begun before."""
    with changing():
        keep(load().now(name, begun))


def _read(told: Mapping[str, Any]) -> Progress:
    labs = {str(name): _begun(one) for name, one in told["labs"].items()}
    return Progress(str(told["current"]), labs)


def _begun(told: Mapping[str, Any]) -> Begun:
    hints = {str(step): int(number) for step, number in told["hints"].items()}
    return Begun(str(told["folder"]), str(told["source"]), str(told["step"]), tuple(map(str, told["passed"])), hints)
