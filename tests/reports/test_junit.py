"""JUnit files: what counts as a test, and that those who read them can."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
import stories
from consumers import valid
from junitparser import JUnitXml

import scenarios
from orchestrator.events import CellObserved, EscapeTried, RunEnded
from orchestrator.reports.junit import junit
from worlds import carry_out, manifest, plan, scripted, service

BAD = ("failure", "error")
Made = Callable[[], scenarios.Run]


def outcomes(run: scenarios.Run, *, strict: bool = False) -> dict[str, str]:
    """Each case, `suite: name`, with what became of it."""
    found = {}
    for case in ET.fromstring(junit(stories.told(run), strict=strict)).iter("testcase"):
        bad = [child.tag for child in case if child.tag in (*BAD, "skipped")]
        found[f"{case.attrib['classname'].partition('.')[2]}: {case.attrib['name']}"] = bad[0] if bad else "passed"
    return found


def message(run: scenarios.Run, name: str) -> str:
    """What is said of the case, with all the lines below it."""
    (case,) = [one for one in ET.fromstring(junit(stories.told(run))).iter("testcase") if one.get("name") == name]
    return "\n".join([*(child.get("message", "") for child in case), *case.itertext()])


@pytest.mark.parametrize("made", stories.ALL, ids=lambda made: made.__name__)
@pytest.mark.parametrize("strict", [False, True])
def test_every_file_holds_the_public_schema(made: Made, strict: bool) -> None:
    valid(junit(stories.told(made()), strict=strict))


@pytest.mark.parametrize("made", stories.ALL, ids=lambda made: made.__name__)
def test_another_program_counts_what_the_file_says(made: Made) -> None:
    read = JUnitXml.fromstring(junit(stories.told(made())).encode())
    said = (read.tests, read.failures, read.errors, [suite.skipped for suite in read])
    read.update_statistics()
    assert said == (read.tests, read.failures, read.errors, [suite.skipped for suite in read])
    assert read.tests


@pytest.mark.parametrize("made", stories.ALL, ids=lambda made: made.__name__)
def test_no_two_cases_have_one_name(made: Made) -> None:
    root = ET.fromstring(junit(stories.told(made())))
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("made", stories.ALL, ids=lambda made: made.__name__)
def test_a_case_fails_just_where_the_exit_code_is_not_0(made: Made) -> None:
    run = made()
    ended = [event for event in stories.told(run).events if isinstance(event, RunEnded)]
    assert bool(set(outcomes(run).values()) & set(BAD)) is not (ended != [] and ended[0].exit_code == 0)


def test_each_cell_is_a_case_and_what_fails_in_the_other_arms_is_evidence() -> None:
    run = scenarios.dotnet()
    cells = [event for _, event in run[1] if isinstance(event, CellObserved)]
    found = outcomes(run)
    expected = {"the verdict is conflict", "the kind is runtime", "a reason says 'was not found'"}
    assert len(found) == len(cells) + len(expected) == 13
    assert set(found.values()) == {"passed"}
    seen = message(run, "invoice together at dotnet@3.1 is observed")
    assert "outcome: fail exit 150" in seen
    assert "phase: start" in seen
    assert "quote: The framework 'Microsoft.NETCore.App', version '2.2.0' was not found." in seen


def test_a_conflict_that_is_gone_fails_at_its_line_of_the_manifest() -> None:
    found = outcomes(scenarios.no_conflict())
    assert [name for name, outcome in found.items() if outcome != "passed"] == [
        "shared.one-runtime: the verdict is conflict"
    ]
    said = message(scenarios.no_conflict(), "the verdict is conflict")
    assert "expected (manifest.yaml:23): the verdict is conflict; observed: no-conflict" in said
    assert "- old and new pass together at python@3.12" in said


def test_of_an_expectation_that_part_fails_which_did_not_hold() -> None:
    found = outcomes(stories.other_reason())
    assert {name.partition(": ")[2]: outcome for name, outcome in found.items() if " is observed" not in name} == {
        "legacy on its own python@3.8": "passed",
        "modern on its own python@3.12": "passed",
        "the verdict is conflict": "passed",
        "the kind is runtime": "passed",
        "legacy fails": "passed",
        "a reason says 'Permission denied'": "failure",
    }
    assert "No module named 'imp'" in message(stories.other_reason(), "a reason says 'Permission denied'")


def test_an_app_that_is_broken_fails_with_the_last_lines_of_its_build() -> None:
    found = outcomes(scenarios.broken_build())
    assert found["isolated: shop on its own python@3.8"] == "failure"
    assert found["isolated: fine on its own python@3.12"] == "passed"
    assert found["shared.one-runtime: a verdict is reached"] == "failure"
    said = message(scenarios.broken_build(), "shop on its own python@3.8")
    assert "  | ERROR: No matching distribution found for Django==5.0.6" in said


def test_an_app_that_is_expected_to_be_broken_fails_no_case() -> None:
    assert not set(outcomes(stories.broken_as_expected()).values()) & set(BAD)
    assert "as the manifest expects" not in message(scenarios.broken_build(), "shop on its own python@3.8")


def test_of_an_app_that_is_expected_to_fail_it_is_told_that_it_does() -> None:
    said = message(stories.broken_as_expected(), "shop on its own python@3.8")
    assert said.strip().startswith("fails on its own runtime, as the manifest expects: ")


def test_where_nothing_was_proved_no_verdict_is_said_to_rest_elsewhere() -> None:
    assert "does not rest on it" not in junit(stories.told(stories.inconclusive_as_expected()))


def test_a_cell_that_was_not_run_is_no_pass() -> None:
    lenient, strict = (outcomes(scenarios.broken_build(), strict=strict) for strict in (False, True))
    assert lenient["shared.one-runtime: fine alone at python@3.12 is observed"] == "skipped"
    assert strict["shared.one-runtime: fine alone at python@3.12 is observed"] == "failure"


def test_a_cell_that_was_not_run_is_no_failure_where_all_is_as_expected() -> None:
    found = outcomes(stories.broken_as_expected(), strict=True)
    assert found["shared.one-runtime: fine alone at python@3.12 is observed"] == "skipped"


def test_what_is_not_settled_is_an_error_and_no_failure() -> None:
    found = outcomes(scenarios.unsettled())
    assert found["shared.one-runtime: modern alone at python@3.8 is observed"] == "error"
    assert found["shared.one-runtime: legacy together at python@3.12 is observed"] == "error"
    assert found["shared.one-runtime: a verdict is reached"] == "error"
    assert "failure" not in outcomes(stories.inconclusive_and_not_expected()).values()
    assert outcomes(stories.unsettled_at_home())["isolated: legacy on its own python@3.8"] == "error"


def test_where_nothing_rests_on_it_what_is_not_settled_is_skipped() -> None:
    found = outcomes(stories.inconclusive_as_expected())
    assert found["shared.one-runtime: modern alone at python@3.8 is observed"] == "skipped"


def test_each_entry_is_a_suite_of_its_own_with_the_ways_out_that_were_tried() -> None:
    root = ET.fromstring(junit(stories.told(stories.several())))
    assert [suite.get("name") for suite in root] == [
        "pythons.isolated",
        "pythons.shared.one-runtime",
        "pythons.shared.again",
    ]
    found = outcomes(stories.several())
    assert found["shared.again: the verdict is no-conflict"] == "failure"
    assert found["shared.one-runtime: the verdict is conflict"] == "passed"
    ways = {name.partition(": ")[2]: outcome for name, outcome in found.items() if "way out" in name}
    assert ways == {"the way out side-by-side is tried": "passed", "the way out order is tried": "skipped"}
    said = message(stories.several(), "the way out side-by-side is tried")
    assert "legacy together at side-by-side:\n  outcome: pass" in said


def test_a_cell_that_was_observed_twice_is_two_cases() -> None:
    of, story = scenarios.dotnet()
    twice = next(one for one in story if isinstance(one[1], CellObserved) and one[1].entry)
    found = outcomes((of, [*story[:-1], twice, story[-1]]))
    assert [name.partition(": ")[2] for name in found if "invoice alone at dotnet@3.1" in name] == [
        "invoice alone at dotnet@3.1 is observed",
        "invoice alone at dotnet@3.1 is observed (2)",
    ]


def test_times_are_seconds_and_a_suite_takes_as_long_as_its_cases() -> None:
    root = ET.fromstring(junit(stories.told(stories.several())))
    suite = root[1]
    assert float(suite.attrib["time"]) == pytest.approx(sum(float(c.attrib["time"]) for c in suite.iter("testcase")))
    assert float(suite.attrib["time"]) == pytest.approx(12 * 0.5 + 1.25)
    assert root.get("time") == "15.100"


def test_a_run_of_the_isolated_arm_alone_skips_the_rest() -> None:
    found = outcomes(scenarios.isolated_only())
    assert {outcome for name, outcome in found.items() if name.startswith("isolated")} == {"passed"}
    assert {outcome for name, outcome in found.items() if name.startswith("shared")} == {"skipped"}


def test_a_run_that_ended_before_a_verdict_is_an_error_that_says_why() -> None:
    assert outcomes(stories.before_anything()) == {"run: the run comes to its end": "error"}
    said = message(stories.midway(), "the run comes to its end")
    assert all(word in said for word in ("the engine went away", "hint: isolate doctor", "dial: no such file"))
    assert outcomes(stories.midway())["shared.one-runtime: the kind is runtime"] == "skipped"


def test_a_run_that_was_killed_does_not_look_whole() -> None:
    found = outcomes(stories.cut_short())
    assert found["run: the run comes to its end"] == "error"
    assert "skipped" in found.values()


def test_what_the_conductor_really_emits_has_a_case_for_each_cell() -> None:
    of = manifest(service("legacy", "python@3.8"), service("modern", "python@3.12"))
    compiled = plan(of)
    _, events = carry_out(compiled, scripted(compiled, {"legacy": {"python@3.8"}, "modern": {"python@3.12"}}))
    opening = scenarios.opening(of)
    found = outcomes((of, [*opening, *((1.0, event) for event in events)]))
    cells = [event for event in events if isinstance(event, CellObserved)]
    escapes = [e for e in events if isinstance(e, EscapeTried) and e.escape.outcome != "not-run"]
    assert len(found) == len(cells) + len(escapes) + 1
    assert set(found.values()) == {"passed"}
