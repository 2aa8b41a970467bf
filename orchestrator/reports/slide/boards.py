"""The two lanes of the slide: the same app in the same row of both, as large as their number allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.reports.page.marks import Look, Mark
from orchestrator.reports.page.text import line
from orchestrator.reports.slide.letters import Lines, cut, fitted, width

WIDTH, TOP, HEIGHT = 716, 366, 274
PAD, GAP = 14, 14
MOST = 8
"""With more apps the last row says how many more there are."""
ONE_COLUMN = 4
TALLEST = 128
NAMES = ((100, 38), (66, 28), (0, 24))
"""A row's least height, and the font size of the name in it."""


@dataclass(frozen=True, slots=True)
class Text:
    """One line in a row."""

    x: int
    y: int
    size: int
    text: str
    face: str = ""
    end: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One app, as a box with texts in it."""

    x: int
    y: int
    width: int
    height: int
    look: Look
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """One lane. `joint` is how the one box around all of them looks, None where each has a box of its own."""

    x: int
    title: str
    how: Lines
    height: int
    rows: tuple[Row, ...]
    joint: Look | None = None


def board(
    x: int,
    title: tuple[str, str],
    apps: Mapping[str, str],
    marks: Mapping[str, Mark],
    joint: Look | None = None,
) -> Board:
    """`apps` has what stands below each name."""
    shown = _shown(apps)
    columns = 1 if len(shown) <= ONE_COLUMN else 2
    deep = max(1, -(-len(shown) // columns))
    gap = GAP if deep < 4 else 8
    high = min(TALLEST, (HEIGHT - 2 * PAD - (deep - 1) * gap) // deep)
    inset = 0 if joint is None else PAD
    wide = (WIDTH - 2 * inset - (columns - 1) * GAP) // columns
    rows = []
    for number, (name, below) in enumerate(shown.items()):
        left = x + inset + number % columns * (wide + GAP)
        top = TOP + PAD + number // columns * (high + gap)
        mark = marks.get(name, Mark("none", "" if name not in apps else "not run"))
        texts = _narrow(name, below, mark, wide, high) if columns == 2 else _wide(name, below, mark, wide, high)
        rows.append(Row(left, top, wide, high, mark.look, tuple(one for one in texts if one.text)))
    room = WIDTH - width(title[0], 30) - 20
    return Board(
        x,
        title[0],
        fitted(title[1], room, ((26, 1), (22, 1), (20, 1)), "plain"),
        deep * (high + gap) - gap + 2 * PAD,
        tuple(rows),
        joint,
    )


def _shown(apps: Mapping[str, str]) -> Mapping[str, str]:
    if len(apps) <= MOST:
        return apps
    return {**dict(list(apps.items())[: MOST - 1]), f"and {len(apps) - MOST + 1} more": ""}


def _wide(name: str, below: str, mark: Mark, wide: int, high: int) -> Sequence[Text]:
    """Name and runtime left, what became of it right."""
    size = next(size for least, size in NAMES if high >= least)
    said = cut(_said(mark), size - 4, wide * 0.46)
    room = wide - 2 * 22 - 20 - width(said, size - 4)
    right = Text(wide - 22, high // 2 + size // 3, size - 4, said, "word", end=True)
    whole = cut(line(name), size, room)
    if high >= 66:
        first, second = high // 2 - 6, high // 2 + size - 4
        small = size - 12 if size > 30 else 20
        return (
            Text(22, first, size, whole, "name"),
            Text(22, second, small, cut(below, small, room, "plain"), "below"),
            right,
        )
    beside = int(22 + width(whole, size) + 16)
    rest = cut(below, 20, room - width(whole, size) - 16, "plain") if room - width(whole, size) > 150 else ""
    return (Text(22, high // 2 + 8, size, whole, "name"), Text(beside, high // 2 + 8, 20, rest, "below"), right)


def _narrow(name: str, below: str, mark: Mark, wide: int, high: int) -> Sequence[Text]:
    """The name over what became of it; the runtime where there is room."""
    size = 26 if high >= 66 else 22
    room = wide - 2 * 16
    said = cut(_said(mark), size - 3, room)
    rest = room - width(said, size - 3) - 16
    small = size - 5
    fitting = (one for one in (below, below.partition(" (")[0]) if width(one, small, "plain") <= rest)
    return (
        Text(16, high // 2 - (4 if said else -8), size, cut(line(name), size, room), "name"),
        Text(16, high // 2 + size - 4, size - 3, said, "word"),
        Text(wide - 16, high // 2 + size - 4, small, next(fitting, ""), "below", end=True),
    )


def _said(mark: Mark) -> str:
    """What works is said in one word on both sides."""
    return f"{mark.glyph} {'ok' if mark.look == 'pass' else mark.word}" if mark.word else ""
