"""Asks a published port one HTTP question, from outside, the way a user's browser would."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from orchestrator.engines import BODY_LIMIT, Answer


def ask(url: str, method: str, timeout: float) -> Answer | None:
    """The answer, its body cut at BODY_LIMIT bytes; None where no HTTP answer came within timeout seconds.

    An accepted connection proves nothing: the engine's proxy accepts before the app listens. An app may send a little
    for ever, in the head or in the body: of a body there is what had come in time.
    """
    target = urlsplit(url)
    deadline = time.monotonic() + timeout
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=timeout)
    try:
        connection.connect()
        with _cut(connection.sock, deadline) as late:
            connection.request(
                method, url[len(f"{target.scheme}://{target.netloc}") :] or "/", headers={"Connection": "close"}
            )
            with connection.getresponse() as response:
                return None if late.is_set() else _answer(response, late)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


@contextmanager
def _cut(connected: socket.socket, deadline: float) -> Iterator[threading.Event]:
    """Shut the connection at the deadline, whoever reads from it; the event says that it was.

    A socket's own timeout begins anew with each byte.
    """
    late = threading.Event()

    def cut() -> None:
        late.set()
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(deadline - time.monotonic(), 0), cut)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _answer(response: http.client.HTTPResponse, late: threading.Event) -> Answer:
    length = response.length
    body = _body(response, late)
    text = body[:BODY_LIMIT].decode(errors="replace")
    if len(body) > BODY_LIMIT:
        return Answer(response.status, text, "long", BODY_LIMIT, length)
    if length is not None and len(body) >= length:
        return Answer(response.status, text)
    if late.is_set():
        return Answer(response.status, text, "late", len(body), length)
    return (
        Answer(response.status, text) if length is None else Answer(response.status, text, "short", len(body), length)
    )


def _body(response: http.client.HTTPResponse, late: threading.Event) -> bytes:
    """What came in time, and no more than shows that it is too long."""
    body = b""
    try:
        while len(body) <= BODY_LIMIT and (piece := response.read1(65536)):
            body += piece
    except (OSError, http.client.HTTPException):
        if not late.is_set():
            raise
    return body
