"""Reads BuildKit's progress as the engine's `POST /build?version=2` streams it: protobuf without a schema compiler.

Field numbers: StatusResponse and Vertex, VertexLog in BuildKit's api/services/control/control.proto.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

_VERTEXES, _LOGS = 1, 3
_VERTEX_DIGEST, _VERTEX_NAME, _VERTEX_STARTED, _VERTEX_COMPLETED, _VERTEX_ERROR = 1, 3, 5, 6, 7
_LOG_VERTEX, _LOG_STREAM, _LOG_MESSAGE = 1, 3, 4
LONGEST = 1 << 16
"""Bytes of a line without an end that are kept."""


class Trace:
    """The events of one build; what a step prints comes in pieces that end anywhere."""

    def __init__(self) -> None:
        self._begun: dict[tuple[object, object], bytes] = {}
        self._told: set[object] = set()

    def lines(self, aux: str) -> Iterator[str]:
        """One event -> the lines a person would read: a step as it begins, what it prints, how it ends."""
        held = [
            (field, dict(_fields(value))) for field, value in _fields(base64.b64decode(aux)) if type(value) is bytes
        ]
        steps = [one for field, one in held if field == _VERTEXES]
        for step in steps:
            yield from self._begin(step)
        for log in (one for field, one in held if field == _LOGS):
            yield from self._log(log)
        for step in (one for one in steps if _VERTEX_COMPLETED in one):
            yield from self._rest(step.get(_VERTEX_DIGEST))
            error = step.get(_VERTEX_ERROR)
            if isinstance(error, bytes) and error:
                yield f"FAILED: {_text(error)}"

    def _begin(self, step: Mapping[int, Any]) -> Iterator[str]:
        digest, name = step.get(_VERTEX_DIGEST), step.get(_VERTEX_NAME, b"")
        if _VERTEX_STARTED in step and digest not in self._told and not name.startswith(b"[internal]"):
            self._told.add(digest)
            yield f"STEP {_text(name)}"

    def _log(self, log: Mapping[int, Any]) -> Iterator[str]:
        """Its whole lines; a line's beginning is kept until the rest comes."""
        source, message = (log.get(_LOG_VERTEX), log.get(_LOG_STREAM)), log.get(_LOG_MESSAGE, b"")
        *whole, rest = (self._begun.pop(source, b"") + message).split(b"\n")
        yield from map(_text, whole)
        if rest:
            self._begun[source] = rest[-LONGEST:]

    def _rest(self, digest: object) -> Iterator[str]:
        """The last line of a step, which no newline ends."""
        for source in [one for one in self._begun if one[0] == digest]:
            yield _text(self._begun.pop(source))


def _text(line: bytes) -> str:
    return line.decode(errors="replace").rstrip("\r")


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """The wire format: varints (0) and length-delimited bytes (2) matter here, fixed sizes (1, 5) are skipped."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
        elif kind == 2:
            size, at = _varint(data, at)
            yield tag >> 3, data[at : at + size]
            at += size
        else:
            at += 8 if kind == 1 else 4


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
