"""What a job of GitHub Actions prints beside the code, read by the rules of its runner."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import stories

import scenarios
from orchestrator.events import AppObserved, CellObserved, RunStarted
from orchestrator.record import Recorded
from orchestrator.reports import Run
from orchestrator.reports.github import MOST, annotations

Made = Callable[[], scenarios.Run]


def unescaped(text: str) -> str:
    for code, meant in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, meant)
    return text


def read(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Level, properties and message of each line; every line has to be one of our commands, and nothing else."""
    found = []
    for line in text.removesuffix("\n").split("\n") if text else []:
        command = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert command, line
        properties = dict(one.split("=", 1) for one in command[2].split(","))
        found.append((command[1], {key: unescaped(value) for key, value in properties.items()}, unescaped(command[3])))
    return found


def told(run: scenarios.Run) -> list[tuple[str, dict[str, str], str]]:
    return read(annotations(stories.told(run)))


@pytest.mark.parametrize("made", stories.ALL, ids=lambda made: made.__name__)
def test_an_error_or_a_warning_is_there_just_where_the_exit_code_is_not_0(made: Made) -> None:
    run = stories.told(made())
    levels = {level for level, _, _ in read(annotations(run))}
    code = getattr(run.events[-1], "exit_code", None)
    assert bool(levels & {"error", "warning"}) is (code not in (0, None))
    assert ("error" in levels) is (code == 1 or made in (stories.before_anything, stories.midway))


def test_what_came_out_as_expected_is_a_notice_at_the_line_that_expects_it() -> None:
    ((level, properties, said),) = told(scenarios.dotnet())
    assert (level, properties) == ("notice", {"file": "manifest.yaml", "line": "23", "title": "one-runtime"})
    assert said.startswith("Verdict: conflict (runtime), as expected: neither dotnet@3.1 nor dotnet@2.2 serves both")
    assert "\n- invoice needs dotnet 2.2 (manifest.yaml:5) and the box holds 3.1.2" in said


@pytest.mark.parametrize("made", [scenarios.no_conflict, stories.other_reason])
def test_what_did_not_is_an_error_there(made: Made) -> None:
    ((level, properties, said),) = told(made())
    assert (level, properties["line"]) == ("error", "23")
    assert "but the manifest expects" in said


def test_an_app_that_is_broken_is_an_error_where_its_runtime_is_declared() -> None:
    ((level, properties, said),) = told(scenarios.broken_build())
    assert (level, properties["file"], properties["line"]) == ("error", "manifest.yaml", "4")
    assert said == "On its own runtime: fail build: ERROR: No matching distribution found for Django==5.0.6"


@pytest.mark.parametrize("made", [scenarios.unsettled, stories.flaky, stories.inconclusive_and_not_expected])
def test_what_proves_nothing_is_a_warning(made: Made) -> None:
    assert [level for level, _, _ in told(made())] == ["warning"]


def test_errors_come_before_notices_each_at_its_own_line() -> None:
    assert [(level, properties["line"]) for level, properties, _ in told(stories.several())] == [
        ("error", "31"),
        ("notice", "23"),
    ]


def test_a_run_that_ended_before_a_verdict_is_an_error_of_no_line() -> None:
    ((level, properties, said),) = told(stories.before_anything())
    assert (level, properties) == ("error", {"title": "isolate"})
    assert said == "Ended before a verdict: the engine went away\nunix:///run/docker.sock\nhint: isolate doctor"


def test_no_more_than_github_shows_are_printed_and_the_rest_is_counted() -> None:
    of, story = scenarios.many()

    def failing(event: object) -> object:
        match event:
            case AppObserved():
                return replace(event, state="failed")
            case CellObserved():
                return replace(event, cell=replace(event.cell, outcome="fail", phase="start", quote="no"))
        return event

    found = told((of, [(at, failing(event)) for at, event in story]))  # type: ignore[misc]
    assert len(found) == MOST
    assert found[-1][2] == "and 11 more of this kind; the summary has them all"


def test_a_path_with_the_signs_of_properties_stays_a_path() -> None:
    run = stories.told(scenarios.broken_build())
    started = run.recorded[0]
    assert isinstance(started.event, RunStarted)
    marks = {name: replace(mark, file="a,b:c=d%0A\n::error::x/m.yaml") for name, mark in started.event.marks.items()}
    changed = Run((Recorded(0, replace(started.event, marks=marks)), *run.recorded[1:]), {})
    ((_, properties, _),) = read(annotations(changed))
    assert properties["file"] == "a,b:c=d%0A ::error::x/m.yaml"
    assert properties["line"] == "4"
