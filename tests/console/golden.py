"""Exact output, kept in a file beside the test. `ISOLATE_GOLDEN=write pytest tests/console` writes it anew."""

from __future__ import annotations

import io
import os
from pathlib import Path

from rich.console import Console, RenderableType

from orchestrator.console.terminal import show

HERE = Path(__file__).parent


def drawn(what: RenderableType, width: int) -> str:
    """What a stream without colour gets."""
    stream = io.StringIO()
    show(Console(file=stream, width=width, color_system=None, markup=False, emoji=False, highlight=False), what)
    return stream.getvalue()


def same(name: str, text: str) -> bool:
    """Is it what the file holds?"""
    kept = HERE / f"{name}.txt"
    if os.environ.get("ISOLATE_GOLDEN") == "write":
        kept.write_text(text, encoding="utf-8")
    assert text == kept.read_text(encoding="utf-8")
    return True
