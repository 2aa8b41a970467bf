"""`down` leaves nothing of ours behind, and everything else alone."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator import labels, places, running
from orchestrator.cli import down, main
from orchestrator.engines import Found, Swept
from orchestrator.engines.memory import MemoryEngine
from orchestrator.errors import Unavailable
from orchestrator.running import owner
from orchestrator.running.sweep import sweep
from planted import FIRST, OWNER, SECOND, folder
from tests.cli.conftest import Isolate, Stage

docker = pytest.mark.docker
MANIFEST = """\
name: {0}
apps:
  web: {{runtime: python@3.12, command: [python, -V], checks: [{{exit: 0}}]}}
"""


@docker
def test_everything_of_a_project_goes_and_nothing_else(isolate: Isolate, stage: Stage) -> None:
    other = replace(stage, project=f"{stage.project}-other")
    kept = other.box("web")
    made = [stage.box("web"), stage.box("report", "exit 3"), stage.network(), stage.volume()]
    try:
        ran = isolate("down", stage.project, "--json")
        removed = ran.document["removed"]
        assert sorted([*removed["containers"], *removed["networks"], *removed["volumes"]]) == sorted(made)
        assert ran.code == 0
        assert not stage.names()
        assert other.names() == {kept}
    finally:
        isolate("down", other.project)


@docker
def test_a_second_down_has_nothing_to_do_and_succeeds(isolate: Isolate, stage: Stage) -> None:
    stage.box("web")
    assert isolate("down", stage.project).code == 0
    again = isolate("down", stage.project)
    assert (again.code, again.out) == (0, "nothing to remove\n")


@docker
def test_a_dry_run_names_what_would_go_and_removes_nothing(isolate: Isolate, stage: Stage) -> None:
    box, net = stage.box("web"), stage.network()
    ran = isolate("down", stage.project, "--dry-run")
    assert ran.out == f"would remove container {box}\nwould remove network {net}\n"
    assert stage.names() == {box, net}
    assert f"would remove container {box}\n" in isolate("down", "--all", "--dry-run").out


@docker
def test_a_manifest_means_its_own_project_and_not_a_namesake_of_another_folder(
    isolate: Isolate, stage: Stage, tmp_path: Path
) -> None:
    manifest = tmp_path / "manifest.yaml"
    manifest.write_text(MANIFEST.format(stage.project))
    mine = replace(stage, owner=owner(manifest)).box("web")
    theirs = stage.box("api")
    assert isolate("down", str(manifest)).out == f"removed container {mine}\n"
    assert stage.names() == {theirs}


@docker
def test_a_name_that_two_owners_bear_is_refused_with_both(isolate: Isolate, stage: Stage) -> None:
    both = {stage.box("web"), replace(stage, owner="1" * 16).box("api")}
    ran = isolate("down", stage.project)
    assert ran.code == 2
    assert all(text in ran.err for text in ("0" * 16, "1" * 16, "hint: name the manifest's path"))
    assert stage.names() == both


@docker
def test_what_cannot_be_removed_is_told_with_the_reason_and_fails(isolate: Isolate, stage: Stage) -> None:
    """A stranger sits in our network: he is not thrown out."""
    net = stage.network()
    stranger = stage.client.containers.run(stage.image, ["sleep", "600"], detach=True, init=True, network=net)
    try:
        ran = isolate("down", stage.project)
        assert ran.code == 1
        assert ran.out.startswith(f"could not remove network {net}: ")
        assert "active endpoints" in ran.out
        stranger.reload()
        assert stranger.status == "running"
    finally:
        stranger.remove(force=True)


@docker
@pytest.mark.parametrize("words", [(), ("--all", "web")])
def test_projects_or_all_have_to_be_named(isolate: Isolate, words: tuple[str, ...]) -> None:
    assert isolate("down", *words).code == 2


@docker
def test_a_mistyped_path_is_no_project_name(isolate: Isolate) -> None:
    ran = isolate("down", "manifets.yaml", "--json")
    assert (ran.code, ran.document["error"]["hint"]) == (2, "isolate ps shows them")


class Late(MemoryEngine):
    """An engine that completes a dead client's request after the first look."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    def sweep(self, wanted: Mapping[str, str], *, networks: bool = True) -> Swept:
        self.looks += 1
        if self.looks == 2:
            self.network("isolate-pair", {"io.isolate.project": "pair"})
        return super().sweep(wanted, networks=networks)


