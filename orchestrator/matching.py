"""Does an observation hold what a check asked for?"""

from __future__ import annotations

from fnmatch import fnmatchcase

import regex

from orchestrator.model import Matcher

SECONDS = 2.0
"""A search may take this long; `(a+)+$` would take for ever."""


def matches(matcher: Matcher, text: str) -> bool:
    """A substring, or a regular expression searched without flags; one that does not come to an end holds nothing."""
    if not matcher.regex:
        return matcher.text in text
    try:
        return regex.search(matcher.text, text, timeout=SECONDS) is not None
    except TimeoutError:
        return False


def includes(wanted: object, got: object) -> bool:
    """JSON subset: every key of wanted is in got, lists agree item by item, `*` in a wanted string is a glob."""
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(key in got and includes(value, got[key]) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(got, list) and len(wanted) == len(got) and all(map(includes, wanted, got))
    if isinstance(wanted, str):
        return isinstance(got, str) and fnmatchcase(got, wanted.replace("[", "[[]").replace("?", "[?]"))
    return wanted == got and isinstance(wanted, bool) == isinstance(got, bool)
