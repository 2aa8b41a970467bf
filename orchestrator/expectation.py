"""What a manifest expects of a shared entry against what was proved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from orchestrator.events import VerdictReached
from orchestrator.matching import matches
from orchestrator.model import Cell, Expect, Expected, Matcher, Verdict


def missed(expect: Expect, verdict: Verdict, cells: Sequence[Cell]) -> tuple[Expected, ...]:
    """What the expectation names and what did not come about. `because` is matched against the captured text."""
    return tuple(_missed(expect, verdict, [cell for cell in cells if cell.arm == "shared"]))


def excused(app: str, reached: Iterable[VerdictReached]) -> bool:
    """Whether all entries that speak of the app came out as expected, so that what it does alone is meant."""
    held = [one.as_expected for one in reached if app in one.apps]
    return bool(held) and all(held)


def _missed(expect: Expect, verdict: Verdict, shared: Sequence[Cell]) -> Iterator[Expected]:
    if expect.verdict not in (None, verdict.name):
        yield "verdict"
    if expect.kind not in (None, verdict.kind):
        yield "kind"
    failing = {cell.app for cell in shared if cell.outcome == "fail"} | {verdict.app}
    if expect.app is not None and expect.app not in failing:
        yield "app"
    texts = [*verdict.because, *(cell.quote for cell in shared if cell.outcome != "pass")]
    if expect.because and not any(_holds(expect.because, text) for text in texts):
        yield "because"


def _holds(because: Matcher, text: str) -> bool:
    try:
        return matches(because, text)
    except TimeoutError:
        return False
