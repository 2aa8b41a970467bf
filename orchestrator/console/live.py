"""Progress on a terminal, redrawn in place: a line per app, the grids as they fill, the builds that go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.live import Live
from rich.table import Table
from rich.text import Text

from orchestrator.console.final import indented
from orchestrator.console.grid import Grid
from orchestrator.console.styles import style
from orchestrator.console.terminal import WIDEST, Forgiving, screen
from orchestrator.events import Event
from orchestrator.phrases import headline
from orchestrator.picture import Build, Entry, Picture, Side, after
from orchestrator.sanitise import one_line

PER_SECOND = 5
MOST = 16
"""Of more apps than these only those are shown that are not up yet."""
MARGIN = 3
"""Columns left free, so that an echoed `^C` cannot wrap and shift what is to be erased."""
UP = ("healthy", "exited")


@contextmanager
def live(stream: TextIO) -> Iterator[Callable[[Event], None]]:
    """What to call with each event; what was drawn is gone at the end. The cursor stays, whatever ends the process."""
    began = time.monotonic()
    drawn = Picture()
    console = screen(stream)
    console.file = Forgiving(stream)  # type: ignore[assignment]

    def show(event: Event) -> None:
        nonlocal drawn
        drawn = after(drawn, event, time.monotonic() - began)

    def view() -> RenderableType:
        return Constrain(frame(drawn, time.monotonic() - began), min(console.width, WIDEST) - MARGIN)

    with Live(
        get_renderable=view, console=console, refresh_per_second=PER_SECOND, transient=True, redirect_stdout=False
    ):
        console.show_cursor()
        yield show


def frame(drawn: Picture, now: float) -> RenderableType:
    """What is shown `now` seconds after the run began. The builds come last: they come and go, the rest stays put."""
    parts: list[RenderableType] = [_head(drawn, now), _apps(drawn, now)]
    for name, entry in drawn.entries.items():
        if entry.cells or any(trial.box in drawn.boxes for trial in entry.trials):
            parts += [Text(), Text(name, "bold"), indented(Grid(entry, drawn, now)), *_beside(entry, now)]
    ours = {side.image for side in drawn.sides.values()}
    others = [_build(build, now) for image, build in drawn.builds.items() if image not in ours]
    return Group(*parts, *([Text(), *others] if others else []))


def _beside(entry: Entry, now: float) -> Iterator[RenderableType]:
    """The verdict once there is one, and what is still asked or tried."""
    if entry.reached:
        yield indented(Text(headline(entry.reached), style(entry.reached.verdict.name)))
    if entry.doing:
        yield indented(Text(f"{entry.doing} {now - entry.since:.0f} s", "dim"))


def _head(drawn: Picture, now: float) -> Text:
    engine = f", {drawn.engine.kind} {drawn.engine.version}" if drawn.engine else ""
    return Text(f"{drawn.project}{engine}, {now:.0f} s", "bold")


def _apps(drawn: Picture, now: float) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for ratio in (None, None, None, 1):
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=ratio)
    few = len(drawn.sides) <= MOST
    shown = [(name, side, drawn.builds.get(side.image or "")) for name, side in drawn.sides.items()]
    if not few:
        shown = [row for row in shown if row[1].state not in UP]
        shown.sort(key=lambda row: row[1].state == "waiting" and row[2] is None)
    for name, side, build in shown[:MOST]:
        table.add_row(name, side.runtime, *_doing(side, build, now))
    rest = f"{sum(side.state in UP for side in drawn.sides.values())} of {len(drawn.sides)} apps are up"
    return indented(table if few else Group(table, Text(rest)))


def _doing(side: Side, build: Build | None, now: float) -> tuple[Text, Text]:
    """The state, and what there is to say about it: its age and the build's last line, the address, the failure."""
    if build:
        return Text("building"), _going(build, now)
    if side.state == "starting":
        return Text(side.state), Text(f"{now - side.since:3.0f} s", "dim")
    quote = side.cell.quote if side.cell and side.state == "failed" else ""
    return Text(side.state, style(side.state)), Text(one_line(side.url or quote))


def _build(build: Build, now: float) -> Text:
    text = Text(f"  building {one_line(build.label)} ", no_wrap=True, overflow="ellipsis")
    return text.append_text(_going(build, now))


def _going(build: Build, now: float) -> Text:
    return Text(f"{now - build.since:3.0f} s  {one_line(build.line)}", "dim")
