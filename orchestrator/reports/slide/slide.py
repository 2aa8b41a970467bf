"""One shared entry -> all that stands on its slide, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from orchestrator.model import SharedEntry
from orchestrator.phrases import under
from orchestrator.picture import Entry, Picture
from orchestrator.reports.page import footer, lanes, shapes
from orchestrator.reports.page.heading import Heading, heading, of_entry
from orchestrator.reports.page.marks import of_side
from orchestrator.reports.page.text import line
from orchestrator.reports.page.told import Told
from orchestrator.reports.slide import boards, notes
from orchestrator.reports.slide.boards import Board, board
from orchestrator.reports.slide.letters import Lines, cut, fitted, width

LEFT, ROOM = 60, 1480
RIGHT = LEFT + ROOM - boards.WIDTH
BROKEN = "!"
"""Its sign, in the colour of the text: from the last row it must not be taken for a conflict."""


@dataclass(frozen=True, slots=True)
class Slide:
    """Texts are set already: none of them is longer than the room it has."""

    project: str
    description: str
    what: str
    look: Heading
    broken: bool
    words: Lines
    held: Lines
    sentence: Lines
    wrong: Lines
    isolated: Board | None
    shared: Board | None
    unshared: str
    below: tuple[Lines, ...]
    proof: notes.Proof | None
    again: str
    foot: str
    told: str


def slide(told: Told, name: str = "") -> Slide:
    """The entry of that name, or else the first."""
    drawn, meant = told.drawn, _meant(told, name)
    entry = drawn.entries.get(meant.name) if meant else None
    head = of_entry(entry) if name and entry and not told.failed else heading(told)
    apps = [app for app in drawn.sides if meant is None or app in meant.apps] or list(drawn.sides)
    if len(apps) > boards.MOST:
        apps = _first(drawn, entry, apps)
    joint = [cell for cell in entry.cells if cell.arm == "shared"] if entry else []
    where = lanes.deciding(entry, joint) if entry and joint else ""
    isolated = _isolated(drawn, apps)
    shared = _shared(drawn, apps, entry, meant, where) if entry and joint else None
    words, wrong = _headline(head), head.wrong and bool(head.held)
    project, what = cut(line(drawn.project or "isolate"), 30, ROOM * 0.4), _what(told, meant)
    described = ROOM - width(project, 30) - min(width(what, 24, "plain"), ROOM * 0.36) - 40
    left, right = [lanes.isolated(drawn, apps), lanes.shared(drawn, entry, apps) if entry else None]
    return Slide(
        project=project,
        description=cut(line(told.started.description), 26, described, "plain") if told.started else "",
        what=cut(what, 24, ROOM * 0.36, "plain"),
        look=head,
        broken=_broken(head),
        words=words,
        held=Lines(28, ()) if wrong else _held(head, words),
        sentence=fitted(
            head.more, ROOM, ((54, 1), (48, 1), (40, 2)) if wrong else ((54, 1), (46, 2), (36, 3)), "plain"
        ),
        wrong=fitted(head.held, ROOM, ((26, 1), (22, 1))) if wrong else Lines(22, ()),
        isolated=isolated,
        shared=shared,
        unshared="" if shared or not isolated else _unshared(told),
        below=tuple(_below(drawn, entry, where)) if entry and where else (),
        proof=notes.proof(told, entry, where, ROOM - 60),
        again=cut(_again(told, entry), 20, ROOM * 0.6, "mono"),
        foot=cut(_foot(told), 20, ROOM * 0.38, "plain"),
        told=" ".join(filter(None, (left.told if left.tiles else "", right.told if right else ""))),
    )


def _meant(told: Told, name: str) -> SharedEntry | None:
    known = told.started.shared if told.started else ()
    return next((one for one in known if name in ("", one.name)), None)


def _unshared(told: Told) -> str:
    """What stands where the shared lane would be; what a search has found is not drawn here."""
    if told.grids or told.packed or told.bisected:
        return ""
    whole = told.drawn.ended and not told.failed
    return "nothing was shared in this run" if whole else "the run did not come this far"


def _first(drawn: Picture, entry: Entry | None, apps: Sequence[str]) -> list[str]:
    """Those first that do not pass somewhere: there is no room for all."""
    failing = {cell.app for cell in (entry.cells if entry else ()) if cell.outcome != "pass"}
    return sorted(apps, key=lambda name: name not in failing and of_side(drawn.sides[name]).look != "fail")


def _isolated(drawn: Picture, apps: Sequence[str]) -> Board | None:
    if not apps:
        return None
    marks = {name: of_side(drawn.sides[name]) for name in apps}
    return board(LEFT, ("isolated", "each on its own runtime"), {name: lanes.own(drawn, name) for name in apps}, marks)


def _shared(drawn: Picture, apps: Sequence[str], entry: Entry, meant: SharedEntry | None, where: str) -> Board:
    cells = lanes.cells_at([cell for cell in entry.cells if cell.arm == "shared"], where)
    marks = notes.marks_of(cells)
    built = all(cell.phase != "build" or cell.outcome == "pass" for cell in cells.values())
    unlike = under(meant) if meant else ""
    place = lanes.named(where) if not unlike else "" if where == "side-by-side" else where
    how = f"{place}{unlike}{'' if built else ': not built'}".strip()
    needs = {name: f"needs {drawn.sides[name].runtime}" for name in apps}
    return board(RIGHT, ("shared", line(how)), needs, marks, shapes.joint_box("", marks, 1).look)


def _headline(head: Heading) -> Lines:
    said = f"{BROKEN if _broken(head) else head.glyph} {head.words}" if head.look != "none" else head.words
    return fitted(said, ROOM, ((76, 1), (60, 1), (48, 1), (40, 1)))


def _broken(head: Heading) -> bool:
    return head.words == "broken"


def _again(told: Told, entry: Entry | None) -> str:
    """Where a verdict was the point, the command that ends with it and leaves nothing up."""
    said = footer.again(told)
    tried = entry and (entry.cells or entry.reached)
    return said.replace("isolate up ", "isolate test ", 1) if tried and said.startswith("isolate up ") else said


def _held(head: Heading, words: Lines) -> Lines:
    """Behind the headline, as far as there is room; what is wrong has a line of its own."""
    room = ROOM - width(words.texts[0], words.size) - 24
    return fitted(head.held, room, ((36, 1), (28, 1), (24, 1))) if head.held and room > 120 else Lines(28, ())


def _what(told: Told, meant: SharedEntry | None) -> str:
    """Which of the manifest's entries this is."""
    number = len(told.started.shared) if told.started else 0
    return f"{line(meant.name)}, one of {number}" if meant and number > 1 else ""


def _below(drawn: Picture, entry: Entry, where: str) -> Iterator[Lines]:
    for said in (notes.alone(entry, where, drawn), *notes.instead(entry, where)):
        if said:
            yield fitted(said, boards.WIDTH, ((24, 1), (21, 1)), "plain")


def _foot(told: Told) -> str:
    engine = told.drawn.engine
    version = f"isolate {told.started.version}" if told.started else ""
    kernel = f"one kernel, {engine.kind} {engine.version}" if engine else ""
    began = told.started.began[:10] if told.started else ""
    return line(", ".join(filter(None, (kernel, version, began))))
