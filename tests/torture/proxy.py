"""A proxy on a unix socket before the engine, that counts calls and lets one of them go wrong."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Mode = Literal["kill-before", "kill-in-flight", "kill-after", "reset", "500", "lose", "hang", "delay"]
MODES: tuple[Mode, ...] = ("kill-before", "kill-in-flight", "kill-after", "reset", "500", "lose", "hang", "delay")
DELAY_SECONDS = 1.5
REFUSAL = b'{"message":"out of order"}'
_VERBS = {"create", "json", "prune", "load", "search"}
_CHANGES = {"POST", "PUT", "DELETE"}


@dataclass(frozen=True, slots=True)
class Fault:
    """At the `number`th call (from 1) of an endpoint, `mode` happens; `after` seconds later where it is a kill."""

    endpoint: str
    number: int
    mode: Mode
    after: float = 0.0

    def __str__(self) -> str:
        return f"{self.endpoint} no. {self.number}: {self.mode}"


def endpoint(line: str) -> str:
    """`POST /v1.45/containers/4f5e/start?t=1 HTTP/1.1` -> `POST /containers/{}/start`."""
    method, target, _ = line.split(" ", 2)
    parts = re.sub(r"^/v[\d.]+", "", target.partition("?")[0]).strip("/").split("/")
    if len(parts) > 1 and parts[1] not in _VERBS:
        parts[1] = "{}"
    return f"{method} /{'/'.join(parts)}"


class Proxy:
    """Give it the client's pid, whom to kill, with `aim`. `calls` counts by endpoint what would change something."""

    def __init__(self, path: Path, engine: str, fault: Fault | None = None) -> None:
        self.url = f"unix://{path}"
        self.calls: Counter[str] = Counter()
        self.everything = 0
        self.struck = threading.Event()
        self._fault = fault
        self._engine = engine.removeprefix("unix://")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(128)
        self._aimed = threading.Event()
        self._victim = 0
        self._lock = threading.Lock()
        self._over, self._end = os.pipe()
        threading.Thread(target=self._accept, daemon=True).start()

    def aim(self, pid: int) -> None:
        self._victim = pid
        self._aimed.set()

    def close(self) -> None:
        os.close(self._end)

    def _accept(self) -> None:
        while self._listener in select.select([self._listener, self._over], [], [])[0]:
            client = self._listener.accept()[0]
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()
        self._listener.close()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            head = _head(client)
            if not head:
                return
            line = head.split(b"\r\n", 1)[0].decode("latin-1")
            self._act(client, head, self._count(endpoint(line)))

    def _count(self, call: str) -> Mode | None:
        """What is to happen to this call."""
        with self._lock:
            self.everything += 1
            if call.split(" ", maxsplit=1)[0] in _CHANGES:
                self.calls[call] += 1
            fault = self._fault
            return fault.mode if fault and (fault.endpoint, fault.number) == (call, self.calls[call]) else None

    def _act(self, client: socket.socket, head: bytes, mode: Mode | None) -> None:
        if mode:
            self.struck.set()
        match mode:
            case "kill-before":
                return self._kill()
            case "reset":
                return None
            case "hang":
                select.select([self._over], [], [])
                return None
        request = head + _body(client, head)
        if mode == "500":
            answer = b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nConnection: close\r\n"
            return client.sendall(answer + b"Content-Length: %d\r\n\r\n" % len(REFUSAL) + REFUSAL)
        if mode == "delay":
            time.sleep(DELAY_SECONDS)
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(self._engine)
            engine.sendall(_last(request))
            if mode == "kill-in-flight":
                return self._kill()
            first = engine.recv(65536)
            if mode == "kill-after":
                return self._kill()
            if mode == "lose":
                return None
            client.sendall(first)
            return self._pump(client, engine)

    def _kill(self) -> None:
        """The connections go with the client, as they would without a proxy."""
        self._aimed.wait(10)
        if self._fault and self._fault.after:
            time.sleep(self._fault.after)
        with suppress(ProcessLookupError):
            os.kill(self._victim, signal.SIGKILL)

    def _pump(self, client: socket.socket, engine: socket.socket) -> None:
        """Bytes in both directions, until one side ends."""
        other = {client: engine, engine: client}
        while True:
            ready = select.select([client, engine, self._over], [], [])[0]
            if self._over in ready:
                return
            for side in ready:
                if not (data := side.recv(65536)):
                    return
                other[side].sendall(data)


@contextmanager
def between(path: Path, engine: str, fault: Fault | None = None) -> Iterator[Proxy]:
    """A proxy at path while inside."""
    proxy = Proxy(path, engine, fault)
    try:
        yield proxy
    finally:
        proxy.close()
        path.unlink()


def _head(client: socket.socket) -> bytes:
    """A request's head, and not a byte more of it; empty where the client has ended."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        seen = client.recv(65536, socket.MSG_PEEK)
        if not seen:
            return b""
        end = (head + seen).find(b"\r\n\r\n")
        head += client.recv(len(seen) if end < 0 else end + 4 - len(head))
    return head


def _body(client: socket.socket, head: bytes) -> bytes:
    """All of a request's body, as it was sent."""
    if found := re.search(rb"(?i)\r\ncontent-length: *(\d+)", head):
        return _exactly(client, int(found[1]))
    if not re.search(rb"(?i)\r\ntransfer-encoding: *chunked", head):
        return b""
    body = b""
    while True:
        size = _line(client)
        body += size + _exactly(client, int(size, 16) + 2)
        if int(size, 16) == 0:
            return body


def _exactly(client: socket.socket, amount: int) -> bytes:
    data = b""
    while len(data) < amount:
        if not (piece := client.recv(amount - len(data))):
            raise ConnectionError
        data += piece
    return data


def _line(client: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\r\n"):
        line += _exactly(client, 1)
    return line


def _last(request: bytes) -> bytes:
    """The engine is to close after its answer, so that its end is the connection's; an upgrade stays one."""
    head, _, body = request.partition(b"\r\n\r\n")
    if re.search(rb"(?i)\r\nupgrade:", head):
        return request
    head = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", head)
    return head + b"\r\nConnection: close\r\n\r\n" + body
