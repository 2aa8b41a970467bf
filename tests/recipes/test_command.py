"""Tools of the machine fail, hang and are missing; the error tells what they said."""

from __future__ import annotations

import threading
import time

import pytest

from orchestrator.errors import Unavailable
from orchestrator.recipes import command


def test_what_a_command_prints_is_the_answer() -> None:
    assert (
        command.run(("sh", "-c", "echo $GREETING; echo noise >&2"), "no", seconds=9, environment={"GREETING": "hi"})
        == "hi\n"
    )


def test_a_command_that_fails_shows_its_last_lines() -> None:
    with pytest.raises(Unavailable) as caught:
        command.run(("sh", "-c", "seq 100; echo the reason >&2; exit 7"), "it could not be made", seconds=9, hint="try")
    assert caught.value.message == "it could not be made: sh failed with exit code 7"
    assert caught.value.hint == "try"
    assert caught.value.excerpt[-1] == "the reason"
    assert len(caught.value.excerpt) == 12


def test_a_command_that_is_missing_is_named() -> None:
    with pytest.raises(Unavailable, match="this machine has no no-such-tool"):
        command.run(("no-such-tool",), "it could not be made", seconds=9)


def test_a_command_that_takes_too_long_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable, match="did not end within 0 s"):
        command.run(("sleep", "60"), "it could not be made", seconds=0.1)
    assert time.monotonic() - began < 5


def test_stop_ends_a_command_that_another_thread_waits_for() -> None:
    caught: list[Unavailable] = []

    def wait() -> None:
        try:
            command.run(("sleep", "60"), "it could not be made", seconds=60)
        except Unavailable as error:
            caught.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    while waiting.is_alive():
        command.stop()
        waiting.join(0.05)
    assert [error.message for error in caught] == ["it could not be made: sleep failed with exit code -15"]
