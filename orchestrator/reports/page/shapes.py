"""What lanes are drawn of, and where it stands: the same app in the same place in both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from orchestrator.reports.page.marks import Look, Mark
from orchestrator.reports.page.text import line
from orchestrator.wording import listed

WIDTH, GAP, PAD = 480, 16, 10
HEAD, TILE, LOW = 34, 96, 66
MANY = 4
"""With more apps than that tiles are LOW."""
KERNEL = 34
LETTER = 0.64
"""Width of a bold letter, for a font size of one."""
LARGE, SMALL = 20, 15
"""Font sizes of names: SMALL where a name needs more room; the stylesheet knows them too."""
NOT_RUN = Mark("none", "not run")


@dataclass(frozen=True, slots=True)
class Tile:
    """One app."""

    x: int
    y: int
    width: int
    height: int
    name: str
    needs: str
    mark: Mark
    small: bool


@dataclass(frozen=True, slots=True)
class Box:
    """One running container, or one that could not be made."""

    x: int
    y: int
    width: int
    height: int
    title: str
    look: Look


@dataclass(frozen=True, slots=True)
class Lane:
    """Shapes in units of which the lane is WIDTH wide; `told` says the same in a sentence.

    others: what was seen in other environments: the apps that fail there, or else all.
    """

    boxes: tuple[Box, ...]
    tiles: tuple[Tile, ...]
    told: str
    others: tuple[tuple[str, tuple[tuple[str, Mark], ...]], ...] = ()

    @property
    def height(self) -> int:
        return _boxes_end(len(self.tiles)) + PAD + KERNEL


def tiles(needs: Mapping[str, str], marks: Mapping[str, Mark]) -> Iterator[Tile]:
    """Two beside one another; `needs` has the runtime of each app, in order."""
    pitch = (WIDTH + GAP) // (1 if len(needs) == 1 else 2)
    width, high = pitch - GAP - 2 * PAD, _high(len(needs))
    for number, (name, runtime) in enumerate(needs.items()):
        x, y = PAD + number % 2 * pitch, HEAD + number // 2 * _row(len(needs))
        small = len(name) * LARGE * LETTER > width - 2 * PAD
        shown = fit(name, SMALL if small else LARGE, width - 2 * PAD)
        below = fit(f"needs {runtime}", 16, width - 2 * PAD) if high == TILE else ""
        yield Tile(x, y, width, high, shown, below, marks.get(name, NOT_RUN), small)


def joint_box(title: str, marks: Mapping[str, Mark], apps: int) -> Box:
    """Around all tiles; it looks as the worst of them."""
    looks = {mark.look for mark in marks.values()}
    look: Look = "fail" if "fail" in looks else "doubt" if "doubt" in looks else "none"
    return Box(0, 0, WIDTH, _boxes_end(apps), fit(title, 15, WIDTH - 2 * PAD), look)


def fit(text: str, size: int, width: int) -> str:
    """As much of it as there is room for."""
    most = int(width / (size * LETTER))
    whole = line(text)
    return whole if len(whole) <= most else whole[: most - 1] + "\u2026"


def sentence(marks: Mapping[str, Mark], where: str) -> str:
    """What a screen reader says instead of the drawing."""
    return f"{listed([f'{line(name)}: {mark.word}' for name, mark in marks.items()])}; {where}."


def _high(apps: int) -> int:
    return LOW if apps > MANY else TILE


def _row(apps: int) -> int:
    return HEAD + _high(apps) + PAD + GAP


def _boxes_end(apps: int) -> int:
    return max(1, (apps + 1) // 2) * _row(apps) - GAP
