"""Reads BuildKit's progress as the engine's `POST /build?version=2` streams it: protobuf without a schema compiler.

Field numbers: StatusResponse and Vertex, VertexLog in BuildKit's api/services/control/control.proto.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

_VERTEXES, _LOGS = 1, 3
_VERTEX_NAME, _VERTEX_CACHED, _VERTEX_STARTED, _VERTEX_ERROR = 3, 4, 5, 7
_LOG_MESSAGE = 4


def progress(aux: str) -> Iterator[str]:
    """One trace event -> the lines a person would read: a step as it begins, what it prints, how it fails."""
    for field, value in _fields(base64.b64decode(aux)):
        if not isinstance(value, bytes):
            continue
        if field == _LOGS:
            message = dict(_fields(value)).get(_LOG_MESSAGE, b"")
            if isinstance(message, bytes):
                yield from message.decode(errors="replace").splitlines()
        elif field == _VERTEXES:
            yield from _vertex(dict(_fields(value)))


def _vertex(vertex: dict[int, bytes | int]) -> Iterator[str]:
    name, error = vertex.get(_VERTEX_NAME, b""), vertex.get(_VERTEX_ERROR, b"")
    if isinstance(error, bytes) and error:
        yield f"FAILED: {error.decode(errors='replace')}"
    elif isinstance(name, bytes) and _VERTEX_STARTED in vertex and not name.startswith(b"[internal]"):
        yield f"STEP {name.decode(errors='replace')}"


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
