"""Ctrl-C, SIGTERM and SIGHUP: the first asks to end and clean up, a second ends at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible(stop: Callable[[], None], advice: str) -> Iterator[None]:
    """Inside, the first signal calls `stop` and raises KeyboardInterrupt; a second prints advice and exits 130.

    Only the main thread can be interrupted so; in another one nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            print(f"\nended at once; {advice}", file=sys.stderr)
            os._exit(130)
        asked = True
        print("\ninterrupted: removing what this run made; once more ends at once", file=sys.stderr)
        stop()
        raise KeyboardInterrupt

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
