"""A run -> workflow commands of GitHub Actions, which put what came out at the line of the manifest."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from orchestrator.events import Failed, RunStarted, VerdictReached
from orchestrator.expectation import excused
from orchestrator.model import Mark
from orchestrator.phrases import headline, newest_first, outcome, remembered, sentence
from orchestrator.picture import Entry, Picture, picture
from orchestrator.reports.run import Run
from orchestrator.sanitise import one_line

MOST = 10
"""Of one level; GitHub shows no more of a step."""
LONGEST, LONGEST_TITLE = 600, 200
Level = Literal["error", "warning", "notice"]


@dataclass(frozen=True, slots=True)
class Note:
    """One annotation; `lines` begin with a word of ours."""

    level: Level
    title: str
    lines: tuple[str, ...]
    mark: Mark | None = None


def annotations(run: Run) -> str:
    """A command on each line: errors, then warnings, then notices."""
    notes = list(_notes(run))
    levels: tuple[Level, ...] = ("error", "warning", "notice")
    return "".join(f"{_command(one)}\n" for level in levels for one in _most(level, notes))


def _most(level: Level, notes: list[Note]) -> list[Note]:
    mine = [one for one in notes if one.level == level]
    if len(mine) <= MOST:
        return mine
    more = len(mine) - MOST + 1
    return [*mine[: MOST - 1], Note(level, "isolate", (f"and {more} more of this kind; the summary has them all",))]


def _notes(run: Run) -> Iterator[Note]:
    drawn = picture(run.events)
    started = next((event for event in run.events if isinstance(event, RunStarted)), None)
    meant = {entry.name: entry for entry in (started.shared if started else ())}
    if drawn.failed:
        yield _failed(drawn.failed)
    for app, side in drawn.sides.items():
        if side.cell and side.cell.outcome not in ("pass", "not-run") and not excused(app, drawn.verdicts):
            said = f"On its own runtime: {outcome(side.cell)}: {side.cell.quote}"
            level: Level = "error" if side.cell.outcome == "fail" else "warning"
            yield Note(level, f"{app} on {side.runtime}", (said,), started.marks.get(app) if started else None)
    for name, entry in drawn.entries.items():
        if entry.reached and not _told_already(entry.reached, drawn):
            mark = meant[name].mark if name in meant else None
            yield _verdict(entry.reached, entry, mark)
    if said := remembered([cell for entry in drawn.entries.values() for cell in entry.cells]):
        yield Note("notice", "isolate", (f"Not observed in this run: {said}",))


def _failed(failed: Failed) -> Note:
    lines = (f"Ended before a verdict: {failed.message}", failed.where, f"hint: {failed.hint}" if failed.hint else "")
    return Note("error", "isolate", lines)


def _told_already(reached: VerdictReached, drawn: Picture) -> bool:
    """An app that is broken has a note of its own; where nothing was expected there is no more to say."""
    failing = any(side.cell and side.cell.outcome == "fail" for side in drawn.sides.values())
    return reached.verdict.name == "broken" and reached.as_expected is None and failing


def _verdict(reached: VerdictReached, entry: Entry, mark: Mark | None) -> Note:
    apps = reached.apps or tuple(dict.fromkeys(seen.app for seen in entry.cells))
    tried = newest_first(seen.environment for seen in entry.cells if seen.arm == "shared")
    said = f"Verdict: {headline(reached)}: {sentence(reached.verdict, apps, tried)}."
    at = (reached.expect.mark if reached.expect else None) or mark
    return Note(_level(reached), reached.entry, (said, *(f"- {line}" for line in reached.verdict.because)), at)


def _level(reached: VerdictReached) -> Level:
    if reached.as_expected:
        return "notice"
    if reached.verdict.name == "inconclusive":
        return "warning"
    return "error" if reached.as_expected is False or reached.verdict.name == "broken" else "notice"


def _command(note: Note) -> str:
    """The title stands last and is ASCII: no accent melts into the `::` behind it."""
    title = _property(one_line(note.title, LONGEST_TITLE).encode("ascii", "backslashreplace").decode())
    mark = note.mark
    at = f"file={_property(one_line(mark.file, LONGEST))},line={mark.line}," if mark and mark.file.strip() else ""
    message = "\n".join(one_line(line, LONGEST) for line in note.lines if line.strip())
    return f"::{note.level} {at}title={title}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
