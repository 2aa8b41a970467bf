"""A record passes for what it holds, by the rule of `isolate test`; what it does not hold passes nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

import scenarios
from orchestrator.events import CellObserved, Event, RunEnded, VerdictReached
from orchestrator.model import Verdict
from theirs import Project

MARKED = "import pytest\n\n@pytest.mark.isolate('{}/manifest.yaml')\ndef test_it(): pass\n"
Told = Callable[[], scenarios.Run]


def without(gone: Callable[[Event], bool], told: Told = scenarios.python) -> Told:
    """The story, but for some events."""

    def left() -> scenarios.Run:
        of, story = told()
        return of, [(at, event) for at, event in story if not gone(event)]

    return left


def test_a_record_that_is_cut_short_passes_nowhere(project: Project) -> None:
    project.add("cut", without(lambda event: isinstance(event, RunEnded)))
    project.pytester.makepyfile(MARKED.format("cut"))
    ran = project.pytest()
    ran.stdout.fnmatch_lines(["inconclusive: the run was cut short: its record is not whole", "the record: *"])
    ran.assert_outcomes(failed=2, errors=1)
    assert "Traceback" not in ran.stdout.str()


def test_an_app_that_was_never_observed_on_its_own_runtime_fails(project: Project) -> None:
    def gone(event: Event) -> bool:
        return isinstance(event, CellObserved) and event.entry is None and event.cell.app == "modern"

    project.add("cut", without(gone))
    ran = project.pytest()
    ran.stdout.fnmatch_lines(["isolated: inconclusive", "  - modern on its own python@3.12: not run*"])
    ran.assert_outcomes(passed=1, failed=1)


def test_an_entry_without_a_verdict_fails_its_test_and_the_marker(project: Project) -> None:
    project.add("cut", without(lambda event: isinstance(event, VerdictReached)))
    project.pytester.makepyfile(MARKED.format("cut"))
    ran = project.pytest()
    ran.stdout.fnmatch_lines(["one-runtime: inconclusive: no verdict was reached", "the record: *"])
    ran.assert_outcomes(passed=1, failed=2)
    assert "LookupError" not in ran.stdout.str()


def test_a_marker_for_an_entry_that_is_not_there_fails_with_those_that_are(project: Project) -> None:
    project.add("pair", scenarios.python)
    project.pytester.makepyfile(MARKED.format("pair").replace("yaml'", "yaml', entry='one-rumtime'"))
    ran = project.pytest("-k", "test_it")
    ran.stdout.fnmatch_lines(["there is no shared entry one-rumtime; there is: one-runtime"])
    assert "LookupError" not in ran.stdout.str()


def test_a_failure_says_what_of_it_is_remembered_and_from_when(project: Project) -> None:
    def old(_: float, event: Event) -> Event:
        if isinstance(event, CellObserved) and event.entry:
            return replace(event, cell=replace(event.cell, remembered="2026-01-01T00:00:00+00:00"))
        return event

    project.add("both", lambda: scenarios.mended(scenarios.no_conflict(), old))
    ran = project.pytest()
    ran.stdout.fnmatch_lines(
        ["8 of 10 cells are remembered, the oldest from 2026-01-01T00:00:00+00:00", "the record: *"]
    )
    ran.assert_outcomes(passed=1, failed=1)


@pytest.mark.parametrize("expected", [True, None])
def test_what_an_entry_expects_is_excused_as_in_the_other_reports(project: Project, expected: bool | None) -> None:
    """The network fails an app alone: that is a failure, but where just that is expected."""

    def lost(event: Event) -> Event:
        match event:
            case CellObserved(entry=None, cell=cell) if cell.app == "modern":
                return replace(event, cell=replace(cell, outcome="infrastructure", quote="no network"))
            case VerdictReached():
                return replace(event, verdict=Verdict("inconclusive"), as_expected=expected)
        return event

    def told() -> scenarios.Run:
        of, story = scenarios.python()
        return of, [(at, lost(event)) for at, event in story]

    project.add("lost", told)
    outcomes = {"passed": 2} if expected else {"failed": 2}
    project.pytest().assert_outcomes(**outcomes)