def test_what_appears_after_the_first_look_is_swept_too() -> None:
    assert sweep(Late(), {"io.isolate.project": "pair"}, 0.2).networks == ("isolate-pair",)


class Dripping(MemoryEngine):
    """An engine on which something of a dead client's appears before each look, for three quarters of a second."""

    def __init__(self) -> None:
        super().__init__()
        self.until = time.monotonic() + 0.75

    def sweep(self, wanted: Mapping[str, str], *, networks: bool = True) -> Swept:
        if time.monotonic() < self.until:
            self.network("isolate-pair", {"io.isolate.project": "pair"})
        return super().sweep(wanted, networks=networks)


class Namesakes(MemoryEngine):
    """An engine on which a dead client's network appears after the first look, and another owner's after the second."""

    def __init__(self) -> None:
        super().__init__()
        self.coming = [{}, {"pair": OWNER}, {"pair": OWNER, "theirs": "f" * 16}]

    def _appear(self) -> None:
        for name, whose in (self.coming.pop(0) if self.coming else {}).items():
            self.network(f"isolate-{name}", {labels.PROJECT: "pair", labels.OWNER: whose})

    def holdings(self, wanted: Mapping[str, str]) -> tuple[Found, ...]:
        self._appear()
        return super().holdings(wanted)

    def sweep(self, wanted: Mapping[str, str], *, networks: bool = True) -> Swept:
        self._appear()
        return super().sweep(wanted, networks=networks)


