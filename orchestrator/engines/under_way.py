"""What an engine is busy with, so that a user who interrupts need not wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from typing import TypeVar

from orchestrator.errors import Unavailable

T = TypeVar("T")


class UnderWay:
    """Work that can be given up, once and for all: what begins later ends at once too."""

    def __init__(self) -> None:
        self._ends: set[Callable[[], object]] = set()
        self.given_up = False

    def give_up(self) -> None:
        """End all of it; safe in a signal handler."""
        self.given_up = True
        for end in tuple(self._ends):
            with suppress(Exception):
                end()

    @contextmanager
    def ended_by(self, end: Callable[[], object]) -> Iterator[None]:
        """While inside, `end` is what makes the work end; raises Unavailable where it was given up."""
        self._ends.add(end)
        try:
            if self.given_up:
                self.give_up()
            yield
        except Exception as error:
            if self.given_up:
                raise Unavailable("given up") from error
            raise
        finally:
            self._ends.discard(end)
        if self.given_up:
            raise Unavailable("given up")

    def wait(self, call: Callable[[], T], timeout: float | None = None) -> T:
        """What `call` returns or raises, in a thread of its own: whoever gives up leaves it to itself.

        Raises TimeoutError after timeout seconds.
        """
        answer: Future[T] = Future()
        threading.Thread(target=_settle, args=(answer, call), daemon=True).start()
        with self.ended_by(answer.cancel):
            return answer.result(timeout)


def _settle(answer: Future[T], call: Callable[[], T]) -> None:
    with suppress(InvalidStateError):
        try:
            answer.set_result(call())
        except Exception as error:  # noqa: BLE001  told to whoever waits
            answer.set_exception(error)
