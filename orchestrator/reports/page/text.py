"""What strangers say, cut before anything reads all of it: a line of 30 MB costs no more than a short one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from orchestrator.sanitise import clean, indented_line, one_line

LINE = 600
LONGEST = 2000
"""Characters of one line of a log."""
WHOLE = 1024 * 1024
"""Nothing longer goes into the page in one piece."""
LINES = 40
"""Of an excerpt."""


def said(value: Any) -> Any:
    """Every value on its way into the page: what could act is shown instead, and markup is escaped after this."""
    return clean(value, WHOLE) if isinstance(value, str) and not isinstance(value, Markup) else value


def line(text: str, most: int = LINE) -> str:
    """One line, and how much of it is left out."""
    return one_line(text[:most], most) + _more(len(text) - most)


def end(lines: Sequence[str], most: int = LINES, longest: int = LONGEST) -> list[str]:
    """The last lines, each with its indentation."""
    return [indented_line(one[:longest], longest) + _more(len(one) - longest) for one in lines[-most:]]


def _more(number: int) -> str:
    return f" ... ({number} more characters)" if number > 0 else ""
