"""A grid -> a table in Markdown, for a README or a pull request."""

from __future__ import annotations

import re

from orchestrator.model import Cell, Grid, Row
from orchestrator.sanitise import one_line


def grid(drawn: Grid) -> str:
    """One table: apps as rows, versions as columns; a version that an app's claims admit is marked with `*`."""
    head = ["app", "declares", *drawn.environments]
    lines = [_line(head), _line(["---"] * len(head))]
    for row in drawn.rows:
        by_name = {cell.environment: cell for cell in row.cells}
        words = [_word(row, by_name.get(name)) for name in drawn.environments]
        lines.append(_line([row.app, row.runtime, *words]))
    legend = [f"`{_text(claim.text)}` ({_text(claim.mark.short)})" for row in drawn.rows for claim in row.claims]
    return "\n".join([*lines, *(["", f"`*` is claimed: {', '.join(legend)}"] if legend else [])]) + "\n"


def _word(row: Row, cell: Cell | None) -> str:
    """Empty where the app is of another family."""
    if cell is None:
        return ""
    claimed = row.claims and all(cell.environment in claim.admits for claim in row.claims)
    reason = f": {cell.quote[:80]}" if cell.outcome != "pass" and cell.quote else ""
    return f"{cell.outcome}{' *' if claimed else ''}{reason}"


def _line(words: list[str]) -> str:
    return "| " + " | ".join(_text(word) if word != "---" else word for word in words) + " |"


def _text(word: str) -> str:
    """Nothing of what an app prints is Markdown, HTML or a mention."""
    return re.sub(r"([\\`_\[\]<>|#~&]|(?<!\w)@)", r"\\\1", one_line(word, 200))
