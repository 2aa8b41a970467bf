"""What a manifest expects of a shared entry against what was proved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from orchestrator.matching import matches
from orchestrator.model import Cell, Expect, Verdict

Named = Literal["verdict", "kind", "app", "because"]


def missed(expect: Expect, verdict: Verdict, cells: Sequence[Cell]) -> frozenset[Named]:
    """What the expectation names and what did not come about. `because` is matched against the captured text."""
    return frozenset(_missed(expect, verdict, [cell for cell in cells if cell.arm == "shared"]))


def _missed(expect: Expect, verdict: Verdict, shared: Sequence[Cell]) -> Iterator[Named]:
    if expect.verdict not in (None, verdict.name):
        yield "verdict"
    if expect.kind not in (None, verdict.kind):
        yield "kind"
    failing = {cell.app for cell in shared if cell.outcome == "fail"} | {verdict.app}
    if expect.app is not None and expect.app not in failing:
        yield "app"
    texts = [*verdict.because, *(cell.quote for cell in shared if cell.outcome != "pass")]
    if expect.because and not any(matches(expect.because, text) for text in texts):
        yield "because"