def test_a_name_that_nothing_bears_yet_never_stands_for_several_owners(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(down, "AFTER_A_DEATH_SECONDS", 0.2)
    engine = Namesakes()
    monkeypatch.setattr(running, "open_engine", lambda: engine)
    assert main(["down", "pair"]) == 0
    assert capsys.readouterr().out == "removed network isolate-pair\n"
    assert [one.name for one in engine.holdings({labels.PROJECT: "pair"})] == ["isolate-theirs"]


def test_what_bears_a_name_and_no_owner_is_not_ours_and_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(down, "AFTER_A_DEATH_SECONDS", 0.2)
    engine = MemoryEngine()
    engine.network("foreign", {labels.PROJECT: "pair"})
    monkeypatch.setattr(running, "open_engine", lambda: engine)
    assert main(["down", "pair"]) == 0
    assert capsys.readouterr().out == "nothing to remove\n"
    assert engine.holdings({labels.PROJECT: "pair"})


def test_it_looks_until_it_has_been_quiet_and_not_just_for_a_while() -> None:
    engine = Dripping()
    sweep(engine, {"io.isolate.project": "pair"}, 0.2)
    assert time.monotonic() > engine.until + 0.1
    assert not engine.holdings({"io.isolate.project": "pair"})


@pytest.fixture
def _told_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(down, "AFTER_A_DEATH_SECONDS", 0.4)
    monkeypatch.setattr(down, "QUIET_SECONDS", 0.0)


@pytest.mark.usefixtures("_told_apart")
def test_after_a_run_that_died_it_waits_longer() -> None:
    folder("pair", FIRST)
    engine, wanted = MemoryEngine(), {labels.PROJECT: "pair"}
    timer = threading.Timer(0.1, engine.network, ("isolate-pair", {labels.PROJECT: "pair"}))
    timer.start()
    assert sweep(engine, wanted, down.quiet(wanted)).networks == ("isolate-pair",)
    (places.state() / "runs/pair" / FIRST / "result.json").touch()
    assert sweep(engine, wanted, down.quiet(wanted)) == Swept()


class Queueing(MemoryEngine):
    """Is slow to make a network that a dead client asked for, and makes no other before that."""

    def network(self, name: str, carried: Mapping[str, str]) -> None:
        super().network("isolate-pair", {labels.PROJECT: "pair", labels.OWNER: OWNER})
        super().network(name, carried)


@pytest.mark.usefixtures("_told_apart")
def test_after_a_run_that_died_the_engine_is_first_through_with_its_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(down, "AFTER_A_DEATH_SECONDS", 0.1)
    folder("pair", FIRST)
    engine, wanted = Queueing(), {labels.PROJECT: "pair", labels.OWNER: OWNER}
    assert sweep(engine, wanted, down.calm(engine, wanted)).networks == ("isolate-pair",)
    assert not engine.holdings({labels.PROJECT: ""}), "nor is what was made to ask left"
    (places.state() / "runs/pair" / FIRST / "result.json").touch()
    down.calm(engine, wanted)
    assert not engine.holdings({labels.PROJECT: ""}), "no run died: nothing is made"


class Asked(MemoryEngine):
    """Keeps what networks it was asked for; while it makes one, somebody may look, or press Ctrl-C."""

    def __init__(self, error: type[BaseException] | None = None) -> None:
        super().__init__()
        self.asked: list[Mapping[str, str]] = []
        self.error = error

    def network(self, name: str, carried: Mapping[str, str]) -> None:
        super().network(name, carried)
        self.asked.append(carried)
        if self.error:
            raise self.error("while it was made")


@pytest.mark.usefixtures("_told_apart")
@pytest.mark.parametrize("wanted", [{labels.PROJECT: "pair"}, {labels.OWNER: OWNER}, {labels.PROJECT: ""}], ids=str)
@pytest.mark.parametrize("error", [KeyboardInterrupt, Unavailable])
def test_the_question_is_taken_back_whatever_happens(error: type[BaseException], wanted: dict[str, str]) -> None:
    folder("pair", FIRST)
    engine = Asked(error)
    with suppress(KeyboardInterrupt):
        down.calm(engine, wanted)
    assert len(engine.asked) == 1
    assert not engine.holdings({labels.PROJECT: ""})
    assert engine.asked[0][labels.PROJECT] != "pair", "no owner is invented for a project of that name"


@pytest.mark.usefixtures("_told_apart")
def test_where_nothing_is_recorded_nothing_is_asked() -> None:
    engine = Asked()
    assert down.calm(engine, {labels.PROJECT: "never-ran", labels.OWNER: OWNER}) == 0.1 * 4
    assert engine.asked == []


@pytest.mark.usefixtures("_told_apart")
def test_it_waits_briefly_only_where_all_that_is_recorded_has_ended_and_asks_no_clock() -> None:
    pair, every, manifest = {labels.PROJECT: "pair"}, {labels.PROJECT: ""}, {labels.OWNER: OWNER}
    other = [Found("1", "net", "", {labels.PROJECT: "other"}, kind="network")]
    for wanted in (pair, every, manifest):
        assert down.quiet(wanted) == 0.4, "nothing is recorded: the state folder may be lost"
    folder("pair", SECOND, ended=True)
    for wanted in (pair, every, manifest):
        assert down.quiet(wanted) == 0.0
        assert down.quiet(wanted, other) == 0.4, "nothing is recorded of what is there"
    folder("other", FIRST)
    assert down.quiet(pair) == 0.0
    assert down.quiet(manifest, [replace(other[0], labels=pair)]) == 0.0
    assert down.quiet(every) == down.quiet(manifest) == 0.4
    folder("pair", FIRST)
    os.utime(places.state() / "runs/pair" / FIRST / "events.jsonl", (0, 0))
    assert down.quiet(pair) == 0.4, "it is older, unless a clock was wrong"
