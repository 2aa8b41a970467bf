"""What a manifest expects of a shared entry -> one case for each thing it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orchestrator.events import VerdictReached
from orchestrator.model import Expect, Expected, Verdict
from orchestrator.phrases import headline
from orchestrator.reports.case import Case, Outcome


def expectations(expect: Expect | None, reached: VerdictReached | None, *, strict: bool) -> Iterator[Case]:
    """Where nothing is expected: that there is a verdict, and no app is broken."""
    names = _names(expect) if expect else {}
    if reached is None:
        for name in names.values() or ["a verdict is reached"]:
            yield Case(name, "failure" if strict else "skipped", "the run ended before a verdict")
    elif expect is None or not names:
        yield _verdict(reached)
    else:
        for named, name in names.items():
            wrong = reached.as_expected is False and named in (reached.missed or names)
            if named != "verdict" and "verdict" in reached.missed:
                yield Case(name, "skipped", "the verdict is another one already", _said(reached))
                continue
            yield _expected(name, reached, expect, named) if wrong else Case(name, evidence=_said(reached))


def _names(expect: Expect) -> Mapping[Expected, str]:
    """What each case is called: `the verdict is conflict`."""
    said: dict[Expected, str] = {}
    if expect.verdict:
        said["verdict"] = f"the verdict is {expect.verdict}"
    if expect.kind:
        said["kind"] = f"the kind is {expect.kind}"
    if expect.app:
        said["app"] = f"{expect.app} fails"
    if expect.because:
        said["because"] = f"a reason {'matches' if expect.because.regex else 'says'} {expect.because.text!r}"
    return said


def _verdict(reached: VerdictReached) -> Case:
    name, said = "a verdict is reached", headline(reached)
    match reached.verdict.name:
        case "inconclusive":
            return Case(name, "error", said, _said(reached))
        case "broken":
            return Case(name, "failure", said, _said(reached))
        case "conflict" | "no-conflict":
            return Case(name, evidence=_said(reached))


def _expected(name: str, reached: VerdictReached, expect: Expect, named: Expected) -> Case:
    """Nothing was proved where a run is inconclusive: that is an error, and no failure."""
    at = f" ({expect.mark.short})" if expect.mark else ""
    why = f"expected{at}: {name}; observed: {_observed(reached.verdict, named)}"
    place = (f"the manifest expects it at {expect.mark}",) if expect.mark else ()
    outcome: Outcome = "error" if reached.verdict.name == "inconclusive" else "failure"
    return Case(name, outcome, why, (*place, *_said(reached)))


def _observed(verdict: Verdict, named: Expected) -> str:
    match named:
        case "verdict":
            return verdict.name
        case "kind":
            return verdict.kind or f"{verdict.name}, which has no kind"
        case "app":
            return f"{verdict.app or 'no app'} fails"
        case "because":
            return "; ".join(verdict.because) or "no reason"


def _said(reached: VerdictReached) -> tuple[str, ...]:
    return (headline(reached), *(f"- {reason}" for reason in reached.verdict.because))
