"""Does an observation hold what a check asked for?"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

import regex

from orchestrator.model import Matcher

SECONDS = 2.0
"""A search may take this long; `(a|aa)+$` would take for ever."""


_PIECES = re.compile(r"\\N\{[^}]*\}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?:[0-9]+(?:,[0-9]*)?|,[0-9]*)\}|\{", re.DOTALL)
"""Escapes, sets and repetitions, which are left alone; and a brace that is none of these."""


def matches(matcher: Matcher, text: str) -> bool:
    """A substring, or a regular expression searched without flags.

    Raises TimeoutError for an expression that does not come to an end: whether it holds is not known then. The error
    names the expression.
    """
    if not matcher.regex:
        return matcher.text in text
    try:
        return compiled(matcher.text).search(text, timeout=SECONDS) is not None
    except TimeoutError:
        raise TimeoutError(repr(matcher.text)) from None


def compiled(expression: str) -> Any:
    """What `re` reads there, for `regex`, which can end a search that takes long; raises regex.error.

    `regex` would read more: `(total){e}` finds `total` with any number of errors, `[[:alpha:]]` is a class of letters.
    """
    return regex.compile(_PIECES.sub(_plain, expression))


def _plain(found: re.Match[str]) -> str:
    piece = found[0]
    if piece == "{":
        return r"\{"
    if piece[0] != "[":
        return piece
    return "[" + re.sub(r"\\.|\[", lambda one: one[0].replace("[", r"\[", len(one[0]) == 1), piece[1:], flags=re.DOTALL)


def includes(wanted: object, got: object) -> bool:
    """JSON subset: every key of wanted is in got, lists agree item by item, `*` in a wanted string is a glob."""
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(key in got and includes(value, got[key]) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(got, list) and len(wanted) == len(got) and all(map(includes, wanted, got))
    if isinstance(wanted, str):
        return isinstance(got, str) and fnmatchcase(got, wanted.replace("[", "[[]").replace("?", "[?]"))
    return wanted == got and isinstance(wanted, bool) == isinstance(got, bool)
