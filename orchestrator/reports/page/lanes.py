"""The two lanes, drawn to one scale: a box for each app on its own runtime, and the same apps in one box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from orchestrator.model import Cell
from orchestrator.phrases import newest_first
from orchestrator.picture import Entry, Picture
from orchestrator.reports.page.marks import Mark, of_cell, of_side
from orchestrator.reports.page.shapes import HEAD, PAD, Box, Lane, fit, joint_box, sentence, tiles
from orchestrator.reports.page.text import line
from orchestrator.wording import listed


def isolated(drawn: Picture, apps: Sequence[str]) -> Lane:
    """A box for each app."""
    marks = {name: of_side(drawn.sides[name]) for name in apps}
    placed = tuple(tiles(_needs(drawn, apps), marks))
    boxes = tuple(
        Box(
            tile.x - PAD,
            tile.y - HEAD,
            tile.width + 2 * PAD,
            HEAD + tile.height + PAD,
            fit(own(drawn, name), 15, tile.width),
            "none" if tile.mark.look == "pass" else tile.mark.look,
        )
        for name, tile in zip(apps, placed, strict=True)
    )
    return Lane(boxes, placed, sentence(marks, "each on its own runtime"))


def shared(drawn: Picture, entry: Entry, apps: Sequence[str]) -> Lane | None:
    """One box with all of them, in the environment that decides; None where nothing was to be shared."""
    joint = [cell for cell in entry.cells if cell.arm == "shared"]
    if not joint:
        return None
    where = deciding(entry, joint)
    cells = cells_at(joint, where)
    marks = {name: of_cell(cell) for name, cell in cells.items()}
    built = all(cell.phase != "build" or cell.outcome == "pass" for cell in cells.values())
    box = joint_box(named(where) + ("" if built else ": not built"), marks, len(apps))
    tried = newest_first(cell.environment for cell in joint if cell.outcome != "not-run")
    others = tuple((listed(names), seen) for names, seen in others_of(joint, [name for name in tried if name != where]))
    placed = tuple(tiles(_needs(drawn, apps), marks))
    return Lane((box,), placed, sentence(marks, f"in {named(where)}"), others)


def named(environment: str) -> str:
    """An environment as a person calls it."""
    return "one filesystem with all runtimes" if environment == "side-by-side" else f"one {environment} for all"


def deciding(entry: Entry, joint: Sequence[Cell]) -> str:
    """Where it works, or else the newest that was tried."""
    tried = newest_first(cell.environment for cell in joint if cell.outcome != "not-run")
    works = [name for name in tried if entry.reached and name in entry.reached.verdict.works_at]
    return [*works, *tried, joint[0].environment][0]


def cells_at(joint: Sequence[Cell], environment: str) -> Mapping[str, Cell]:
    """Each app's cell there; packages that went in together speak before those that did not."""
    mine = [cell for cell in joint if cell.environment == environment]
    together = [cell for cell in mine if cell.order in (None, "together")]
    return {cell.app: cell for cell in together or mine}


def others_of(
    joint: Sequence[Cell], environments: Sequence[str]
) -> Iterator[tuple[Sequence[str], tuple[tuple[str, Mark], ...]]]:
    """Environments in which the same was seen are told as one."""
    alike: dict[tuple[tuple[str, Mark], ...], list[str]] = {}
    for name in environments:
        marks = tuple((cell.app, of_cell(cell)) for cell in cells_at(joint, name).values())
        bad = tuple(one for one in marks if one[1].look != "pass")
        alike.setdefault(bad or marks, []).append(name)
    for seen, names in alike.items():
        yield names, seen


def _needs(drawn: Picture, apps: Sequence[str]) -> Mapping[str, str]:
    return {name: drawn.sides[name].runtime for name in apps}


def own(drawn: Picture, name: str) -> str:
    side = drawn.sides[name]
    observed = line((side.seen and side.seen.observed) or "", 20)
    return f"{side.runtime} ({observed})" if observed else side.runtime
