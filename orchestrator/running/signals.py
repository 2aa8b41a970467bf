"""Ctrl-C, SIGTERM and SIGHUP: the first asks to end and clean up, a second ends at once.

SIGPIPE is not among them: as in every Python program it is ignored, since a socket that the engine closes sends it
too. What it stands for, a reader who is gone, is told by the write that fails.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STDERR = 2


@dataclass
class _Asked:
    """Whether a signal has come since the outermost of these blocks was entered."""

    blocks: int = 0
    once: bool = False


_asked = _Asked()


@contextmanager
def interruptible(stop: Callable[[], None] = lambda: None, advice: str = "") -> Iterator[None]:
    """Inside, the first signal calls `stop` and raises KeyboardInterrupt; a second prints advice and exits 130.

    Only the main thread can be interrupted so; in another one nothing changes.
    """

    def interrupt() -> None:
        if advice:
            _say("interrupted: removing what this run made; once more ends at once")
        stop()
        raise KeyboardInterrupt

    with _handled(interrupt, advice):
        if _asked.once:
            interrupt()
        yield


@contextmanager
def undisturbed(advice: str) -> Iterator[None]:
    """Inside, the first signal waits for what is `interruptible`; what has ended by then is not undone.

    Where no such block stands around this one, it raises KeyboardInterrupt at the end. A second prints advice and exits
    130.
    """
    came = False

    def wait() -> None:
        nonlocal came
        came = True
        _say("interrupted; once more ends at once")

    with _handled(wait, advice):
        yield
    if came and not _asked.blocks:
        raise KeyboardInterrupt


@contextmanager
def _handled(first: Callable[[], None], advice: str) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_number: int, _frame: FrameType | None) -> None:
        if _asked.once:
            _say(f"ended at once; {advice}" if advice else "ended at once")
            os._exit(130)
        _asked.once = True
        first()

    outside, _asked.blocks = _asked.blocks, _asked.blocks + 1
    before = {number: signal.signal(number, handle) for number in _heard()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _asked.blocks = outside
        _asked.once = _asked.once and outside > 0


def _heard() -> list[signal.Signals]:
    """`nohup` wants a hang-up to be ignored; a shell that ignores Ctrl-C for its background does not ask us to."""
    return [n for n in SIGNALS if n is not signal.SIGHUP or signal.getsignal(n) is not signal.SIG_IGN]


def _say(text: str) -> None:
    """Past Python's own buffer, which the signal may have come in the middle of; the terminal may be what went away."""
    with suppress(OSError):
        os.write(STDERR, f"\n{text}\n".encode())
