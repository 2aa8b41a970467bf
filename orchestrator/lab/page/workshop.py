"""The learner's actions, one at a time, in a thread of their own; whoever watches is told of every change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestrator.errors import IsolateError
from orchestrator.events import Event
from orchestrator.lab import command
from orchestrator.lab.page import known, state
from orchestrator.lab.page.actions import ACTIONS, SLOW
from orchestrator.lab.page.known import Known, Stamp
from orchestrator.lab.page.state import Said, State

BUSY = "A {} is under way."


class Workshop:
    """`source` is a folder of labs, isolate's own where it is None. Every method may be called from any thread."""

    def __init__(self, source: Path | None = None) -> None:
        self.source = source
        self._lock = threading.RLock()
        self._state = State()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._known: tuple[Stamp, Known] | None = None
        self._watchers: set[Callable[[], object]] = set()

    @property
    def state(self) -> State:
        return self._state

    def known(self, *, again: bool = False) -> Known:
        """What the files say; read anew where the progress was written, or `again`."""
        now = known.stamp()
        if again or self._known is None or self._known[0] != now:
            self._known = (now, known.known(self.source))
        return self._known[1]

    def watch(self, told: Callable[[], object]) -> Callable[[], None]:
        """`told` is called after every change, from any thread, until what is returned here is called."""
        self._watchers.add(told)
        return lambda: self._watchers.discard(told)

    def act(self, name: str, value: str = "") -> None:
        """Begins an action; only those that are not SLOW have ended after it. What came of it is in the state."""
        with self._lock:
            if self._closed:
                return
            if self._state.doing:
                self.change(
                    said=Said(BUSY.format(self._state.doing), "Wait until it has ended, or stop it.", wrong=False)
                )
                return
            asked = self._state.asked if name == "reset" else None
            self.change(doing=name, since=time.monotonic(), stopping=False, said=None, asked=asked)
            self._thread = threading.Thread(target=self._carry_out, args=(name, value), daemon=True)
            self._thread.start()
        if name not in SLOW:
            self._thread.join()

    def close(self) -> None:
        """Nothing begins from here on; ends what is under way."""
        with self._lock:
            self._closed = True
        self.stop()

    def stop(self) -> None:
        """Ends what is under way, with what it made, and waits for that."""
        thread = self._thread
        if not (thread and thread.is_alive()):
            return
        self.change(stopping=True)
        while thread.is_alive():  # a check runs several commands, one after the other
            command.stop()
            thread.join(0.1)

    def _carry_out(self, name: str, value: str) -> None:
        said: Said | None = None
        try:
            said = ACTIONS[name](self, value)
        except IsolateError as error:
            said = state.failure(error)
            self.change(up=False)
        except Exception as error:  # noqa: BLE001 - the page goes on, and says so
            said = Said(f"this is a bug in isolate: {error!r}", hint="please report it, with what you did")
        finally:
            self.change(doing="", stopping=False, said=said, ended=self._state.ended + 1)

    def change(self, **changes: Any) -> None:
        """Fields of the state."""
        with self._lock:
            self._state = replace(self._state, **changes)
        self._tell()

    def _tell(self) -> None:
        for told in tuple(self._watchers):
            with suppress(Exception):  # a browser that has gone stops nothing
                told()

    def told(self, event: Event) -> None:
        """A command that goes on says so."""
        with self._lock:
            self._state = state.told(self._state, event, time.monotonic())
        self._tell()
