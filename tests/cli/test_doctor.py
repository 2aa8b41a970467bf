"""`doctor` says what is missing and how to mend it, and fails only where `up` would."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from orchestrator import locks, places
from orchestrator.cli import main
from orchestrator.cli.doctor import lines
from orchestrator.diagnosis import Finding, examine, leftovers, machine, sources, without_engine
from orchestrator.diagnosis import engine as engine_
from orchestrator.engines import Facts, Setup
from orchestrator.engines.locate import Endpoint
from orchestrator.engines.memory import MemoryEngine
from orchestrator.errors import Unavailable
from planted import Planted
from tests.cli.conftest import Isolate

SETUP = Setup(api="1.45", root="/nowhere", storage="overlay2", cgroup="v2", security=("name=seccomp",))


@pytest.fixture(autouse=True)
def _own_places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path))


class Scripted(MemoryEngine):
    """An engine that is set up as told, and reaches the registries it is told."""

    def __init__(
        self, version: str = "26.1.5", setup: Setup = SETUP, reaches: Sequence[str] = (), **facts: object
    ) -> None:
        super().__init__(**facts)  # type: ignore[arg-type]
        self.version, self.told, self.reaches = version, setup, reaches

    def facts(self) -> Facts:
        return Facts("docker", self.version, "buildkit")

    def setup(self) -> Setup:
        return self.told

    def probe(self, reference: str, timeout: float) -> str:
        return "" if reference.partition("/")[0] in self.reaches else f"no answer within {timeout:g} s"


def states(findings: Sequence[Finding]) -> dict[str, str]:
    return {finding.subject: finding.state for finding in findings}


def no_recipes() -> Sequence[Finding]:
    return [Finding("recipes", "warning", "no mirror", "add one")]


def test_whether_runs_can_be_recorded_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (fine,) = machine.record()
    assert (fine.subject, fine.state, fine.detail) == ("state", "ok", f"runs can be recorded in {places.state()}")
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    (wrong,) = machine.record()
    assert (wrong.state, wrong.detail.endswith(": Not a directory")) == ("missing", True)
    assert "XDG_STATE_HOME" in wrong.fix


def test_with_an_engine_and_without_one_the_state_is_a_line() -> None:
    for findings in (without_engine(Unavailable("none")), examine(Scripted(), Endpoint("unix:///x", "default"))):
        assert states(findings)["state"] == "ok"


@pytest.mark.docker
def test_where_up_works_doctor_passes_and_names_engine_builder_and_every_base(
    isolate: Isolate, engine_url: str
) -> None:
    ran = isolate("doctor", "--json")
    found = {finding["subject"]: finding for finding in ran.document["findings"]}
    assert ran.code == 0
    assert engine_url in found["engine"]["detail"]
    assert found["builder"]["detail"] in {"buildkit", "classic"}
    assert {
        "cgroup",
        "seccomp",
        "LSM",
        "disk (isolate)",
        "registry docker.io",
        "dotnet@2.2",
        "python@3.8",
    } < found.keys()
    assert all(finding["state"] != "missing" for finding in found.values())


def test_without_an_engine_all_else_is_told_and_it_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    assert main(["doctor"]) == 75
    out = capsys.readouterr().out
    assert out.startswith("missing  engine")
    assert all(subject in out for subject in ("disk (isolate)", "python@3.12"))


def test_each_finding_is_a_line_and_its_fix_is_below_it() -> None:
    findings = [Finding("engine", "missing", "none \x1b[2J", "isolate engine start"), Finding("LSM", "ok", "apparmor")]
    assert list(lines(findings)) == [
        "missing  engine  none \\x1b[2J",
        "                 fix: isolate engine start",
        "ok       LSM     apparmor",
    ]


def test_an_engine_on_which_the_templates_do_not_build_is_missing() -> None:
    assert states(list(engine_.identity(Scripted("19.3.1"), "here")))["engine"] == "missing"
    assert states(list(engine_.identity(Scripted("20.10.24"), "here")))["engine"] == "ok"


def test_how_boxes_are_confined_is_told() -> None:
    off = Setup("1.45", "/", "vfs", "v1", ("seccomp,profile=unconfined", "apparmor"))
    assert states(list(engine_.confinement(Scripted(setup=off)))) == {"cgroup": "ok", "seccomp": "warning", "LSM": "ok"}


def test_what_builds_may_take_is_told_and_where_nothing_limits_them(monkeypatch: pytest.MonkeyPatch) -> None:
    class Classic(Scripted):
        def facts(self) -> Facts:
            return Facts("docker", "26.1.5", "classic")

    own = engine_.private.here().url
    assert states(list(engine_.builds(Classic(), "unix:///x"))) == {"builds": "ok"}
    (theirs,) = engine_.builds(Scripted(), "unix:///x")
    assert (theirs.state, theirs.fix) == ("warning", "")
    monkeypatch.setattr(engine_.private, "fence_of", lambda _: None)
    assert next(engine_.builds(Scripted(), own)).fix == "isolate engine start"
    monkeypatch.setattr(engine_.private, "fence_of", lambda _: 4 << 30)
    assert next(engine_.builds(Scripted(), own)) == Finding("builds", "ok", "4.0 GiB of memory, all together")


def test_a_full_disk_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "NEEDED", 1 << 80)
    monkeypatch.setattr(machine, "COMFORTABLE", 1 << 80)
    assert states(list(machine.rooms())) == {"disk (isolate)": "missing"}


def test_a_base_comes_from_where_up_would_take_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "recipes", no_recipes)
    engine = Scripted(reaches=["mcr.microsoft.com"], images=["python:3.12-slim-bookworm"])
    found = {finding.subject: finding for finding in sources.online(engine)}
    assert (found["registry docker.io"].state, found["registry mcr.microsoft.com"].state) == ("warning", "ok")
    assert found["python@3.12"].detail == "local: python:3.12-slim-bookworm"
    assert found["dotnet@2.2"].detail.startswith("registry: mcr.microsoft.com/")
    assert (found["python@3.8"].state, found["python@3.8"].fix) == ("warning", "add one")
    assert "base images" not in found


def test_no_base_at_all_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "recipes", no_recipes)
    assert states(list(sources.online(Scripted())))["base images"] == "missing"


def test_what_registries_answered_before_is_forgotten() -> None:
    memory = places.cache() / "registries.json"
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text("{}")
    list(sources.online(Scripted()))
    assert not memory.exists()


def test_what_a_dead_run_left_is_named_with_the_command_that_removes_it() -> None:
    engine = Planted().died("pair", boxes={"shared": "isolate-pair_shared"})
    (finding,) = leftovers.look(engine)
    assert (finding.state, finding.fix) == ("warning", "isolate prune")
    assert finding.detail == "of dead runs of pair: isolate-pair_shared, isolate-pair"


def test_what_a_run_left_that_is_not_recorded_here_is_its_owners_to_judge() -> None:
    engine = Planted().strange("pair", boxes={"shared": "isolate-pair_shared"})
    (finding,) = leftovers.look(engine)
    assert (finding.state, finding.fix) == ("warning", "isolate down pair, if nobody uses it")


def test_a_run_that_is_under_way_has_no_leftovers() -> None:
    engine = Planted().died("pair", boxes={"shared": "isolate-pair_shared"})
    with locks.only_one("pair"):
        assert states(list(leftovers.look(engine))) == {"leftovers": "ok"}


def test_an_engine_that_stops_answering_is_a_finding_not_a_crash() -> None:
    class Gone(Scripted):
        def setup(self) -> Setup:
            raise Unavailable("the engine does not answer", hint="isolate doctor")

    from orchestrator.diagnosis import examine
    from orchestrator.engines.locate import Endpoint

    found = examine(Gone(), Endpoint("unix:///nowhere", "a test"))
    assert Finding("engine", "missing", "the engine does not answer", "isolate doctor") in found
