"""The stream a person reads: how wide it is, whether it takes colour, whether it can be redrawn."""

from __future__ import annotations

import io
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

from orchestrator.sanitise import clean

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDTH = 100
"""Columns where there is no terminal to ask."""
WIDEST = 120
"""Longer lines are hard to read, however wide the terminal."""


def is_live(stream: TextIO, mode: str) -> bool:
    """Whether progress may be redrawn in place there."""
    able = stream.isatty() and os.environ.get("TERM") != "dumb"
    return able and (mode == "tty" or (mode == "auto" and not os.environ.get("CI")))


class Forgiving:
    """A terminal that may hang up: what cannot be written is not."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def screen(stream: TextIO) -> Console:
    r"""A rich console on the stream: colour on a terminal only, and never with NO_COLOR; markup is always off.

    Characters that the stream's encoding lacks are written as `\uNNNN`.
    """
    from rich.console import Console

    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    terminal = stream.isatty()
    coloured = terminal and not os.environ.get("NO_COLOR")
    return Console(
        file=stream,
        color_system="auto" if coloured else None,
        width=None if terminal else WIDTH,
        markup=False,
        emoji=False,
        highlight=False,
    )


def show(console: Console, drawn: RenderableType) -> None:
    """Write it without the blanks with which rich fills every line up.

    Where a line is broken, a CI command may come to stand at its beginning: without colour the whole is cleaned again.
    """
    with console.capture() as kept:
        console.print(drawn, width=min(console.width, WIDEST))
    text = kept.get() if console.color_system else clean(kept.get(), len(kept.get()))
    console.file.write(re.sub(r"[ ]+$", "", text, flags=re.MULTILINE))
