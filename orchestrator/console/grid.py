"""The grid of one shared entry: apps as rows, environments as columns, each alone, together, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from orchestrator.console.picture import Entry, Picture
from orchestrator.console.words import how, outcome, style
from orchestrator.model import Cell

GAP = 2
HOW = ("alone", "together", "in order")


@dataclass(frozen=True, slots=True)
class Block:
    """The columns of one environment: word by (app, how)."""

    title: str
    hows: tuple[str, ...]
    words: Mapping[tuple[str, str], str]

    def widths(self) -> list[int]:
        """Of each column; the last grows so that the title fits."""
        widths = [max(len(word) for word in (name, *self._column(name))) for name in self.hows]
        widths[-1] += max(0, len(self.title) - sum(widths) - GAP * (len(widths) - 1))
        return widths

    def _column(self, name: str) -> list[str]:
        return [word for (_, where), word in self.words.items() if where == name]


@dataclass(frozen=True, slots=True)
class Grid:
    """Drawn as wide as there is room."""

    entry: Entry
    drawn: Picture

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        yield grid(self.entry, self.drawn, options.max_width)


def grid(entry: Entry, drawn: Picture, width: int) -> Text:
    """Lines of at most `width` columns where names allow; environments that do not fit beside go below."""
    blocks = list(_blocks(entry, drawn))
    apps = [app for app in drawn.sides if any((app, name) in block.words for block in blocks for name in block.hows)]
    first = max(map(len, apps), default=0)
    bands = [_band(band, apps, first) for band in _bands(blocks, width - first)]
    return Text("\n\n").join(bands)


def _blocks(entry: Entry, drawn: Picture) -> Iterator[Block]:
    words: dict[str, dict[tuple[str, str], str]] = {}
    for trial in entry.trials:
        doing = "building" if trial.image in drawn.builds else "running" if trial.box in drawn.boxes else "."
        for app in trial.apps:
            where = (app, how(Cell(app, trial.arm, trial.environment, "not-run", order=trial.order)))
            words.setdefault(trial.environment, {})[where] = doing
    for cell in entry.cells:
        title = f"{cell.environment} on {cell.base}" if cell.base else cell.environment
        words.setdefault(title, {})[cell.app, how(cell)] = outcome(cell)
    for title, found in words.items():
        yield Block(title, tuple(name for name in HOW if any(where == name for _, where in found)), found)


def _bands(blocks: Sequence[Block], width: int) -> Iterator[list[Block]]:
    """As many environments side by side as fit, at least one."""
    band: list[Block] = []
    room = width
    for block in blocks:
        need = sum(block.widths()) + GAP * len(block.hows)
        if band and need > room:
            yield band
            band, room = [], width
        band.append(block)
        room -= need
    if band:
        yield band


def _band(blocks: Sequence[Block], apps: Sequence[str], first: int) -> Text:
    lines = [Text(" " * first), Text(" " * first)]
    lines += [Text(app.ljust(first)) for app in apps]
    for block in blocks:
        widths = block.widths()
        lines[0].append(" " * GAP + block.title.ljust(sum(widths) + GAP * (len(widths) - 1)), "bold")
        for name, width in zip(block.hows, widths, strict=True):
            lines[1].append(" " * GAP + name.ljust(width), "dim")
            for line, app in zip(lines[2:], apps, strict=True):
                word = block.words.get((app, name), "")
                line.append(" " * GAP).append(word.ljust(width), style(word))
    for line in lines:
        line.rstrip()
    return Text("\n").join(lines)
