"""What the lanes hold: a box for each environment, in it a tile for each app."""

from __future__ import annotations

from dataclasses import dataclass, replace

from orchestrator.model import CheckResult
from orchestrator.reports.page.marks import Look, Mark
from orchestrator.reports.page.shapes import NOT_RUN

WAITING, BUILDING, RUNNING = Mark("none", "waiting"), Mark("none", "building"), Mark("none", "running")
OVER = {
    **dict.fromkeys((WAITING, BUILDING), NOT_RUN),
    **dict.fromkeys((RUNNING, Mark("none", "starting"), Mark("none", "answering")), Mark("none", "cut short")),
}
"""What becomes of each when nothing happens any more."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One app in a box. `alone` is the control: the same app by itself in the same environment."""

    app: str
    runtime: str
    mark: Mark | None
    alone: Mark | None = None
    url: str = ""
    checks: tuple[CheckResult, ...] = ()
    quote: str = ""
    look: Look = "none"
    """Of the quote."""
    line: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    title: str
    tiles: tuple[Tile, ...]

    @property
    def look(self) -> Look:
        """That of the worst in it."""
        looks = {tile.mark.look for tile in self.tiles if tile.mark}
        return next((look for look in ("fail", "doubt", "pass") if look in looks), "none")


@dataclass(frozen=True, slots=True)
class Group:
    """One shared entry: what was tried, and what that has proved."""

    name: str
    boxes: tuple[Box, ...]
    verdict: str
    look: Look
    doing: str
    ways: tuple[tuple[str, Mark, str], ...]
    """Cheaper ways out that were tried."""


def over(box: Box) -> Box:
    """The box when nothing happens any more: what waited never came."""
    return replace(
        box, tiles=tuple(replace(one, mark=_over(one.mark), alone=_over(one.alone), line="") for one in box.tiles)
    )


def _over(mark: Mark | None) -> Mark | None:
    return OVER.get(mark, mark) if mark else None
