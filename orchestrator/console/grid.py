"""The grid of one shared entry: apps as rows, environments as columns, in each alone, together, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from orchestrator.console.styles import style
from orchestrator.events import PlannedTrial
from orchestrator.phrases import how, newest_first, outcome
from orchestrator.picture import Entry, Picture

GAP = 2
HOW = ("alone", "together", "in order", "last first")


@dataclass(frozen=True, slots=True)
class Grid:
    """Drawn as wide as there is room: environments that do not fit beside one another go below.

    `now`, in seconds since the run began, tells how long a box has run.
    """

    entry: Entry
    drawn: Picture
    now: float = 0.0

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        blocks = _blocks(self.entry, self.drawn, self.now)
        apps = [app for app in self.drawn.sides if any(app == row for block in blocks for row, _ in block.words)]
        first = max(map(len, apps), default=0)
        bands = _bands(blocks, options.max_width - first)
        yield Text("\n\n").join(_band(band, apps, first) for band in bands)


@dataclass(frozen=True, slots=True)
class Block:
    """The columns of one environment; `words` by (app, column)."""

    title: str
    words: Mapping[tuple[str, str], str]

    @property
    def columns(self) -> dict[str, int]:
        """Each column and its width; the last one grows so that the title fits."""
        shown = [name for name in HOW if any(name == column for _, column in self.words)]
        widths = {name: max(len(name), *(len(w) for (_, c), w in self.words.items() if c == name)) for name in shown}
        widths[shown[-1]] += max(0, len(self.title) - sum(widths.values()) - GAP * (len(shown) - 1))
        return widths

    @property
    def width(self) -> int:
        return sum(self.columns.values()) + GAP * len(self.columns)


def _blocks(entry: Entry, drawn: Picture, now: float) -> list[Block]:
    """What was observed, and what is planned: `.`, `building`, `running 2 s`."""
    words: dict[str, dict[tuple[str, str], str]] = {}
    for trial in entry.trials:
        planned = {(app, how(trial.arm, trial.order)): _doing(trial, drawn, now) for app in trial.apps}
        words.setdefault(trial.environment, {}).update(planned)
    for cell in entry.cells:
        words.setdefault(cell.environment, {})[cell.app, how(cell.arm, cell.order)] = outcome(cell)
    return [Block(title, words[title]) for title in newest_first(words)]


def _doing(trial: PlannedTrial, drawn: Picture, now: float) -> str:
    if trial.image in drawn.builds:
        return "building"
    return f"running {now - drawn.boxes[trial.box]:.0f} s" if trial.box in drawn.boxes else "."


def _bands(blocks: Sequence[Block], width: int) -> Iterator[list[Block]]:
    """As many environments side by side as fit, at least one."""
    band: list[Block] = []
    for block in blocks:
        if band and sum(one.width for one in (*band, block)) > width:
            yield band
            band = []
        band.append(block)
    yield band


def _band(blocks: Sequence[Block], apps: Sequence[str], first: int) -> Text:
    titles, heads = Text(" " * first), Text(" " * first)
    rows = {app: Text(app.ljust(first)) for app in apps}
    for block in blocks:
        titles.append(" " * GAP).append(block.title.ljust(block.width - GAP), "bold")
        for column, width in block.columns.items():
            heads.append(" " * GAP).append(column.ljust(width), "dim")
            for app, row in rows.items():
                word = block.words.get((app, column), "")
                row.append(" " * GAP).append(word, style(word)).append(" " * (width - len(word)))
    return Text("\n").join([titles, heads, *rows.values()])
