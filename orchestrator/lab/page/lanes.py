"""A picture of what goes on -> the two lanes: each app on its own runtime, and the same apps in one environment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from orchestrator.events import PlannedTrial
from orchestrator.lab.page.boxes import BUILDING, RUNNING, WAITING, Box, Group, Tile, over
from orchestrator.model import Cell
from orchestrator.phrases import WAYS_OUT, headline, how, newest_first
from orchestrator.picture import Entry, Picture, Side
from orchestrator.reports.page.lanes import named
from orchestrator.reports.page.marks import LOOKS, VERDICTS, Mark, of_cell, of_outcome, of_side
from orchestrator.reports.page.text import line

LOOPBACK = re.compile(r"http://127\.0\.0\.1:\d+/?")


def isolated(drawn: Picture, *, up: bool, going: bool) -> list[Box]:
    """A box for each app; addresses only while they answer. `going` says whether anything still can happen."""
    boxes = [Box(_own(side), (_isolated(drawn, name, side, up=up),)) for name, side in drawn.sides.items()]
    return boxes if going else [over(box) for box in boxes]


def _own(side: Side) -> str:
    observed = line((side.seen and side.seen.observed) or "", 20)
    return f"{side.runtime}, which is {observed}" if observed else side.runtime


def _isolated(drawn: Picture, name: str, side: Side, *, up: bool) -> Tile:
    build = drawn.builds.get(side.image or "")
    return Tile(
        app=name,
        runtime=side.runtime,
        mark=BUILDING if build else of_side(side),
        url=side.url if up and side.url and LOOPBACK.fullmatch(side.url) else "",
        checks=side.seen.checks if side.seen else (),
        quote=side.cell.quote if side.cell and side.cell.outcome != "pass" else "",
        look=LOOKS[side.cell.outcome] if side.cell else "none",
        line=build.line if build else "",
    )


def shared(drawn: Picture, *, going: bool) -> list[Group]:
    """A group for each shared entry of which anything is planned."""
    groups = [_group(drawn, name, entry) for name, entry in drawn.entries.items() if entry.trials or entry.cells]
    if going:
        return groups
    return [replace(one, boxes=tuple(map(over, one.boxes)), doing="") for one in groups]


def _group(drawn: Picture, name: str, entry: Entry) -> Group:
    reached = entry.reached
    return Group(
        name,
        tuple(_boxes(drawn, entry)),
        headline(reached) if reached else "",
        VERDICTS[reached.verdict.name] if reached else "none",
        entry.doing,
        tuple(
            (one.name, of_outcome(one.outcome, WAYS_OUT[one.outcome]), one.detail)
            for one in entry.escapes
            if one.outcome != "not-run"
        ),
    )


def _boxes(drawn: Picture, entry: Entry) -> Iterator[Box]:
    """One for each environment, and for each order in which packages went in."""
    there = [*(one.environment for one in entry.trials), *(cell.environment for cell in entry.cells)]
    for environment in newest_first(there):
        trials = [one for one in entry.trials if one.environment == environment]
        cells = [cell for cell in entry.cells if cell.environment == environment]
        shared = [one.order for one in trials if one.arm == "shared"]
        shared += [cell.order for cell in cells if cell.arm == "shared"]
        for order in dict.fromkeys(shared) or [None]:
            lane = f", {how('shared', order)}" if order not in (None, "together") else ""
            yield Box(named(environment) + lane, tuple(_tiles(drawn, trials, cells, order)))


def _tiles(drawn: Picture, trials: Sequence[PlannedTrial], cells: Sequence[Cell], order: str | None) -> Iterator[Tile]:
    planned = [app for one in trials for app in one.apps]
    for app in dict.fromkeys([*planned, *(cell.app for cell in cells)]):
        together = [cell for cell in cells if (cell.app, cell.arm, cell.order) == (app, "shared", order)]
        alone = [cell for cell in cells if (cell.app, cell.arm) == (app, "control")]
        joint = [one for one in trials if one.arm == "shared" and one.order == order and app in one.apps]
        control = [one for one in trials if one.arm == "control" and app in one.apps]
        seen = next((cell for cell in (*together, *alone) if cell.outcome != "pass"), None)
        yield Tile(
            app=app,
            runtime=drawn.sides[app].runtime if app in drawn.sides else "",
            mark=_mark(drawn, together, joint),
            alone=_mark(drawn, alone, control),
            checks=tuple(check for cell in together for check in cell.checks),
            quote=seen.quote if seen else "",
            look=LOOKS[seen.outcome] if seen else "none",
        )


def _mark(drawn: Picture, cells: Sequence[Cell], trials: Sequence[PlannedTrial]) -> Mark | None:
    if cells:
        return of_cell(cells[-1])
    if not trials:
        return None
    if trials[0].image in drawn.builds:
        return BUILDING
    return RUNNING if trials[0].box in drawn.boxes else WAITING


def running(drawn: Picture) -> Mapping[str, str]:
    """Builds of images that are of no app alone: why they are made, and what they say last."""
    ours = {side.image for side in drawn.sides.values()}
    return {build.label: build.line for image, build in drawn.builds.items() if image not in ours}
