"""Ends a build that takes too long, or whose engine has fallen silent: also one that prints nothing meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from orchestrator.errors import Unavailable

PULSE_SECONDS = 20.0


@contextmanager
def in_time(end: Callable[[], object], seconds: float, whose: str = "") -> Iterator[None]:
    """While inside, `end` is what ends the build; raises Unavailable for one that takes so many seconds in all."""
    over = threading.Event()
    with _ended_by(end, over, lambda: not over.wait(seconds), f"a build ran out of time ({seconds:g} s)", whose):
        yield


@contextmanager
def answering(ping: Callable[[], object], end: Callable[[], object]) -> Iterator[None]:
    """The same for an engine that does not answer to `ping`, which raises then; it is asked now and then.

    The connection of a build tells nothing of an engine that was stopped.
    """
    over = threading.Event()

    def silent() -> bool:
        while not over.wait(PULSE_SECONDS):
            try:
                ping()
            except Exception:  # noqa: BLE001  whatever it is
                return True
        return False

    with _ended_by(end, over, silent, "the engine does not answer any more"):
        yield


@contextmanager
def _ended_by(
    end: Callable[[], object], over: threading.Event, broken: Callable[[], bool], why: str, where: str = ""
) -> Iterator[None]:
    """`broken` waits, in a thread of its own, until it is or until `over` is set."""
    happened = threading.Event()

    def watch() -> None:
        if broken() and not over.is_set():
            happened.set()
            end()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    except Exception as error:
        if happened.is_set():
            raise Unavailable(why, where=where) from error
        raise
    finally:
        over.set()
    if happened.is_set():
        raise Unavailable(why, where=where)
