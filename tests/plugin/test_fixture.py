"""The `isolate` fixture, and what of it can be overridden."""

from __future__ import annotations

import pytest

import scenarios
from theirs import RECORDED, Project


def test_the_outcome_answers_in_plain_words(project: Project) -> None:
    project.add("dotnets", scenarios.dotnet)
    project.pytester.makepyfile("""
        def test_words(isolate):
            outcome = isolate.run("dotnets/manifest.yaml")
            assert (outcome.verdict, outcome.kind, outcome.exit_code) == ("conflict", "runtime", 0)
            assert any("was not found" in reason for reason in outcome.because)
            assert outcome.apps["invoice"].state == "healthy"
            assert outcome.apps["invoice"].url == "http://127.0.0.1:32801"
            assert {cell.arm for cell in outcome.cells} == {"control", "shared"}
            assert outcome.document["schema"] == "isolate/result/v1"
            assert (outcome.folder / "events.jsonl").is_file()
            entry = outcome.entry("one-runtime")
            assert entry.as_expected and entry.works_at == ()
            assert repr(entry) == (
                "<one-runtime: conflict (runtime), as expected: "
                "neither dotnet@3.1 nor dotnet@2.2 serves both invoice and telemetry>"
            )
    """)
    project.pytest().assert_outcomes(passed=3)


def test_what_a_failed_assertion_was_about_follows_it(project: Project) -> None:
    project.add("dotnets", scenarios.dotnet)
    project.pytester.makepyfile("""
        def test_wrong(isolate):
            assert isolate.run("dotnets/manifest.yaml").entry().verdict == "no-conflict"
    """)
    ran = project.pytest()
    ran.stdout.fnmatch_lines(
        [
            "E*AssertionError: assert 'conflict' == 'no-conflict'",
            "*- isolate: what was observed -*",
            "one-runtime: conflict (runtime), as expected: neither *",
            "  - invoice needs dotnet 2.2 *",
            "the record: *",
        ]
    )
    ran.assert_outcomes(passed=2, failed=1)


def test_an_unknown_entry_is_told_with_those_that_are_there(project: Project) -> None:
    project.add("dotnets", scenarios.dotnet)
    project.pytester.makepyfile("""
        def test_entry(isolate):
            isolate.run("dotnets/manifest.yaml").entry("one-rumtime")
    """)
    project.pytest().stdout.fnmatch_lines(["*LookupError: there is no shared entry one-rumtime; there is: one-runtime"])


def test_the_same_experiment_is_run_once_a_session_and_another_one_again(project: Project) -> None:
    project.add("pythons", scenarios.python)
    project.pytester.makepyfile("""
        def test_first(isolate):
            isolate.run("pythons/manifest.yaml")
        def test_second(isolate):
            assert isolate.run("pythons/manifest.yaml") is isolate.run("pythons/manifest.yaml")
        def test_harder(isolate):
            isolate.run("pythons/manifest.yaml", repeat=5, app="old")
    """)
    project.pytest().assert_outcomes(passed=5)
    first, harder = project.runs()
    assert first.split()[1] != harder.split()[1]
    assert harder.split()[2] == "5"


def test_an_experiment_whose_manifest_or_sources_have_changed_is_another_one(project: Project) -> None:
    path = project.add("pythons", scenarios.python)
    (path.parent / "old").mkdir()
    path.write_text(path.read_text().replace("    runtime: python@3.8", "    runtime: python@3.8\n    build: ./old"))
    project.pytester.makepyfile("""
        from pathlib import Path
        def test_rewritten(isolate):
            source, manifest = Path("pythons/old/app.py"), Path("pythons/manifest.yaml")
            first = isolate.run(manifest)
            source.write_text("print(1)")
            second = isolate.run(manifest)
            manifest.write_text(manifest.read_text().replace("[python, -V]", "[python, app.py]"))
            third = isolate.run(manifest)
            assert isolate.run(manifest) is third
    """)
    module = "test_an_experiment_whose_manifest_or_sources_have_changed_is_another_one.py"
    project.pytest(module).assert_outcomes(passed=1)
    assert len({line.split()[1] for line in project.runs()}) == len(project.runs()) == 3


def test_options_and_the_projects_name_are_overridden_by_fixture(project: Project) -> None:
    project.add("pythons", scenarios.python)
    with (project.pytester.path / "conftest.py").open("a") as conftest:
        conftest.write("""
@pytest.fixture(scope="session")
def isolate_options():
    return {"repeat": 7}

@pytest.fixture(scope="session")
def isolate_project_suffix():
    return "job-42"
""")
    project.pytest().assert_outcomes(passed=2)
    (asked,) = project.runs()
    name, suffix, repeat, arm = asked.split()
    assert suffix.startswith("job-42-")
    assert (name, repeat, arm) == ("pythons", "7", "shared")


def test_apps_alone_are_kept_up_until_the_session_ends(pytester: pytest.Pytester) -> None:
    project = Project(pytester)
    project.add("dotnets", scenarios.isolated_only)
    recorded = RECORDED.format(log=str(pytester.path / "asked"), runs=str(pytester.path / "runs"))
    told = recorded.replace("        yield", '        print("started")\n        yield')
    pytester.makeconftest(told.replace("    return", '        print("removed")\n    return'))
    pytester.makepyfile("""
        def test_one(isolate):
            assert isolate.up("dotnets/manifest.yaml").apps["invoice"].url.startswith("http://127.0.0.1:")
        def test_two(isolate):
            isolate.up("dotnets/manifest.yaml")
            print("used")
    """)
    ran = pytester.runpytest("-s", "test_apps_alone_are_kept_up_until_the_session_ends.py")
    ran.assert_outcomes(passed=2)
    ran.stdout.fnmatch_lines(["*started*", "*used*", "*removed*"])
    assert [line.split()[3] for line in project.runs()] == ["isolated"]


@pytest.mark.parametrize("call", ["run", "up"])
def test_an_option_that_there_is_not_is_told_with_those_that_there_are(project: Project, call: str) -> None:
    project.add("pythons", scenarios.python)
    project.pytester.makepyfile(f"def test_it(isolate): isolate.{call}('pythons/manifest.yaml', repaet=3)")
    ran = project.pytest("-k", "test_it")
    ran.stdout.fnmatch_lines(["E*TypeError: there is no option 'repaet'; there is: app, shared, limit, repeat, *"])
    assert "dataclasses" not in ran.stdout.str()
    assert "orchestrator/testing" not in ran.stdout.str()


def test_a_manifest_that_is_not_there_is_told_with_the_place(project: Project) -> None:
    project.pytester.makepyfile("def test_it(isolate): isolate.run('away.yaml')")
    project.pytest().stdout.fnmatch_lines([f"error: {project.pytester.path}/away.yaml: there is no file *"])


def test_the_logs_of_an_experiment_follow_a_test_that_only_asserts(project: Project) -> None:
    project.add("shop", scenarios.broken_build)
    project.pytester.makepyfile("""
        import pytest
        @pytest.fixture(scope="module")
        def shop(isolate):
            return isolate.run("shop/manifest.yaml")
        def test_before(shop):
            pass
        def test_it(shop):
            assert shop.verdict == "conflict"
    """)
    ran = project.pytest("test_the_logs_of_an_experiment_follow_a_test_that_only_asserts.py")
    ran.assert_outcomes(passed=1, failed=1)
    ran.stdout.fnmatch_lines(["*- isolate: what was observed -*", "one-runtime: broken: shop fails on *"])
