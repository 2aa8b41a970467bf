"""The final picture of a run, as it stays on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestrator.console import advice
from orchestrator.console.failure import failures
from orchestrator.console.grid import Grid
from orchestrator.console.picture import Entry, Picture
from orchestrator.console.words import headline, sentence, style
from orchestrator.events import VerdictReached
from orchestrator.model import Manifest
from orchestrator.sanitise import one_line


def final(drawn: Picture, manifest: Manifest, paths: Sequence[str]) -> RenderableType:
    """Apps side by side, what failed among them, each shared entry with its verdict, and what to do next."""
    if drawn.failed:
        return Text(one_line(drawn.failed.message))
    parts = [_title(drawn, manifest), _sides(drawn), *failures(drawn, manifest)]
    parts += [part for name, entry in drawn.entries.items() for part in _entry(name, entry, drawn)]
    parts.append(_next(advice.commands(drawn, manifest, paths)))
    return Group(*(spaced for part in parts for spaced in (part, Text())))


def _title(drawn: Picture, manifest: Manifest) -> Text:
    text = Text(drawn.project, "bold")
    return text.append(f": {one_line(manifest.description)}", "not bold") if manifest.description else text


def _sides(drawn: Picture) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("app", "runtime", "observed", "base", "state", "url"):
        table.add_column(name, no_wrap=name != "app", overflow="fold")
    for name, side in drawn.sides.items():
        seen = one_line((side.seen and side.seen.observed) or "-", 20)
        cells = (name, side.runtime, seen, drawn.bases.get(side.runtime, "-"), side.state, side.url or "")
        table.add_row(*(Text(cell, style(cell) if cell == side.state else "") for cell in cells))
    return _indented(table)


def _entry(name: str, entry: Entry, drawn: Picture) -> Iterator[RenderableType]:
    if not entry.cells:
        return
    yield Text(f"{name}: the same apps, unchanged, in one environment", "bold")
    yield _indented(Grid(entry, drawn))
    if entry.reached:
        yield _verdict(entry.reached, drawn)


def _verdict(reached: VerdictReached, drawn: Picture) -> RenderableType:
    apps = {cell.app for cell in drawn.entries[reached.entry].cells}
    runtimes = {name: side.runtime for name, side in drawn.sides.items() if name in apps}
    said = Text(headline(reached), f"{style(reached.verdict.name)} bold")
    said.append(f": {sentence(reached, runtimes)}.", "not bold default")
    reasons = Table.grid(padding=(0, 1, 0, 0))
    for reason in reached.verdict.because:
        reasons.add_row("-", Text(one_line(reason, 600), overflow="fold"))
    return Group(said, _indented(reasons))


def _next(commands: Sequence[str]) -> RenderableType:
    return Group(Text("next:", "bold"), *(Text(f"  {command}", overflow="fold") for command in commands))


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, 2))
