"""A build whose engine falls silent is ended; one whose engine answers may be silent as long as it likes."""

from __future__ import annotations

from threading import Event

import pytest

from orchestrator.engines import deadlines
from orchestrator.engines.deadlines import answering, in_time
from orchestrator.errors import Unavailable


def test_a_build_whose_engine_does_not_answer_any_more_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "PULSE_SECONDS", 0.01)
    ended = Event()

    def ping() -> None:
        raise OSError

    with pytest.raises(Unavailable, match="does not answer any more"), answering(ping, ended.set):
        assert ended.wait(10)


def test_a_silent_build_is_not_ended_while_its_engine_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "PULSE_SECONDS", 0.01)
    ended, asked = Event(), Event()
    with answering(asked.set, ended.set):
        assert asked.wait(10)
    assert not ended.is_set()


def test_what_breaks_because_it_was_ended_is_told_as_late() -> None:
    ended = Event()

    def build() -> None:
        assert ended.wait(10)
        raise OSError

    with pytest.raises(Unavailable, match="ran out of time"), in_time(ended.set, 0.01):
        build()


def test_another_failure_in_time_stays_what_it_is() -> None:
    with pytest.raises(LookupError), in_time(lambda: None, 60):
        raise LookupError
