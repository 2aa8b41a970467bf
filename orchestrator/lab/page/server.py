"""The page on a port of 127.0.0.1, as long as the block goes on."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from orchestrator.errors import Unavailable, UsageError
from orchestrator.lab.page.app import Site
from orchestrator.lab.page.workshop import Workshop

LOOPBACK = "127.0.0.1"
LEAVING_SECONDS = 2
"""What a browser has to take its last answer."""


@contextmanager
def serving(workshop: Workshop, port: int = 0) -> Iterator[Site]:
    """What is under way when the block ends is ended, too. Raises UsageError, Unavailable where the port is no good."""
    with _listening(port) as listener:
        site = Site(workshop, listener.getsockname()[1])
        server = uvicorn.Server(_settings(site))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield site
        finally:
            site.ending = True
            workshop.close()
            server.should_exit = True
            thread.join()


def _settings(site: Site) -> uvicorn.Config:
    """One protocol, no logs, no trust in what a proxy might say; nothing of uvicorn's own shows."""
    return uvicorn.Config(
        site.application(),
        http="h11",
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=LEAVING_SECONDS,
    )


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
            listener.listen()
        except OverflowError:
            raise UsageError(f"{port} is no port", hint="--port 0 takes any free one") from None
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be had: {error.strerror}"
            raise Unavailable(f"port {port} of {LOOPBACK} {why}", hint="--port 0 takes any free one") from None
        yield listener
