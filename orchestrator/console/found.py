"""What `pack` and `bisect` found, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestrator.console.styles import style
from orchestrator.events import CellObserved, EnvironmentsPacked, Event, RunEnded, VersionBisected
from orchestrator.judge import fates
from orchestrator.model import Bisected, Cell, Packed
from orchestrator.phrases import newest_first, outcome
from orchestrator.sanitise import one_line
from orchestrator.wording import listed

SAYS = {"pass": "passes", "fail": "fails"}


def packing(events: Sequence[Event]) -> RenderableType:
    """The environments, then why one fewer is impossible, and what that rests on."""
    packed = next((event.packed for event in events if isinstance(event, EnvironmentsPacked)), None)
    return _whole(events, [*_packed(packed)] if packed else [])


def bisection(events: Sequence[Event]) -> RenderableType:
    """The answer in a sentence, then every version that was looked at."""
    found = next((event.bisected for event in events if isinstance(event, VersionBisected)), None)
    return _whole(events, [_answer(found), _versions(found)] if found else [])


def _whole(events: Sequence[Event], parts: Sequence[RenderableType]) -> RenderableType:
    """What there is to say, what was remembered, how long it took; of an app that is broken, why."""
    broken = [e.cell for e in events if isinstance(e, CellObserved) and e.entry is None and e.cell.outcome != "pass"]
    told = [*parts] or [Text(one_line(f"on its own runtime {fates([cell])}", 600), "red") for cell in broken]
    if broken and not parts:
        told.append(Text("nothing was searched: every app has to pass on the runtime it declares first"))
    cells = [event.cell for event in events if isinstance(event, CellObserved) and event.entry]
    if times := sorted(cell.remembered for cell in cells if cell.remembered):
        told.append(Text(f"remembered: {len(times)} of {len(cells)} cells, the oldest from {times[0]}", "yellow"))
    ended = next((event for event in events if isinstance(event, RunEnded)), None)
    told += [Text(f"{ended.seconds:.1f} s; the record: {ended.folder}", "dim", overflow="fold")] if ended else []
    return Group(*[piece for part in told for piece in (part, Text())][:-1])


# --- pack ----------------------------------------------------------------------------------------------------


def _packed(packed: Packed) -> Iterator[RenderableType]:
    number = len(packed.bins)
    names = sum(len(one.apps) for one in packed.bins)
    words = "one environment serves" if number == 1 else f"{number} environments serve"
    all_of_them = {1: "the app", 2: "both apps"}.get(names, f"all {names} apps")
    whom = f"{names} of the apps" if packed.unserved else all_of_them
    yield Text(f"{words} {whom}; {_counted(packed.observations, 'observation')}", "bold")
    table = Table.grid(padding=(0, 2, 0, 0))
    for one in packed.bins:
        table.add_row(Text(one.environment, "bold"), Text(", ".join(one.apps), overflow="fold"))
    yield Padding(table, (0, 0, 0, 2))
    for name in dict.fromkeys(cell.app for cell in packed.unserved):
        mine = [cell for cell in packed.unserved if cell.app == name]
        where = newest_first(cell.environment for cell in mine)
        yield Text(one_line(f"{name} passes in none of {', '.join(where)}: {fates(mine[:1])}", 600), "red")
    if number > 1:
        yield Group(Text(f"{number - 1} would not do:", "bold"), _reasons(packed))
        versions = f"looked at {listed(packed.runtimes)} alone; --versions looks at others"
        yield Text(f"{versions}\n{_rests(packed)}", overflow="fold")
    for line in packed.repaired:
        yield Text(f"repaired: {one_line(line, 600)}", overflow="fold")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _reasons(packed: Packed) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    for one in packed.refuted:
        bad = [cell for cell in one.cells if cell.outcome != "pass"]
        together = f"{listed(one.apps)} at {one.environment}: " if len(bad) < len(one.apps) else f"{one.environment}: "
        table.add_row("-", Text(one_line(together + fates(bad), 600), overflow="fold"))
    for line in packed.apart:
        table.add_row("-", Text(line, overflow="fold"))
    return table


def _rests(packed: Packed) -> str:
    """What the proof that one fewer is impossible stands on."""
    if not packed.assumed:
        more = f" ({_counted(packed.checked, 'observation')} for that)" if packed.checked else ""
        return f"assumed: nothing else; every way to do with one fewer has a box that was seen to fail{more}"
    parts = ["that no OS base serves what the catalogue keeps apart"] if packed.apart else []
    if packed.refuted:
        holds = "which was seen not to hold everywhere" if packed.repaired else "which shared packages can refute"
        tried = f"{_counted(packed.checked, 'observation')} tried that, --checks N tries more"
        parts.append(f"that an app which is added never repairs a set that fails, {holds} ({tried})")
    return f"assumed: {'; '.join(parts)}"


# --- bisect --------------------------------------------------------------------------------------------------


def _answer(found: Bisected) -> Text:
    cells = {cell.environment: cell for cell in found.cells}
    text = Text(one_line(_sentence(found, cells), 600), "bold", overflow="fold")
    if found.monotonic is False:
        text.append("\nit changes more than once; isolate matrix looks at every version", "yellow")
    more = _counted(found.observations, "observation")
    if found.unseen:
        more += f"; not looked at, and taken to change nothing: {', '.join(found.unseen)}"
    return text.append(f"\n{more}", "not bold")


def _sentence(found: Bisected, cells: dict[str, Cell]) -> str:
    """No version is called the first where another was seen that contradicts it."""
    changes = [pair for pair in pairwise(found.cells) if pair[0].outcome != pair[1].outcome]
    match found.story, len(changes):
        case "breaks", 1 if found.first:
            return f"{found.first} is the first that breaks {found.app}: {fates([cells[found.first]])}"
        case "mends", 1 if found.mended:
            return f"{found.mended} is the first that serves {found.app}"
        case "never", 0:
            return f"{found.app} passes at {_ends(found)}: nothing was seen to break it"
        case "always", 0:
            return f"at {_ends(found)} {fates([found.cells[-1]])}"
        case _:
            turns = [found.cells[0], *(newer for _, newer in changes)]
            return f"{found.app} {', then '.join(f'{SAYS[cell.outcome]} at {cell.environment}' for cell in turns)}"


def _ends(found: Bisected) -> str:
    return listed(list(dict.fromkeys((found.cells[0].environment, found.cells[-1].environment))))


def _versions(found: Bisected) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    for cell in found.cells:
        word = outcome(cell)
        table.add_row(Text(cell.environment), Text(word, style(word)), Text(one_line(cell.quote, 200), overflow="fold"))
    return Padding(table, (0, 0, 0, 2))
