"""An app that answers a little for ever holds nobody longer than it was given."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress

import pytest

from orchestrator.engines import Answer
from orchestrator.engines.http import BODY_LIMIT, ask

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
Serve = Callable[[Iterable[bytes]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """What a server sends to whoever asks, a piece every 50 ms -> its URL."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def answer(pieces: Iterable[bytes]) -> None:
            with suppress(OSError), listener.accept()[0] as client:
                client.recv(65536)
                for piece in pieces:
                    client.sendall(piece)
                    time.sleep(0.05)

        def begin(pieces: Iterable[bytes]) -> str:
            threading.Thread(target=answer, args=(pieces,), daemon=True).start()
            return f"http://127.0.0.1:{listener.getsockname()[1]}/"

        yield begin


def then(begin: bytes, *more: bytes) -> Iterator[bytes]:
    yield begin
    yield from itertools.cycle(more)


@pytest.mark.parametrize(
    ("pieces", "found"),
    [
        (then(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"), None),
        (then(b"H", b"T"), None),
        (then(HEAD + b"X-Slow: ", b"x"), None),
        (then(HEAD + b"Content-Length: 5\r\n", b"X: y\r\n"), None),
        (then(CHUNKED, b"0"), Answer(200, "hello", "late", 5)),
        (then(CHUNKED + b"0\r\n", b"X: y\r\n"), Answer(200, "hello", "late", 5)),
        (then(CHUNKED + b"5\r\nworl", b""), Answer(200, "helloworl", "late", 9)),
        (then(HEAD + b"Content-Length: 500\r\n\r\nhello", b""), Answer(200, "hello", "late", 5, 500)),
    ],
    ids=["continue", "status", "header", "headers", "chunk-size", "trailers", "chunk", "body"],
)
def test_a_server_that_drips_is_left_at_the_deadline(serve: Serve, pieces: Iterator[bytes], found: Answer) -> None:
    began = time.monotonic()
    answer = ask(serve(pieces), "GET", 0.5)
    assert time.monotonic() - began < 2
    assert answer == found


def test_an_answer_that_came_whole_is_not_waited_for(serve: Serve) -> None:
    began = time.monotonic()
    assert ask(serve([HEAD + b"Content-Length: 2\r\n\r\nok"]), "GET", 60) == Answer(200, "ok")
    assert time.monotonic() - began < 5


def test_an_answer_that_breaks_off_before_its_deadline_is_none(serve: Serve) -> None:
    assert ask(serve([CHUNKED + b"5\r\nwo"]), "GET", 60) is None


def test_a_body_that_breaks_off_before_its_length_is_short(serve: Serve) -> None:
    assert ask(serve([HEAD + b"Content-Length: 12\r\n\r\nhello"]), "GET", 60) == Answer(200, "hello", "short", 5, 12)


def test_a_body_without_a_length_ends_with_its_connection(serve: Serve) -> None:
    assert ask(serve([HEAD + b"\r\nhello"]), "GET", 60) == Answer(200, "hello")


@pytest.mark.parametrize("length", [None, BODY_LIMIT + 9])
def test_a_long_body_is_cut_and_said_to_be(serve: Serve, length: int | None) -> None:
    head = HEAD + (f"Content-Length: {length}\r\n".encode() if length else b"")
    found = ask(serve([head + b"\r\n" + b"x" * (BODY_LIMIT + 9)]), "GET", 10)
    assert found == Answer(200, "x" * BODY_LIMIT, "long", BODY_LIMIT, length)


def test_a_body_of_just_the_limit_is_whole(serve: Serve) -> None:
    assert ask(serve([HEAD + b"\r\n" + b"x" * BODY_LIMIT]), "GET", 10) == Answer(200, "x" * BODY_LIMIT)


def test_nobody_listening_is_no_answer() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    assert ask(f"http://127.0.0.1:{port}/", "GET", 5) is None
