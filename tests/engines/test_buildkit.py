"""BuildKit's progress, as a person would read it."""

from __future__ import annotations

import base64

from orchestrator.engines.buildkit import Trace


def field(number: int, value: bytes) -> bytes:
    return bytes([number << 3 | 2]) + len(value).to_bytes(1, "big") + value


def log(text: bytes) -> bytes:
    return field(3, field(1, b"sha256:a") + field(4, text))


def step(*, done: bool = False, error: bytes = b"") -> bytes:
    ended = field(6, b"") if done else b""
    return field(1, field(1, b"sha256:a") + field(3, b"RUN apt-get") + field(5, b"") + ended + field(7, error))


def read(*events: bytes) -> list[str]:
    trace = Trace()
    return [line for event in events for line in trace.lines(base64.b64encode(event).decode())]


def test_a_line_that_comes_in_pieces_is_one_line() -> None:
    pieces = (log(b"E"), log(b":"), log(b" Unable to locate\nnext"), step(done=True))
    assert read(step(), *pieces) == ["STEP RUN apt-get", "E: Unable to locate", "next"]


def test_a_step_is_told_once_and_its_failure_after_its_last_words() -> None:
    failed = step(done=True, error=b"exit code: 1") + log(b"last words")
    assert read(step(), failed) == ["STEP RUN apt-get", "last words", "FAILED: exit code: 1"]
