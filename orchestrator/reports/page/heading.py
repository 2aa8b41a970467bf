"""The run in one line that can be read from the last row, and one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.events import VerdictReached
from orchestrator.model import Bisected, Packed
from orchestrator.phrases import headline, newest_first, sentence
from orchestrator.picture import Entry
from orchestrator.reports.page.marks import GLYPHS, VERDICTS, Look, of_side
from orchestrator.reports.page.text import line
from orchestrator.reports.page.told import Told

SAYS = {
    "breaks": "{first} is the first version that breaks {app}",
    "mends": "{mended} is the first version that serves {app}",
    "never": "{app} passes at both ends: nothing was seen to break it",
    "always": "{app} passes at neither end",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """`words` are large, `held` says whether that was expected, `more` is the sentence below."""

    look: Look
    words: str
    more: str = ""
    held: str = ""
    wrong: bool = False

    @property
    def glyph(self) -> str:
        return GLYPHS[self.look]


def heading(told: Told) -> Heading:
    """A failure first, then the first verdict, then what a search found, then the apps alone."""
    reached = [entry for entry in told.drawn.entries.values() if entry.reached]
    if told.failed:
        words = "ended early" if reached else "ended before a verdict"
        return Heading("fail", words, line(told.failed[0].message))
    if reached and told.drawn.ended is None:
        return Heading("fail", "ended early", "Its record has no end: what is here was observed, and more was planned.")
    if reached:
        return of_entry(reached[0])
    if told.bisected:
        return _bisected(told.bisected[0])
    if told.packed:
        return _packed(told.packed[0])
    if told.grids:
        grid = told.grids[0]
        return Heading("none", f"{len(grid.rows)} apps at {len(grid.environments)} versions", "Each app alone.")
    return _alone(told)


def of_entry(entry: Entry) -> Heading:
    """The verdict of one shared entry. It has one."""
    reached = entry.reached
    if reached is None:
        return Heading("none", "no verdict", "The run ended before this entry could be judged.")
    look = VERDICTS[reached.verdict.name]
    words, _, held = line(headline(reached)).partition(", ")
    return Heading(look, words, line(_sentence(reached, entry)), held, reached.as_expected is False)


def outcome(told: Told) -> Heading | None:
    """What a CI service makes of it; None where nothing was expected."""
    held = [one.as_expected for one in told.drawn.verdicts if one.as_expected is not None]
    if not held or told.drawn.ended is None:
        return None
    if all(held):
        return Heading("pass", "as expected" if len(held) == 1 else f"all {len(held)} expectations hold")
    said = f"{held.count(False)} of {len(held)} expectations fail"
    return Heading("fail", "not as expected" if len(held) == 1 else said)


def _sentence(reached: VerdictReached, entry: Entry) -> str:
    tried = newest_first(cell.environment for cell in entry.cells if cell.arm == "shared")
    apps: Sequence[str] = reached.apps or list(dict.fromkeys(cell.app for cell in entry.cells))
    said = sentence(reached.verdict, apps, tried)
    name = said.partition(" ")[0]
    return f"{said if name in apps or '@' in name else said[0].upper() + said[1:]}."


def _bisected(found: Bisected) -> Heading:
    said = SAYS[found.story].format(app=found.app, first=found.first, mended=found.mended)
    more = "It changes more than once." if found.monotonic is False else ""
    return Heading("fail" if found.story in {"breaks", "always"} else "pass", said, more)


def _packed(packed: Packed) -> Heading:
    number, apps = len(packed.bins), sum(len(one.apps) for one in packed.bins)
    said = f"{number} environment{' serves' if number == 1 else 's serve'} {apps} app{'' if apps == 1 else 's'}"
    lost = len({cell.app for cell in packed.unserved})
    more = f"{lost} more pass{'es' if lost == 1 else ''} in none." if lost else ""
    return Heading("doubt" if lost else "pass", said, more)


def _alone(told: Told) -> Heading:
    looks = [of_side(side).look for side in told.drawn.sides.values()]
    if not looks:
        return Heading("none", "nothing was observed", "This record holds no run.")
    if any(entry.cells for entry in told.drawn.entries.values()):
        return Heading("none", "no verdict", "The record ends before one was reached.")
    passed = looks.count("pass")
    look: Look = "pass" if passed == len(looks) else "fail" if "fail" in looks else "none"
    words = f"{passed} of {len(looks)} apps work, each on its own runtime"
    ended = "Nothing was put together in this run." if told.drawn.ended else "The record ends before the run did."
    return Heading(look, words, ended)
