"""What an unquoted value means, and which characters no manifest may hold."""

from __future__ import annotations

import re

from orchestrator.manifest.nodes import Plain

CONSTANTS: dict[str, Plain] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
LONGEST_NUMBER = 100
DECIMAL = re.compile(r"[-+]?[0-9]+")
BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Controls but tab and newline, bidirectional marks, line separators, invisible characters, lone surrogates."""
FORBIDDEN_IN_FILE = re.compile(rf"\r(?!\n)|(?!\r){FORBIDDEN.pattern}")
"""The same for raw text, where lines may end in CR LF."""


def core(text: str) -> Plain:
    """The value of an unquoted scalar by the core schema of YAML 1.2 (section 10.3.2).

    Raises ValueError for a number of more than 100 characters.
    """
    if text in CONSTANTS:
        return CONSTANTS[text]
    number = next((p for p in (DECIMAL, BASED, FRACTION) if p.fullmatch(text)), None)
    if number is None:
        return text
    if len(text) > LONGEST_NUMBER:
        raise ValueError(text)
    if number is FRACTION:
        return float(text)
    return int(text) if number is DECIMAL else int(text, 0)
