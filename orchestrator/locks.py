"""Whether a run of a project is under way, on this machine. The kernel lets go of a lock whose holder dies."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from orchestrator import places
from orchestrator.errors import Unavailable
from orchestrator.labels import NAME

BUSY_SECONDS = 1.5
"""Whoever wants a lock waits that long for it; that it is busy is said within two seconds."""
LENT = "+lent"
"""No project's name has a plus."""


@contextmanager
def only_one(project: str) -> Iterator[None]:
    """One run of a project at a time. Raises Unavailable where another still runs after BUSY_SECONDS."""
    hint = "wait for it, or give this one a name of its own: -p NAME"
    told = f"another run of {project} is under way, and holds {places.state() / 'locks' / project}"
    with _held(project, fcntl.LOCK_EX, told, hint):
        yield


@contextmanager
def lent(project: str) -> Iterator[None]:
    """While inside, somebody uses what a run has left up in a project with a borrowed name. Raises Unavailable."""
    with _held(project + LENT, fcntl.LOCK_SH, f"what a run of {project} left is being removed", "wait for that"):
        yield


@contextmanager
def _held(name: str, how: int, otherwise: str, hint: str) -> Iterator[None]:
    deadline = time.monotonic() + BUSY_SECONDS
    with _open(name) as lock:
        while not _locked(lock, how):
            if time.monotonic() > deadline:
                raise Unavailable(otherwise, hint=hint)
            time.sleep(0.1)
        yield


@contextmanager
def idle(project: str) -> Iterator[bool]:
    """Whether no run of the project is under way and nobody uses what one has lent; inside, none begins.

    The name may come from a label, which anybody may write: what is no name of a project is never idle.
    """
    with ExitStack() as stack:
        held = bool(re.fullmatch(NAME, project))
        for name in (project, project + LENT) if held else ():
            with suppress(Unavailable):  # nobody holds what cannot be made either
                held &= _locked(stack.enter_context(_open(name)))
        yield held


def busy() -> list[str]:
    """Projects that have a run under way."""
    names = {path.name.removesuffix(LENT) for path in (places.state() / "locks").glob("*")}
    return [name for name in sorted(names) if re.fullmatch(NAME, name) and not _idle(name)]


def _idle(project: str) -> bool:
    with idle(project) as answer:
        return answer


@contextmanager
def _open(name: str) -> Iterator[int]:
    """Also where it is there and may only be read. Raises Unavailable."""
    path = places.state() / "locks" / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        hint = "set XDG_STATE_HOME to a folder that you may write to"
        raise Unavailable(f"no lock can be made: {error.strerror}", where=str(path), hint=hint) from None
    try:
        yield lock
    finally:
        os.close(lock)


def _locked(lock: int, how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
