"""Reads a Dockerfile as its reference says: directives, comments, continued lines, here-documents. Strict and small."""

from __future__ import annotations

import re
from collections.abc import Iterator

INSTRUCTIONS = {
    *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"),
    *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
}
LONGEST = 65535
_DIRECTIVE = re.compile(r"\s*#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*")
_HEREDOC = re.compile(r"""(?<!<)<<(-?)(["']?)([^\s<>"']+)\2""")
Instruction = tuple[str, str]


def instructions(text: str) -> list[Instruction]:
    """(NAME, arguments) in order, continued lines joined; a directive comes as (`# name`, value).

    Raises ValueError for what no builder takes, and for what two builders take differently.
    """
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    if long := [line for line in lines if len(line.encode()) > LONGEST]:
        raise ValueError(f"a line of {len(long[0])} characters")
    found, escape = [], "\\"
    while lines and (directive := _DIRECTIVE.fullmatch(lines[0])):
        found.append((f"# {directive[1].lower()}", directive[2]))
        escape = directive[2] if directive[1].lower() == "escape" else escape
        lines.pop(0)
    return found + list(_instructions(iter(lines), re.compile(rf"{re.escape(escape)}[ \t]*$")))


def _instructions(lines: Iterator[str], continued: re.Pattern[str]) -> Iterator[Instruction]:
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        whole = _joined(line, lines, continued)
        name, _, arguments = whole.strip().partition(" ")
        if name.upper() not in INSTRUCTIONS:
            raise ValueError(f"no instruction: {whole[:80]!r}")
        if name.upper() in {"RUN", "COPY", "ADD"}:
            arguments += "".join(_heredoc(mark, lines) for mark in _HEREDOC.finditer(arguments))
        yield name.upper(), arguments.strip()


def _joined(line: str, lines: Iterator[str], continued: re.Pattern[str]) -> str:
    """The line with those that continue it; comments and empty lines among them are nothing."""
    whole = ""
    while continued.search(line):
        whole += continued.sub("", line)
        line = next((one for one in lines if one.strip() and not one.lstrip().startswith("#")), "")
    return whole + line


def _heredoc(mark: re.Match[str], lines: Iterator[str]) -> str:
    body = []
    for line in lines:
        if (line.lstrip("\t") if mark[1] else line) == mark[3]:
            return "\n" + "\n".join(body)
        body.append(line)
    raise ValueError(f"a here-document without its end: {mark[3]}")
