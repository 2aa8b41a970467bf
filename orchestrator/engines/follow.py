"""Reads one box's log stream while it lasts: each app's last lines, its exit, and the runtimes' own versions.

The launcher prefixes every line of an app with `NAME| `, so nothing that an app prints is taken for one of its own
control lines, which begin with a colon. An app that goes for it can forge them: launcher and apps are one user, and
`/proc/1/fd/1` is the box's own stdout. What it can do so is tell a wrong story of its box; what is kept of that is
bounded as well. A stream that ends says nothing about why: whoever reads this inspects the container afterwards.
"""

from __future__ import annotations

import re
import struct
import threading
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from typing import Protocol

KEPT_LINES = 200
KEPT_BYTES = 1 << 20
LINE_LIMIT = 8192
MOST_NAMES = 200
"""Of apps and families in a box: twice what a manifest may hold."""
KEPT_ANSWER = 1 << 16
"""Characters of what a runtime says of its version."""
_SAID = re.compile(r"([a-z0-9-]+)([|+]) (.*)", re.DOTALL)


class Readable(Protocol):
    def read(self, amount: int) -> bytes: ...


def frames(stream: Readable) -> Iterator[tuple[str, bytes]]:
    """Docker's multiplexed log stream: (`stdout` or `stderr`, bytes), as its API describes the 8-byte headers."""
    while len(header := stream.read(8)) == 8:
        kind, length = struct.unpack(">BxxxL", header)
        yield ("stderr" if kind == 2 else "stdout"), stream.read(length)


def lines(stream: Readable) -> Iterator[tuple[str, str]]:
    """Whole lines of either stream, each cut at LINE_LIMIT bytes; memory stays bounded whatever an app prints.

    Bytes that are no text are escaped: a long line comes in pieces, and a seam may lie within a character.
    """
    pending: dict[str, bytes] = {"stdout": b"", "stderr": b""}
    for name, data in frames(stream):
        *whole, rest = (pending[name] + data).split(b"\n")
        pending[name] = rest[:LINE_LIMIT]
        for line in whole:
            yield name, line[:LINE_LIMIT].decode(errors="surrogateescape")
    for name, rest in pending.items():
        if rest:
            yield name, rest.decode(errors="surrogateescape")


def said(merged: Iterable[str], name: str) -> Iterator[tuple[str, str]]:
    """Lines of a box's log -> (app, line), the pieces of a long one joined, the launcher's own words left out.

    What the launcher did not write, since it could not even be started, is told under `name`.
    """
    pieces: dict[str, str] = {}
    for line in merged:
        if line.startswith(":"):
            continue
        app, mark, text = found.groups() if (found := _SAID.fullmatch(line)) else (name, "|", line)
        whole = (pieces.pop(app, "") + text)[:LINE_LIMIT]
        if mark == "+":
            pieces[app] = whole
        else:
            yield app, whole


class Follower:
    """What the stream has told so far. One thread reads; anyone may look."""

    def __init__(self) -> None:
        self.exits: dict[str, int] = {}
        self.versions: dict[str, str] = {}
        self.met: dict[str, set[str]] = defaultdict(set)
        self.told_to_stop = False
        self.stopped: set[str] = set()
        self._names: set[str] = set()
        self.asked = threading.Event()
        self.ended = threading.Event()
        self.pieces: dict[tuple[str, str], str] = {}
        self.output: dict[str, dict[str, deque[str]]] = {"stdout": {}, "stderr": {}}
        self.heads: dict[tuple[str, str], bytearray] = defaultdict(bytearray)
        self.unkept: dict[str, int] = defaultdict(int)
        for name in self.output:
            self.output[name] = defaultdict(lambda: deque(maxlen=KEPT_LINES))

    @property
    def said(self) -> dict[str, tuple[str, str]]:
        """App -> its stdout and stderr from the begin, KEPT_BYTES of each."""
        texts = {key: bytes(head).decode(errors="replace") for key, head in dict(self.heads).items()}
        return {app: (texts.get(("stdout", app), ""), texts.get(("stderr", app), "")) for _, app in texts}

    def read(self, stream: Readable) -> None:
        """Follow to the end of the stream."""
        try:
            for name, line in lines(stream):
                self.take(name, line)
        finally:
            self.asked.set()
            self.ended.set()

    def take(self, name: str, line: str) -> None:
        """One line: the launcher's own word, or an app's."""
        if line.startswith(":"):
            self._control(_readable(line[1:]).split(" ", 2))
        elif (said := _SAID.match(line)) and self._may(said[1]):
            self._say(name, *said.groups())

    def _may(self, name: str) -> bool:
        """Whether there is room for what is told of this app or family."""
        if len(self._names) < MOST_NAMES:
            self._names.add(name)
        return name in self._names

    def _say(self, name: str, app: str, mark: str, text: str) -> None:
        """A long line comes in pieces, marked `+` but the last."""
        head = self.heads[name, app]
        more = _bytes(text if mark == "+" else f"{text}\n")
        kept = more[: KEPT_BYTES - len(head)]
        head += kept
        if len(kept) < len(more):
            self.unkept[app] += len(more) - len(kept)
        whole = (self.pieces.pop((name, app), "") + text)[:LINE_LIMIT]
        if mark == "+":
            self.pieces[name, app] = whole
        else:
            self.output[name][app].append(_readable(whole))

    def _control(self, words: list[str]) -> None:
        match words:
            case ["runtime", family, text] if self._may(family):
                if len(known := self.versions.get(family, "")) < KEPT_ANSWER:
                    self.versions[family] = f"{known}{text}\n"[:KEPT_ANSWER]
            case ["limit", app, "memory" | "pids" as cap] if self._may(app):
                self.met[app].add(cap)
            case ["exit", app, code] if self._may(app) and re.fullmatch("[0-9]{1,3}", code):
                self.exits[app] = int(code)
                if self.told_to_stop:
                    self.stopped.add(app)
            case ["stopped"]:
                self.told_to_stop = True
            case ["done"]:
                self.asked.set()


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _readable(text: str) -> str:
    return _bytes(text).decode(errors="replace")
