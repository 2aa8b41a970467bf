"""What a manifest says about an app is what the App holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.files import load
from orchestrator.model import MIB, App, ExitCheck, Healthcheck, HttpCheck, Limits, Manifest, Matcher, RunCheck

Make = Callable[[str], App]


@pytest.fixture(scope="module")
def everything() -> Manifest:
    return load([Path(__file__).parent / "good" / "everything.yaml"])


def test_a_job_without_checks_has_to_exit_with_0(app: Make) -> None:
    assert app("").checks == (ExitCheck(0),)


def test_an_empty_list_of_checks_is_no_check_at_all(app: Make) -> None:
    assert app("checks: []").checks == (ExitCheck(0),)


def test_an_app_with_nothing_but_the_needful_has_the_defaults(app: Make) -> None:
    one = app("")
    assert (one.healthcheck, one.limits, one.ports, one.build) == (Healthcheck(), Limits(), (), None)
    assert not one.is_service


def test_values_that_yaml_1_1_would_change_stay_as_written(everything: Manifest) -> None:
    environment = everything.apps["web"].environment
    assert [environment[key] for key in ("ANSWER", "COUNTRY", "SWITCH", "TIME", "DAY", "NUMBER", "_1")] == [
        "no", "NO", "on", "12:30:45", "2024-01-31", "010", "1.2.3",
    ]  # fmt: skip


def test_a_dollar_a_backslash_and_a_template_stay_literal(everything: Manifest) -> None:
    environment = everything.apps["web"].environment
    assert environment["DOLLAR"] == "${HOST_SECRET} $$ $PATH"
    assert environment["BACKSLASH"] == "ends with \\"
    assert environment["TEMPLATE"] == "{{ 7 * 7 }}{% for i in range(9) %}"
    assert environment["LINES"] == "one\ntwo\tthree"


def test_a_command_keeps_its_line_breaks(everything: Manifest) -> None:
    assert everything.apps["web"].command == ("python", "-c", 'import os\nprint(os.environ["PORT"])\n')


def test_ports_are_numbers_and_make_a_service(everything: Manifest) -> None:
    assert everything.apps["web"].ports == (8080, 9090)
    assert everything.apps["web"].is_service


def test_durations_are_seconds(everything: Manifest) -> None:
    assert everything.apps["web"].healthcheck == Healthcheck(0.5, 2.0, 10, 90.0)


def test_limits_are_nano_cpus_and_bytes(everything: Manifest) -> None:
    assert everything.apps["web"].limits == Limits(250_000_000, 64 * MIB, 50)


def test_a_limit_that_is_not_named_keeps_its_default(app: Make) -> None:
    assert app("deploy: {resources: {limits: {memory: 64M}}}").limits == Limits(memory=64 * MIB)


@pytest.mark.parametrize(
    ("written", "size"),
    [("6m", 6 * MIB), ("0.5g", 512 * MIB), ("65536kb", 64 * MIB), ('"67108864"', 64 * MIB), ("67108864b", 64 * MIB)],
)
def test_memory_is_written_as_in_compose(app: Make, written: str, size: int) -> None:
    assert app(f"deploy: {{resources: {{limits: {{memory: {written}}}}}}}").limits.memory == size


def test_checks_come_in_three_forms(everything: Manifest) -> None:
    total, page, version = everything.apps["web"].checks
    assert isinstance(total, HttpCheck)
    assert (total.name, total.port, total.status, total.body) == (
        "POST /total?currency=EUR", 9090, 201, Matcher("to(t)al", regex=True),
    )  # fmt: skip
    assert total.json == {"total": "13.8*", "paid": False, "items": [1, 2.5, None], "deep": {"a": {"b": "c"}}}
    assert page == HttpCheck("/", port=8080, body=Matcher("two\nlines"))
    assert version == RunCheck(("python", "-V"), 0, Matcher("Python 3.10"), Matcher("^$", regex=True))
    assert everything.apps["worker"].checks == (
        ExitCheck(0, Matcher("done")),
        ExitCheck(3, None, Matcher(r"^warning: \d+", regex=True)),
    )


def test_a_demand_for_json_null_is_a_demand(app: Make) -> None:
    (check,) = app('ports: ["80"]\nchecks: [{http: /, json: null}]').checks
    assert check == HttpCheck("/", json=None, has_json=True)


def test_dependencies_may_be_a_list(loaded: Callable[..., Manifest]) -> None:
    other = "name: p\napps:\n  a: {runtime: python@3.12, command: [x], depends_on: [b]}\n"
    whole = loaded(other + "  b: {runtime: python@3.12, command: [x]}\n")
    assert whole.apps["a"].depends_on == {"b": "service_started"}


def test_a_runtime_knows_its_images_and_where_it_was_declared(everything: Manifest) -> None:
    runtime = everything.apps["worker"].runtime
    assert str(runtime) == "dotnet@3.1"
    assert runtime.image == "example/aspnet@sha256:" + "0" * 64
    assert runtime.build_image == "example/sdk:3.1"
    assert runtime.source
    assert runtime.source.short == "everything.yaml:16"


def test_every_key_knows_its_place(everything: Manifest) -> None:
    web = everything.apps["web"]
    lines = Path(web.mark.file).read_text("utf-8").split("\n")
    assert lines[web.mark.line - 1] == "  web:"
    for key in ("build", "command", "packages", "working_dir", "checks"):
        mark = web.marks[key]
        assert lines[mark.line - 1][mark.column - 1 :].startswith(f"{key}:")
    assert lines[web.marks["packages.1"].line - 1][web.marks["packages.1"].column - 1 :].startswith("six,")
    assert lines[web.marks["environment.TIME"].line - 1].strip() == "TIME: 12:30:45"
    assert web.marks["requirements.txt"].short == "requirements.txt:1"


def test_a_build_context_is_an_absolute_path(everything: Manifest) -> None:
    assert everything.apps["web"].build == (Path(__file__).parent / "good" / "declared").resolve()


@pytest.mark.parametrize("build", [".", "./", "sub/..", "sub"])
def test_a_build_context_may_be_the_manifests_own_folder(app: Make, tmp_path: Path, build: str) -> None:
    (tmp_path / "sub").mkdir()
    assert app(f"build: {build}").build in {tmp_path.resolve(), tmp_path.resolve() / "sub"}


def test_a_link_inside_the_folder_is_a_build_context(app: Make, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert app("build: link").build == tmp_path.resolve() / "real"
