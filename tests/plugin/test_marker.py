"""`@pytest.mark.isolate`: an experiment before a test."""

from __future__ import annotations

from dataclasses import replace

import pytest

import scenarios
from orchestrator.events import CellObserved, Event
from theirs import Project

WRONG = {
    '"away.yaml"': "there is no manifest */away.yaml",
    '"manifest.yaml", expect="conflict"': "expect='conflict' is no mapping of what is expected",
    '"manifest.yaml", expect={}': "expect={} is no mapping of what is expected",
    '"manifest.yaml", expect={"verdict": "conflcit"}': "'conflcit' is no verdict; there is: conflict, no-conflict, *",
    '"manifest.yaml", expect={"kind": "runtmie"}': "'runtmie' is no kind; there is: runtime, packages, *",
    '"manifest.yaml", expect={"why": ""}': "there is no expectation 'why'; there is: verdict, kind, app, because",
    '"manifest.yaml", expect={"app": 1}': "1 is no app's name",
    '"manifest.yaml", expect={"because": 1}': "because=1 is neither a text nor *",
    '"manifest.yaml", expect={"because": {"matches": "("}}': "'(' is not a regular expression: *",
    '"manifest.yaml", repaet=3': "there is no option 'repaet'; there is: app, shared, limit, repeat, *",
    '"manifest.yaml", "conflict"': "the marker takes 2 positional arguments but 3 were given",
}


def test_a_verdict_as_expected_lets_the_test_go_on_and_assert_more(project: Project) -> None:
    project.add("pythons", scenarios.python)
    (project.pytester.path / "pythons/test_it.py").write_text("""\
import pytest

@pytest.mark.isolate("manifest.yaml", expect={"verdict": "conflict", "kind": "runtime", "because": "imp"})
def test_more(isolate_result):
    assert isolate_result.entry("one-runtime").kind == "runtime"

@pytest.mark.isolate("manifest.yaml", expect={"app": "modern", "because": {"matches": "'im?p'"}}, entry="one-runtime")
def test_no_argument():
    pass

@pytest.mark.isolate("manifest.yaml")
class TestClass:
    def test_as_the_manifest_says(self):
        pass
""")
    project.pytest("--strict-markers", "pythons/test_it.py").assert_outcomes(passed=3)
    assert len(project.runs()) == 1


def test_another_verdict_fails_the_test_with_the_evidence_before_its_body(project: Project) -> None:
    project.add("both", scenarios.no_conflict)
    (project.pytester.path / "both/test_it.py").write_text("""\
import pytest

@pytest.mark.isolate("manifest.yaml", expect={"verdict": "conflict", "kind": "runtime"})
def test_conflict():
    print("the body")
""")
    ran = project.pytest("both/test_it.py")
    ran.stdout.fnmatch_lines(
        [
            "one-runtime: no-conflict, but the test expects conflict, kind runtime: each of python@3.12 and *",
            "  - old and new pass together at python@3.12",
        ]
    )
    ran.stdout.no_fnmatch_line("the body")
    ran.assert_outcomes(failed=1)


@pytest.mark.parametrize("arguments", ["", "()", "(1)", "(forked=True)"])
def test_the_marker_of_another_project_that_has_the_same_name_is_left_alone(
    pytester: pytest.Pytester, arguments: str
) -> None:
    pytester.makepyfile(f"import pytest\n\n@pytest.mark.isolate{arguments}\ndef test_it(): pass\n")
    pytester.runpytest("--strict-markers").assert_outcomes(passed=1)


def test_the_logs_of_the_boxes_follow_the_failure_of_a_test_that_has_but_the_marker(project: Project) -> None:
    def logged(_: float, event: Event) -> Event:
        failed = isinstance(event, CellObserved) and event.cell.outcome == "fail"
        return replace(event, tail=("Traceback", "its last words")) if failed else event

    project.add("pythons", lambda: scenarios.mended(scenarios.python(), logged))
    (project.pytester.path / "pythons/test_it.py").write_text("""\
import pytest

@pytest.mark.isolate("manifest.yaml", expect={"verdict": "no-conflict"})
def test_it():
    pass

@pytest.mark.isolate("manifest.yaml")
def test_itself():
    assert False
""")
    ran = project.pytest("pythons/test_it.py")
    ran.assert_outcomes(failed=2)
    assert ran.stdout.str().count("its last words") == 4
    assert ran.stdout.str().count("isolate: what was observed") == 1


@pytest.mark.parametrize(("arguments", "reason"), WRONG.items())
def test_a_marker_that_says_nothing_of_use_is_a_usage_error_with_an_example(
    project: Project, arguments: str, reason: str
) -> None:
    project.add("pythons", scenarios.python)
    (project.pytester.path / "pythons/test_it.py").write_text(
        f"import pytest\n\n@pytest.mark.isolate({arguments})\ndef test_it(): pass\n"
    )
    ran = project.pytest("pythons/test_it.py")
    ran.stderr.fnmatch_lines([f"ERROR: pythons/test_it.py::test_it: {reason}", "for example @pytest.mark.isolate(*"])
    assert ran.ret == pytest.ExitCode.USAGE_ERROR


def test_the_result_of_a_marker_that_is_not_there_is_told(project: Project) -> None:
    project.pytester.makepyfile("def test_it(isolate_result): pass")
    ran = project.pytest()
    ran.stdout.fnmatch_lines(['isolate_result goes with @pytest.mark.isolate("manifest.yaml")'])
    ran.assert_outcomes(errors=1)
