"""Asks a published port one HTTP question, from outside, the way a user's browser would."""

from __future__ import annotations

import http.client
import time
from urllib.parse import urlsplit

from orchestrator.engines import Answer

BODY_LIMIT = 1 << 20


def ask(url: str, method: str, timeout: float) -> Answer | None:
    """The answer, its body cut at BODY_LIMIT bytes; None where no HTTP answer came within timeout seconds.

    An accepted connection proves nothing: the engine's proxy accepts before the app listens.
    """
    target = urlsplit(url)
    deadline = time.monotonic() + timeout
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=timeout)
    try:
        connection.request(
            method, url[len(f"{target.scheme}://{target.netloc}") :] or "/", headers={"Connection": "close"}
        )
        response = connection.getresponse()
        return Answer(response.status, _body(response, deadline))
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _body(response: http.client.HTTPResponse, deadline: float) -> str:
    body = b""
    while len(body) < BODY_LIMIT and time.monotonic() < deadline:
        piece = response.read1(65536)
        if not piece:
            break
        body += piece
    return body[:BODY_LIMIT].decode(errors="replace")
