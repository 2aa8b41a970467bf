"""Gives every event to the record, and to whoever watches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

Take = Callable[[Any], None]


class Teller:
    """Called with each event, from any thread. `events` are all so far.

    A watcher whose reader is gone (BrokenPipeError: `isolate up 2>&1 | head`) ends the run by `stop`, and is told no
    more; `gone` is that error.
    """

    def __init__(self, take: Take, show: Take, stop: Callable[[], None]) -> None:
        self.events: list[Any] = []
        self.gone: BrokenPipeError | None = None
        self._take, self._show, self._stop = take, show, stop
        self._lock = threading.Lock()

    def __call__(self, event: Any) -> None:
        with self._lock:
            self.events.append(event)
            self._take(event)
            if self.gone:
                return
            try:
                self._show(event)
            except BrokenPipeError as error:
                self.gone = error
                self._stop()
                raise
