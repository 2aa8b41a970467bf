"""Progress on a terminal, redrawn in place: a line per app, the builds that go on, the grids as they fill."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestrator.console.grid import Grid
from orchestrator.console.picture import Build, Picture, Side, after
from orchestrator.console.terminal import screen
from orchestrator.console.words import style
from orchestrator.events import Event
from orchestrator.sanitise import one_line

PER_SECOND = 5


@contextmanager
def live(stream: TextIO) -> Iterator[Callable[[Event], None]]:
    """What to call with each event, from any thread; what was drawn is gone at the end."""
    began = time.monotonic()
    drawn = Picture()

    def show(event: Event) -> None:
        nonlocal drawn
        drawn = after(drawn, event, time.monotonic() - began)

    def view() -> RenderableType:
        return frame(drawn, time.monotonic() - began)

    with Live(
        get_renderable=view,
        console=screen(stream),
        refresh_per_second=PER_SECOND,
        transient=True,
        redirect_stdout=False,
    ):
        yield show


def frame(drawn: Picture, now: float) -> RenderableType:
    """What is shown `now` seconds after the run began."""
    ours = {side.image for side in drawn.sides.values()}
    others = [build for image, build in drawn.builds.items() if image not in ours]
    parts: list[RenderableType] = [_head(drawn, now), _apps(drawn, now)]
    parts += [_builds(others, now)] if others else []
    for name, entry in drawn.entries.items():
        if entry.cells or drawn.boxes.intersection(trial.box for trial in entry.trials):
            parts += [Text(name, "bold"), Padding(Grid(entry, drawn), (0, 0, 0, 2))]
    return Group(*parts)


def _head(drawn: Picture, now: float) -> Text:
    engine = f", {drawn.engine.kind} {drawn.engine.version}" if drawn.engine else ""
    return Text(f"{drawn.project}{engine}, {now:.0f} s", "bold")


def _apps(drawn: Picture, now: float) -> RenderableType:
    table = _table()
    for name, side in drawn.sides.items():
        table.add_row(name, side.runtime, *_doing(side, drawn.builds.get(side.image or ""), now))
    return Padding(table, (0, 0, 0, 2))


def _doing(side: Side, build: Build | None, now: float) -> tuple[Text, Text]:
    """The state, and what there is to say about it: its age and the build's last line, or the address."""
    if build:
        return Text("building"), _going(build, now)
    if side.state == "starting":
        return Text("starting"), Text(f"{now - side.since:3.0f} s", "dim")
    quote = side.cell.quote if side.cell and side.state == "failed" else ""
    return Text(side.state, style(side.state)), Text(one_line(side.url or quote))


def _builds(builds: list[Build], now: float) -> RenderableType:
    table = _table()
    for build in builds:
        table.add_row("building", Text(one_line(build.label)), _going(build, now))
    return Padding(table, (0, 0, 0, 2))


def _going(build: Build, now: float) -> Text:
    return Text(f"{now - build.since:3.0f} s  {one_line(build.line)}", "dim")


def _table() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    return table
