"""What to tell those who wrote a word that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MOST_LISTED = 24


def suggestion(word: str, known: Iterable[str]) -> str:
    """The known word that is near, or else the known words."""
    words = list(known)
    near = difflib.get_close_matches(word, words, 1)
    return f"did you mean {near[0]!r}?" if near else known_are(words)


def known_are(words: list[str]) -> str:
    """The first of the known words."""
    more = f" and {len(words) - MOST_LISTED} more" if len(words) > MOST_LISTED else ""
    return f"known: {', '.join(words[:MOST_LISTED])}{more}" if words else ""
