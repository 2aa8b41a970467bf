"""What apps print is data: one function makes any text safe for a terminal, a page, XML or a CI log."""

from __future__ import annotations

import re

# C0 but tab and newline, DEL, C1, line and paragraph separators, bidirectional controls, zero-width and tag
# characters, non-characters and lone surrogates: whatever could act instead of being read.
_ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufeff\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_COLOUR = re.compile("\x1b\\[[0-9;:]*m")
"""What .NET's and many other loggers colour their lines with; dropped, since it only looks."""
_COMMAND = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
"""GitHub's `::error::`, after blanks alone."""
_OLDER = re.compile(r"#(?=#\w*\[)")
"""`##[error]`, `##vso[`, `##teamcity[`: GitHub, Azure and TeamCity look for them anywhere in a line."""


def clean(text: str, limit: int = 4000) -> str:
    r"""Text with each acting character shown as `\xNN` or `\uNNNN`, CI commands (`::`, `##[`) defused; cut at limit."""
    text = _COLOUR.sub("", text.replace("\r\n", "\n"))
    if len(text) > limit:
        text = text[:limit] + f" ... ({len(text) - limit} more characters)"
    return _OLDER.sub("# ", _COMMAND.sub(r"\1: ", _ACTING.sub(_shown, text)))


def one_line(text: str, limit: int = 300) -> str:
    """The same on one line."""
    return clean(" ".join(text.split("\n")).strip(), limit)


def indented_line(text: str, limit: int = 300) -> str:
    """The same, with the indentation that makes a traceback readable."""
    return text[: len(text) - len(text.lstrip(" "))] + one_line(text, limit)


def in_json(text: str) -> str:
    r"""The same document, ASCII as `json.dumps` writes it, in which no `##[` is left: a CI job may print it."""
    return text.replace("##", r"#\u0023")


def _shown(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
