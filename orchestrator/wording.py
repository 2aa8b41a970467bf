"""How several names are said in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 3
"""More would bury the rest."""


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def some(words: Sequence[str]) -> str:
    """`a, b, c and 4 more`."""
    more = f" and {len(words) - MOST} more" if len(words) > MOST else ""
    return ", ".join(words[:MOST]) + more
