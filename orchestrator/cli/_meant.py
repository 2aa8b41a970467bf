"""The option or the verb that a misspelt word may have meant."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from difflib import get_close_matches


def meant(parser: argparse.ArgumentParser, verb: str, words: Sequence[str]) -> str:
    """The nearest to the first word that is known to nobody; empty where none is near."""
    commands = next(action.choices for action in parser._actions if isinstance(action.choices, dict))  # noqa: SLF001
    if not verb:
        unknown, known = [word for word in words if not word.startswith("-")], list(commands)
    else:
        known = list(commands[verb]._option_string_actions)  # noqa: SLF001
        unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
    near = get_close_matches(unknown[0].partition("=")[0], known, 1) if unknown else []
    return near[0] if near else ""
