"""The two lanes, drawn to one scale: a box for each app on its own runtime, and the same apps in one box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from orchestrator.model import Cell
from orchestrator.phrases import newest_first
from orchestrator.picture import Entry, Picture
from orchestrator.reports.page.marks import Mark, of_cell, of_side
from orchestrator.reports.page.text import line
from orchestrator.wording import listed

WIDTH, GAP, PAD = 480, 16, 10
HEAD, TILE, LOW = 34, 96, 66
MANY = 4
"""With more apps than that tiles are LOW."""
KERNEL = 34
NOT_RUN = Mark("none", "not run")
LETTER = 0.64
"""Width of a bold letter, for a font size of one."""
LARGE, SMALL = 20, 15
"""Font sizes of names: SMALL where a name needs more room; the stylesheet knows them too."""


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
    look: str


@dataclass(frozen=True, slots=True)
class Lane:
    """Shapes in units of which the lane is WIDTH wide; `told` says the same in a sentence."""

    name: str
    height: int
    boxes: tuple[Box, ...]
    tiles: tuple[Tile, ...]
    told: str
    environment: str = ""
    others: tuple[tuple[str, tuple[tuple[str, Mark], ...]], ...] = ()
    """What was seen in the other environments: those that fail, or else all."""


def isolated(drawn: Picture, apps: Sequence[str]) -> Lane:
    """A box for each app."""
    tiles = tuple(_tiles(drawn, apps, {name: of_side(drawn.sides[name]) for name in apps}))
    boxes = tuple(
        Box(
            tile.x - PAD,
            tile.y - HEAD,
            tile.width + 2 * PAD,
            HEAD + tile.height + PAD,
            fit(_own(drawn, name), 16, tile.width),
            "none" if tile.mark.look == "pass" else tile.mark.look,
        )
        for name, tile in zip(apps, tiles, strict=True)
    )
    return Lane("isolated", _height(len(apps)), boxes, tiles, _sentence(tiles, "each on its own runtime"))


def shared(drawn: Picture, entry: Entry, apps: Sequence[str]) -> Lane | None:
    """One box with all of them, in the environment that decides; None where nothing was to be shared."""
    joint = [cell for cell in entry.cells if cell.arm == "shared"]
    if not joint:
        return None
    where = _deciding(entry, joint)
    cells = _of(joint, where)
    tiles = tuple(_tiles(drawn, apps, {name: of_cell(cell) for name, cell in cells.items()}))
    looks = [tile.mark.look for tile in tiles]
    look = next((one for one in ("fail", "doubt") if one in looks), "none")
    built = all(cell.phase != "build" or cell.outcome == "pass" for cell in cells.values())
    title = named(where) + ("" if built else ": not built")
    box = Box(0, 0, WIDTH, _height(len(apps)) - KERNEL - PAD, fit(title, 16, WIDTH - 2 * PAD), look)
    tried = newest_first(cell.environment for cell in joint if cell.outcome != "not-run")
    others = tuple(_others(joint, [name for name in tried if name != where]))
    return Lane("shared", _height(len(apps)), (box,), tiles, _sentence(tiles, f"in {named(where)}"), where, others)


def named(environment: str) -> str:
    """An environment as a person calls it."""
    return "one filesystem with all runtimes" if environment == "side-by-side" else f"one {environment} for all"


def fit(text: str, size: int, width: int) -> str:
    """As much of it as there is room for."""
    most = int(width / (size * LETTER))
    whole = line(text)
    return whole if len(whole) <= most else whole[: most - 1] + "\u2026"


def _deciding(entry: Entry, joint: Sequence[Cell]) -> str:
    """Where it works, or else the newest that was tried."""
    tried = newest_first(cell.environment for cell in joint if cell.outcome != "not-run")
    works = [name for name in tried if entry.reached and name in entry.reached.verdict.works_at]
    return [*works, *tried, joint[0].environment][0]


def _of(joint: Sequence[Cell], environment: str) -> Mapping[str, Cell]:
    """Each app's cell there; packages that went in together speak before those that did not."""
    mine = [cell for cell in joint if cell.environment == environment]
    together = [cell for cell in mine if cell.order in (None, "together")]
    return {cell.app: cell for cell in together or mine}


def _others(joint: Sequence[Cell], environments: Sequence[str]) -> Iterator[tuple[str, tuple[tuple[str, Mark], ...]]]:
    """Environments in which the same was seen are told as one."""
    alike: dict[tuple[tuple[str, Mark], ...], list[str]] = {}
    for name in environments:
        marks = tuple((cell.app, of_cell(cell)) for cell in _of(joint, name).values())
        bad = tuple(one for one in marks if one[1].look != "pass")
        alike.setdefault(bad or marks, []).append(name)
    for seen, names in alike.items():
        yield listed(names), seen


def _own(drawn: Picture, name: str) -> str:
    side = drawn.sides[name]
    observed = line((side.seen and side.seen.observed) or "", 20)
    return f"{side.runtime} ({observed})" if observed else side.runtime


def _tiles(drawn: Picture, apps: Sequence[str], marks: Mapping[str, Mark]) -> Iterator[Tile]:
    """Two beside one another; the same app stands in the same place in both lanes."""
    columns = 1 if len(apps) == 1 else 2
    pitch = (WIDTH + GAP) // columns
    width, high = pitch - GAP - 2 * PAD, _tile(len(apps))
    for number, name in enumerate(apps):
        x, y = PAD + number % columns * pitch, HEAD + number // columns * (HEAD + high + PAD + GAP)
        needs = fit(f"needs {drawn.sides[name].runtime}", 16, width - 2 * PAD) if high == TILE else ""
        small = len(name) * LARGE * LETTER > width - 2 * PAD
        shown = fit(name, SMALL if small else LARGE, width - 2 * PAD)
        yield Tile(x, y, width, high, shown, needs, marks.get(name, NOT_RUN), small)


def _height(apps: int) -> int:
    rows = max(1, (apps + 1) // 2)
    return rows * (HEAD + _tile(apps) + PAD + GAP) - GAP + PAD + KERNEL


def _tile(apps: int) -> int:
    return LOW if apps > MANY else TILE


def _sentence(tiles: Sequence[Tile], where: str) -> str:
    said = listed([f"{tile.name}: {tile.mark.word}" for tile in tiles])
    return f"{said}; {where}."
