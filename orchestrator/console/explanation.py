"""An explanation as a person reads it: the sentences, then the certificate, then what was assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestrator.console.styles import style
from orchestrator.events import CellObserved, Event, Explained, RunEnded, VerdictReached
from orchestrator.model import Demand, Explanation
from orchestrator.phrases import headline, remembered
from orchestrator.sanitise import one_line


def explanations(events: Sequence[Event]) -> RenderableType:
    """Each shared entry with its verdict, and where that is a conflict, why; what was remembered for it."""
    why = {event.entry: event.explanation for event in events if isinstance(event, Explained)}
    parts: list[RenderableType] = []
    for reached in (event for event in events if isinstance(event, VerdictReached)):
        parts += [*_entry(reached, why.get(reached.entry)), Text()]
    if said := remembered([event.cell for event in events if isinstance(event, CellObserved)]):
        parts.append(Text(f"{said}; without --remembered they are observed again", "yellow", overflow="fold"))
    ended = next((event for event in events if isinstance(event, RunEnded)), None)
    parts += [Text(f"{ended.seconds:.1f} s; the record: {ended.folder}", "dim", overflow="fold")] if ended else []
    return Group(*parts)


def _entry(reached: VerdictReached, why: Explanation | None) -> Iterator[RenderableType]:
    yield Text(f"{reached.entry}: ", "bold").append(headline(reached), style(reached.verdict.name))
    if why is None:
        yield from (_indented(Text(one_line(line, 600))) for line in reached.verdict.because)
        return
    yield from (_indented(Text(one_line(line, 1200))) for line in why.because)
    yield Text()
    yield _indented(_certificate(why))
    yield _indented(Text(f"assumed: {'; '.join(why.assumed)}", "dim"))


def _certificate(why: Explanation) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for proof in why.certificate:
        words = Text(proof.outcome, style("fail" if proof.outcome == "fails" else "pass"))
        which = f"without {_said(proof.without)}" if proof.without else "these lines"
        table.add_row(Text(one_line(which)), words, Text(one_line(proof.detail, 600), overflow="fold"))
    return table


def _said(one: Demand) -> str:
    return f"{one.app}'s {one.text}"


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, 2))
