"""How much room a text takes, without a font to ask: every letter as wide as in the widest of the usual ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Face = Literal["plain", "bold", "mono"]
THIN, SLIM = frozenset(".,:;'`|!iljI "), frozenset('()[]{}/\\-trf"*_')
WIDE = frozenset("mwMW@%&+=<>~#^")
MORE = "\u2026"


@dataclass(frozen=True, slots=True)
class Lines:
    """A text, set: the font's size and what stands on each line."""

    size: int
    texts: tuple[str, ...]


def width(text: str, size: float, face: Face = "bold") -> float:
    """At most that much, but for scripts of which one character is several letters wide."""
    return size * sum(_width(letter, face) for letter in text)


def cut(text: str, size: float, room: float, face: Face = "bold") -> str:
    """As much of it as there is room for."""
    if width(text, size, face) <= room:
        return text
    room -= width(MORE, size, face)
    kept = 0
    for letter in text:
        room -= width(letter, size, face)
        if room < 0:
            break
        kept += 1
    return text[:kept].rstrip() + MORE


def fitted(text: str, room: float, sizes: Sequence[tuple[int, int]], face: Face = "bold") -> Lines:
    """As large as it can be: `sizes` says from the largest how many lines of each there may be; cut at the last."""
    for size, most in sizes:
        lines = _broken(text, size, room, face)
        if len(lines) <= most:
            return Lines(size, tuple(_balanced(lines, text, size, face)))
    lines = _broken(text, size, room, face)
    return Lines(size, (*lines[: most - 1], cut(" ".join(lines[most - 1 :]), size, room, face)))


def _balanced(lines: list[str], text: str, size: float, face: Face) -> list[str]:
    """As many lines, none of them much shorter than the others."""
    while len(lines) > 1:
        narrower = _broken(text, size, max(width(one, size, face) for one in lines) - size / 4, face)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return lines


def _broken(text: str, size: float, room: float, face: Face) -> list[str]:
    """Between words, and within one that is longer than a line."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, size, face) <= room:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and width(lines[-1] + letter, size, face) > room:
                lines.append("")
            lines[-1] += letter
    return lines


def _width(letter: str, face: Face) -> float:
    """Of one, for a font size of one."""
    if not letter.isascii():
        return 1.05
    if face == "mono":
        return 0.61
    of_bold = 1.0
    if letter in THIN:
        of_bold = 0.4
    elif letter in SLIM:
        of_bold = 0.52
    elif letter in WIDE:
        of_bold = 1.11
    elif letter.isupper():
        of_bold = 0.84
    else:
        of_bold = 0.71
    return of_bold if face == "bold" else of_bold * 0.9
