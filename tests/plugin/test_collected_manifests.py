"""`pytest apps/`: a manifest is a file of tests."""

from __future__ import annotations

from dataclasses import replace

import pytest

import scenarios
from orchestrator.events import CellObserved, Event, Failed
from orchestrator.model import Cell
from theirs import Project

FOREIGN = {
    "kubernetes": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n",
    "others' apps": "apps:\n  - name: web\n    image: nginx\n",
    "cloud": "applications:\n- name: web\n  command: run\n",
    "nothing": "",
    "bytes": "\udcff\udcfe",
    "no yaml": "{[}",
}


def test_a_test_for_the_isolated_arm_and_one_for_each_entry_are_collected_without_an_engine(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    project.add("pair", scenarios.python, "one-runtime", "side-by-side")
    ran = project.pytest("--collect-only", "-q", "--strict-markers")
    assert ran.outlines[:3] == [f"pair/manifest.yaml::{name}" for name in ("isolated", "one-runtime", "side-by-side")]
    assert ran.ret == 0
    assert not project.runs()


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_a_manifest_of_something_else_is_left_alone(pytester: pytest.Pytester, text: str) -> None:
    (pytester.path / "manifest.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    ran = pytester.runpytest()
    assert ran.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    ran.assert_outcomes()


def test_a_wrong_manifest_is_an_error_with_file_line_and_column(project: Project) -> None:
    path = project.add("pair", scenarios.python)
    path.write_text(path.read_text().replace("python@3.8", "python@3.8\n    prots: ['80']"))
    ran = project.pytest()
    ran.stdout.fnmatch_lines(["error: *pair/manifest.yaml:5:5: *prots*", "hint: *ports*"])
    ran.assert_outcomes(errors=1)
    assert "Traceback" not in ran.stdout.str()


def test_which_files_are_manifests_is_for_the_project_to_say(project: Project) -> None:
    path = project.add("pair", scenarios.python)
    path.rename(path.with_name("pair.isolate.yaml"))
    project.pytest("--collect-only", "-q").stdout.fnmatch_lines(["pair/pair.isolate.yaml::isolated"])
    assert project.pytest("-o", "isolate_manifests=").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    path.with_name("pair.isolate.yaml").rename(path.with_name("conflict.yml"))
    chosen = project.pytest("--collect-only", "-q", "-o", "isolate_manifests=conflict.yml")
    chosen.stdout.fnmatch_lines(["pair/conflict.yml::isolated"])


def test_one_experiment_answers_all_tests_of_a_manifest(project: Project) -> None:
    project.add("pythons", scenarios.python)
    project.add("dotnets", scenarios.dotnet)
    project.pytest().assert_outcomes(passed=4)
    assert sorted(line.split()[0] for line in project.runs()) == ["dotnets", "pythons"]


def test_tests_are_selected_by_name_by_marker_and_by_what_failed_last(project: Project) -> None:
    project.add("both", scenarios.no_conflict)
    project.pytester.makepyfile("def test_other(): pass")
    project.pytest("-k", "isolated").assert_outcomes(passed=1, deselected=2)
    project.pytest("-m", "not isolate").assert_outcomes(passed=1, deselected=2)
    project.pytester.runpytest().assert_outcomes(passed=2, failed=1)
    project.pytester.runpytest("--lf", "-rf").stdout.fnmatch_lines(["FAILED both/manifest.yaml::one-runtime *"])


def test_another_verdict_than_expected_fails_with_its_evidence(project: Project) -> None:
    project.add("both", scenarios.no_conflict)
    ran = project.pytest()
    ran.stdout.fnmatch_lines(
        [
            "*__ one-runtime in both/manifest.yaml __*",
            "one-runtime: no-conflict, but the manifest expects conflict (manifest.yaml:23): *serves both old and new.",
            "  - old and new pass together at python@3.12",
            "observed:",
            "  old  python@3.12  together *pass",
            f"the record: {project.pytester.path}/runs/both/run",
        ]
    )
    ran.assert_outcomes(passed=1, failed=1)
    assert ran.ret == pytest.ExitCode.TESTS_FAILED
    assert "collect.py" not in ran.stdout.str()


def test_an_app_broken_by_itself_fails_its_own_test_with_its_last_lines(project: Project) -> None:
    project.add("shop", scenarios.broken_build)
    ran = project.pytest("-k", "isolated")
    ran.stdout.fnmatch_lines(["isolated: broken", "  - shop on its own python@3.8: fail build: ERROR: *"])
    ran.assert_outcomes(failed=1, deselected=1)


def test_what_proves_nothing_fails_and_says_inconclusive(project: Project) -> None:
    project.add("lost", scenarios.unsettled)
    ran = project.pytest()
    ran.stdout.fnmatch_lines(["one-runtime: inconclusive: this run proves nothing*"])
    ran.assert_outcomes(passed=1, failed=1)


def test_a_run_that_ends_before_a_verdict_fails_with_the_reason_and_is_not_tried_again(project: Project) -> None:
    failed = Failed("no engine answers", "", "isolate engine start", 75)
    project.add("away", lambda: (scenarios.python()[0], [(0.0, failed)]))
    ran = project.pytest()
    ran.stdout.fnmatch_lines(["inconclusive: no engine answers", "hint: isolate engine start"])
    ran.assert_outcomes(failed=2)
    assert len(project.runs()) == 1


def test_the_log_of_a_failing_box_is_in_the_report_once(project: Project) -> None:
    def logged(_: float, event: Event) -> Event:
        if isinstance(event, CellObserved) and event.cell.outcome == "fail":
            return replace(event, tail=("Traceback", "SyntaxError: invalid syntax"))
        return event

    def told() -> scenarios.Run:
        of, story = scenarios.mended(scenarios.python(), logged)
        return of, [(at, unexpected(event)) for at, event in story]

    project.add("logged", told)
    ran = project.pytest()
    ran.stdout.fnmatch_lines(["*- isolate: modern, * fail exit 1 -*", "Traceback", "SyntaxError: invalid syntax"])
    assert ran.stdout.str().count("isolate: modern, ") == 1


def unexpected(event: Event) -> Event:
    """The same, and the manifest expects something else."""
    return replace(event, as_expected=False) if hasattr(event, "as_expected") else event


def test_what_apps_print_cannot_act_on_a_terminal_or_a_ci_job(project: Project) -> None:
    payload = "\x1b[2J\x1b]0;title\x07\n::error::forged\nevil\u202egnp.exe"

    def said(_: float, event: Event) -> Event:
        if isinstance(event, CellObserved) and event.entry:
            cell: Cell = replace(event.cell, outcome="fail", phase="start", quote=payload)
            return replace(event, cell=cell, tail=(payload, payload))
        return event

    project.add("hostile", lambda: scenarios.mended(scenarios.python(), said))
    ran = project.pytest("--color=no")
    ran.assert_outcomes(passed=1, failed=1)
    text = ran.stdout.str()
    assert "evil" in text
    assert not set("\x1b\x07\u202e") & set(text)
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
