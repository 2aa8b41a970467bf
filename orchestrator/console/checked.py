"""What `isolate test` says last: each thing that was checked, and how many held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from orchestrator.console.final import indented
from orchestrator.console.styles import style
from orchestrator.expectation import excused
from orchestrator.phrases import headline
from orchestrator.picture import Entry, Picture
from orchestrator.sanitise import one_line

PASS, FAIL, UNSETTLED = "pass", "fail", "inconclusive"
SETTLED = {"pass": PASS, "fail": FAIL, "not-run": FAIL, "infrastructure": UNSETTLED, "flaky": UNSETTLED}
WORDS = {PASS: "passed", FAIL: "failed", UNSETTLED: "inconclusive"}


def checked(drawn: Picture) -> RenderableType:
    """A line for each app on its own runtime and for each shared entry, then the sums, as test runners print them."""
    results = [*_apps(drawn), *_entries(drawn)]
    table = Table.grid(padding=(0, 2, 0, 0))
    for result, said in results:
        table.add_row(Text(result, style(result)), Text(one_line(said, 600), overflow="fold"))
    counts = Counter(result for result, _ in results)
    sums = [f"{counts[result]} {word}" for result, word in WORDS.items() if counts[result] or result != UNSETTLED]
    return Group(Text("checked:", "bold"), indented(table), Text(", ".join(sums), "bold"))


def without_urls(drawn: Picture) -> Picture:
    """What answered there is gone."""
    return replace(drawn, sides={name: replace(side, url=None) for name, side in drawn.sides.items()})


def _apps(drawn: Picture) -> Iterator[tuple[str, str]]:
    for name, side in drawn.sides.items():
        meant = excused(name, drawn.verdicts)
        outcome = side.cell.outcome if side.cell else "not-run"
        aside = f": {outcome}, as expected" if meant and outcome != "pass" else ""
        yield PASS if meant else SETTLED[outcome], f"{name} alone on {side.runtime}{aside}"


def _entries(drawn: Picture) -> Iterator[tuple[str, str]]:
    for name, entry in drawn.entries.items():
        said = headline(entry.reached) if entry.reached else "no verdict was reached"
        yield _held(entry), f"{name}: {said}"


def _held(entry: Entry) -> str:
    """An expectation that holds makes any verdict good; without one a verdict must be reached."""
    if entry.reached is None:
        return UNSETTLED
    name, held = entry.reached.verdict.name, entry.reached.as_expected
    if name == "inconclusive" and not held:
        return UNSETTLED
    return FAIL if held is False or (held is None and name == "broken") else PASS
