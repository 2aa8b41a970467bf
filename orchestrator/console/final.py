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
from orchestrator.console.styles import style
from orchestrator.events import VerdictReached
from orchestrator.model import Escape, Manifest, SharedEntry
from orchestrator.phrases import WAYS_OUT, headline, newest_first, remembered, sentence, shared_how
from orchestrator.picture import Entry, Picture
from orchestrator.sanitise import one_line

COLUMNS = ("app", "runtime", "observed", "base", "state", "url")


def final(drawn: Picture, manifest: Manifest, paths: Sequence[str]) -> RenderableType:
    """What was observed, and what to do next."""
    parts = [*observed(drawn, manifest), _next(advice.commands(drawn, manifest, paths)), *ending(drawn)]
    return spaced(parts)


def observed(drawn: Picture, manifest: Manifest) -> list[RenderableType]:
    """Apps side by side, what failed among them, each shared entry with its verdict."""
    parts = [_title(drawn, manifest), _sides(drawn), *failures(drawn, manifest)]
    for entry in manifest.shared:
        parts += _entry(entry, drawn.entries[entry.name], drawn)
    return parts


def spaced(parts: Sequence[RenderableType]) -> Group:
    """With an empty line between them."""
    return Group(*[piece for part in parts for piece in (part, Text())][:-1])


def indented(part: RenderableType) -> Padding:
    """Two columns to the right."""
    return Padding(part, (0, 0, 0, 2))


def _title(drawn: Picture, manifest: Manifest) -> Text:
    text = Text(drawn.project, "bold")
    return text.append(f": {one_line(manifest.description)}", "not bold") if manifest.description else text


def _sides(drawn: Picture) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in COLUMNS:
        table.add_column(name, overflow="fold")
    for name, side in drawn.sides.items():
        observed = one_line((side.seen and side.seen.observed) or "-", 20)
        cells = (name, side.runtime, observed, drawn.bases.get(side.runtime, "-"))
        table.add_row(*map(Text, cells), Text(side.state, style(side.state)), Text(side.url or ""))
    return indented(table)


def _entry(meant: SharedEntry, entry: Entry, drawn: Picture) -> Iterator[RenderableType]:
    if any(cell.outcome != "not-run" for cell in entry.cells):
        yield _heading(meant)
        yield indented(Grid(entry, drawn))
    if entry.reached:
        yield _verdict(entry.reached, meant, entry)
    tried = [escape for escape in entry.escapes if escape.outcome != "not-run"]
    if entry.escapes:
        yield Group(
            Text("ways out:" if tried else "ways out: none applies", "bold"),
            indented(_ways_out(tried or entry.escapes)),
        )


def _heading(meant: SharedEntry) -> Text:
    """`roll-forward: the same apps, unchanged, in one environment with DOTNET_ROLL_FORWARD=Major`."""
    return Text(meant.name, "bold").append(one_line(f": {shared_how(meant)}"), "not bold")


def _verdict(reached: VerdictReached, meant: SharedEntry, entry: Entry) -> RenderableType:
    tried = newest_first(cell.environment for cell in entry.cells if cell.arm == "shared")
    wrong = reached.as_expected is False
    said = Text(headline(reached), "bold red" if wrong else f"bold {style(reached.verdict.name)}")
    said.append(f": {sentence(reached.verdict, meant.apps, tried)}.", "not bold default")
    return said if reached.verdict.name == "broken" else Group(said, indented(_reasons(reached.verdict.because)))


def _reasons(because: Sequence[str]) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    for reason in because:
        table.add_row("-", Text(one_line(reason, 600), overflow="fold"))
    return table


def _ways_out(escapes: Sequence[Escape]) -> Table:
    """Those that were tried, each with what came of it; why another does not apply is in the record."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for escape in escapes:
        words = Text(WAYS_OUT[escape.outcome], style(escape.outcome))
        table.add_row(Text(escape.name), words, Text(one_line(escape.detail, 600), overflow="fold"))
    return table


def _next(commands: Sequence[str]) -> RenderableType:
    return Group(Text("next:", "bold"), *(indented(Text(command, overflow="fold")) for command in commands))


def ending(drawn: Picture) -> Iterator[Text]:
    """What was remembered, how long it took, and where the record is."""
    cells = [cell for entry in drawn.entries.values() for cell in entry.cells]
    if said := remembered(cells):
        yield Text(f"{said}; without --remembered they are observed again", "yellow", overflow="fold")
    if drawn.ended:
        kept = f"; the record: {drawn.ended.folder}" if drawn.ended.folder else ""
        yield Text(f"{drawn.ended.seconds:.1f} s{kept}", "dim", overflow="fold")
