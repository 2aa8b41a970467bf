"""What `isolate test` says last: one rule for what counts, and it is the exit code's."""

from __future__ import annotations

import pytest
from golden import drawn

import scenarios
from orchestrator.console.checked import checked
from orchestrator.events import RunEnded
from orchestrator.model import Expect
from orchestrator.picture import picture
from scenarios import Run


def said(run: Run) -> str:
    return drawn(checked(picture(event for _, event in run[1])), 100)


def test_a_conflict_as_expected_counts_with_its_apps() -> None:
    assert said(scenarios.dotnet()).splitlines()[-1].endswith("3 passed, 0 failed")


def test_an_app_that_is_expected_to_be_broken_is_no_failure() -> None:
    text = said(scenarios.expecting(scenarios.broken_build(), Expect("broken", app="shop")))
    assert "pass  shop alone on python@3.8: fail, as expected" in text
    assert "0 failed" in text


def test_an_app_that_is_broken_and_was_not_expected_to_be_fails() -> None:
    text = said(scenarios.broken_build())
    assert "fail  shop alone on python@3.8" in text
    assert "2 failed" in text


def test_what_proves_nothing_is_neither_passed_nor_failed() -> None:
    assert "1 inconclusive" in said(scenarios.unsettled())


@pytest.mark.parametrize(
    ("expect", "says", "not_said"),
    [
        (Expect("no-conflict", "runtime"), "but the manifest expects no-conflict", "kind"),
        (Expect("conflict", "port", "invoice"), "but the manifest expects kind port", "that invoice fails"),
    ],
)
def test_only_what_did_not_come_about_is_named(expect: Expect, says: str, not_said: str) -> None:
    text = said(scenarios.expecting(scenarios.dotnet(), expect))
    assert says in text
    assert not_said not in text


def test_a_run_whose_entry_was_never_judged_is_inconclusive() -> None:
    of, story = scenarios.dotnet()
    cut = [(at, event) for at, event in story if at < 14 and not isinstance(event, RunEnded)]
    assert "inconclusive  one-runtime: no verdict was reached" in said((of, cut))
