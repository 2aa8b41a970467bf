"""The lines in small letters: each app alone, the other environments, the line that proves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from orchestrator.model import Cell
from orchestrator.picture import Entry, Picture
from orchestrator.reports.page import entries, lanes
from orchestrator.reports.page.entries import Reason
from orchestrator.reports.page.marks import GLYPHS, VERDICTS, Look, Mark, of_cell
from orchestrator.reports.page.text import line
from orchestrator.reports.page.told import Told
from orchestrator.reports.slide.letters import MORE, Lines, cut, fitted, width
from orchestrator.wording import listed, some

SAYS: dict[Look, tuple[str, str]] = {
    "fail": ("fails", "fail"),
    "doubt": ("is unsettled", "are unsettled"),
    "none": ("was not run", "were not run"),
    "pass": ("passes", "pass"),
}
"""Of one, and of several."""
LONGEST = 24
"""Characters of a name in a sentence."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The line that proves it, and what is said of it. `quoted` where an app or an installer said it itself."""

    words: str
    said: Lines
    quoted: bool
    look: Look


def alone(entry: Entry, environment: str, drawn: Picture) -> str:
    """The control: each app alone in that environment, or else where it was looked at alone."""
    apps = len({cell.app for cell in entry.cells})
    control = [cell for cell in entry.cells if cell.arm == "control" and cell.outcome != "not-run"]
    control.sort(key=lambda cell: list(drawn.sides).index(cell.app))
    there = {cell.app: of_cell(cell) for cell in control if cell.environment == environment}
    if there:
        return f"alone in it: {fates(there.items(), apps)}"
    own = {cell.app: of_cell(cell) for cell in control if cell.environment == drawn.sides[cell.app].runtime}
    return f"alone, each at its own version: {fates(own.items(), apps)}" if own else ""


def instead(entry: Entry, environment: str) -> Iterator[str]:
    """What was seen in the other environments."""
    joint = [cell for cell in entry.cells if cell.arm == "shared" and cell.outcome != "not-run"]
    apps = len({cell.app for cell in joint})
    names = [name for name in dict.fromkeys(cell.environment for cell in joint) if name != environment]
    for where, marks in lanes.others_of(joint, names):
        which = listed(where) if len(where) < 3 else f"any of {len(where)} others"
        yield f"with {which} instead: {fates(marks, apps)}"


def fates(marks: Iterable[tuple[str, Mark]], apps: int) -> str:
    """`\u2717 invoice fails, \u2713 telemetry passes`; of many of `apps` that do not pass three are named."""
    looks: dict[Look, list[str]] = {}
    for name, mark in marks:
        looks.setdefault(mark.look, []).append(_short(line(name)))
    return ", ".join(
        f"{GLYPHS[look]} {_named(looks[look], look, apps)} {SAYS[look][len(looks[look]) > 1]}"
        for look in SAYS
        if look in looks
    )


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}\u2026"


def _named(names: Sequence[str], look: Look, apps: int) -> str:
    if len(names) <= 3:
        return listed(names)
    if len(names) == apps:
        return f"all {len(names)}"
    return f"{len(names)} others" if look == "pass" else some(names)


def proof(told: Told, entry: Entry | None, environment: str, room: int) -> Proof | None:
    """The reason that quotes what a box of that environment said, or else the first that quotes anything at all."""
    if told.failed:
        failed = told.failed[0]
        said = [*failed.excerpt[-1:], failed.hint, failed.where]
        return _proof(Reason("What went wrong", next((line(one) for one in said if one.strip()), ""), "fail"), room)
    reached = entry.reached if entry else None
    if entry is None or reached is None:
        return None
    there = {line(cell.quote) for cell in _speaking(entry.cells, environment)}
    known = list(entries.reasons(reached.verdict.because, told))
    known.sort(key=lambda one: (one.quote not in there, not one.quote))
    return _proof(known[0], room, VERDICTS[reached.verdict.name]) if known else None


def _speaking(cells: Sequence[Cell], environment: str) -> Iterator[Cell]:
    return (cell for cell in cells if cell.arm == "shared" and cell.environment == environment and cell.quote)


def _proof(reason: Reason, room: int, look: Look = "fail") -> Proof | None:
    if reason.quote:
        words = cut(reason.words, 24, room, "plain")
        return Proof(words, _ends(reason.quote, room), True, reason.look)
    return Proof("", fitted(reason.words, room, ((34, 1), (28, 2)), "plain"), False, look) if reason.words else None


def _ends(quote: str, room: int) -> Lines:
    """What is too long is cut in its middle: what went wrong stands at the begin or at the end of a line."""
    half = int(room / width("x", 26, "mono")) - 4
    short = quote if len(quote) <= 2 * half else f"{quote[:half]} {MORE} {quote[-half:]}"
    return fitted(short, room, ((32, 1), (26, 2)), "mono")


def marks_of(cells: Mapping[str, Cell]) -> dict[str, Mark]:
    """How each app's cell is shown."""
    return {name: of_cell(cell) for name, cell in cells.items()}
