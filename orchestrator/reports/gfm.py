"""GitHub-flavoured Markdown in which nothing quoted is markup, a link, a mention or the end of a table's cell."""

from __future__ import annotations

import re
from collections.abc import Iterable

from orchestrator.sanitise import indented_line, one_line

LONGEST = 80
"""Characters of a quotation in a table."""


def code(said: str, limit: int = 600) -> str:
    """On one line, as it is: in a span of code there is no markup, no link and no mention. Of nothing, nothing."""
    text = one_line(said, limit)
    ticks = _ticks(text, 1)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{edge}{text}{edge}{ticks}" if text else ""


def cell(said: str, limit: int = LONGEST) -> str:
    """The same in a table, where a bar would end the cell even in a span of code."""
    return code(said, limit).replace("|", "\\|")


def row(words: Iterable[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(words)} |"


def table(head: list[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Its lines."""
    return [row(head), row(["---"] * len(head)), *map(row, rows)]


def block(lines: Iterable[str], language: str = "text") -> str:
    """Lines as they were printed, between fences that none of them can close."""
    text = "\n".join(map(indented_line, lines))
    fence = _ticks(text, 3)
    return f"{fence}{language}\n{text}\n{fence}"


def _ticks(text: str, least: int) -> str:
    """More of them than stand together anywhere in the text."""
    return "`" * max(least, 1 + max(map(len, re.findall("`+", text)), default=0))
