"""`prune` removes what dead runs left, and nothing that is alive, meant to be there, or not ours."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from isolate import COMMAND, service, write
from orchestrator import labels, locks, running
from orchestrator.cli import down, main
from orchestrator.diagnosis import leftovers
from orchestrator.engines import Held, Swept
from orchestrator.engines.memory import MemoryEngine
from orchestrator.running import lending
from planted import FIRST, SECOND, Planted, folder
from tests.cli.conftest import Isolate, Ran, Stage

docker = pytest.mark.docker
Command = Callable[..., Ran]
HASH = "5" * 16
BUSY = "a run of other is under way, and may be about to use an image"
HOLDS = "import sys; from orchestrator import locks\nwith locks.only_one(sys.argv[1]): print(flush=True); input()"


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """`command(engine, words...)` in a home of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(down, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(down, "AFTER_A_DEATH_SECONDS", 0.0)

    def run(engine: MemoryEngine, *words: str) -> Ran:
        monkeypatch.setattr(running, "open_engine", lambda: engine)
        code = main(words)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run


@pytest.fixture
def prune(command: Command) -> Command:
    return lambda engine, *words: command(engine, "prune", *words)


@pytest.mark.parametrize("project", ["pair", "dotnet-2.2-vs-3.1"])
def test_the_shared_boxes_of_a_dead_run_go_and_what_up_left_stays(prune: Command, project: str) -> None:
    engine = Planted().ended(project, {"isolated": "web", "shared": "both", "control": "alone"})
    ran = prune(engine, "--json")
    assert ran.code == 0
    assert sorted(ran.document["removed"]["containers"]) == ["alone", "both"]
    assert engine.names() == {"web", f"isolate-{project}"}
    assert prune(engine).out == "nothing to remove\n"


def test_of_a_run_that_never_ended_nothing_is_left(prune: Command) -> None:
    engine = Planted().died("pair", {"isolated": "web", "shared": "both"})
    assert prune(engine).out == "removed container web\nremoved container both\nremoved network isolate-pair\n"
    assert not engine.names()


def test_what_a_later_run_has_taken_over_stays(prune: Command) -> None:
    engine = Planted().died("pair", {"isolated": "web"})
    folder("pair", SECOND, ended=True)
    assert prune(engine).out == "nothing to remove\n"


def test_of_a_project_with_a_borrowed_name_nothing_is_left(prune: Command) -> None:
    engine = Planted().ended("pair-test", {"isolated": "web"}, told="pair").ended("own-test", {"isolated": "other"})
    assert prune(engine).out == "removed container web\nremoved network isolate-pair-test\n"
    assert engine.names() == {"other", "isolate-own-test"}


@pytest.mark.parametrize("held", [locks.only_one, locks.lent])
def test_a_project_that_runs_or_is_lent_is_left_alone(prune: Command, held: Any) -> None:
    engine = Planted().died("pair-test", {"shared": "both"}, told="pair")
    with held("pair-test"):
        assert prune(engine).out == "nothing to remove\n"
    assert prune(engine).out != "nothing to remove\n"


def test_what_a_session_has_up_is_lent_until_it_ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(lending, "carry_out", lambda *_: (0, []))
    (tmp_path / "m.yaml").write_text("name: pair\napps: {a: {runtime: python@3.12, command: [python]}}\n")
    of = running.manifest([tmp_path / "m.yaml"])
    with running.borrowed(of, "pytest", running.options(), lambda _: None):
        assert locks.busy() == ["pair-pytest"]
    assert not locks.busy()


def test_another_owners_boxes_stay_while_a_run_of_that_name_is_under_way(prune: Command) -> None:
    engine = Planted().died("pair", {"shared": "mine"}, network="isolate-a")
    engine.died("pair", {"shared": "theirs"}, run=SECOND, owner="f" * 16, network="isolate-b")
    with locks.only_one("pair"):
        prune(engine)
        assert engine.names() == {"mine", "theirs", "isolate-a", "isolate-b"}
    prune(engine)
    assert not engine.names()


def test_what_is_of_a_run_that_is_not_recorded_here_is_left_alone_and_named(prune: Command) -> None:
    engine = Planted().strange("pair", {"isolated": "web", "shared": "both"}).strange("r", {"shared": "x"}, run="r1")
    ran = prune(engine, "--json")
    assert (ran.code, ran.document["unknown"]) == (0, {"pair": ["both"], "r": ["x"]})
    assert {"web", "both", "x"} < engine.names()
    assert "left alone both: of a run that is not recorded here; isolate down pair removes it" in prune(engine).out


def test_a_run_of_another_owner_keeps_its_network_and_its_boxes(prune: Command) -> None:
    engine = Planted().died("pair", {"shared": "mine"}, network="isolate-a")
    engine.strange("pair", {"shared": "theirs", "isolated": "web"}, run=SECOND, owner="f" * 16, network="isolate-b")
    prune(engine)
    assert engine.names() == {"theirs", "web", "isolate-b"}


@pytest.mark.parametrize("project", ["../../etc", "Pair", ".hidden", "a/b", ""])
def test_what_is_no_name_of_a_project_is_not_ours_and_names_no_file(
    prune: Command, project: str, tmp_path: Path
) -> None:
    engine = Planted().strange(project, {"shared": "both"}, network="n")
    assert prune(engine).out == "nothing to remove\n"
    assert engine.names() == {"both", "n"}
    assert not list(tmp_path.rglob("etc*"))


def test_without_an_owners_label_nothing_is_ours(prune: Command) -> None:
    folder("pair", FIRST)
    engine = MemoryEngine()
    engine.network("isolate-pair", {"io.isolate.project": "pair", "io.isolate.run": FIRST})
    assert prune(engine).out == "nothing to remove\n"
    assert leftovers.of(engine, "pair") == []


def test_a_dry_run_names_what_would_go_and_touches_nothing(prune: Command) -> None:
    engine = Planted().died("pair", {"shared": "both"})
    there, calls = engine.names(), list(engine.calls)
    ran = prune(engine, "--dry-run", "--json")
    assert ran.document["removed"]["networks"] == ["isolate-pair"]
    assert prune(engine, "--dry-run").out == "would remove container both\nwould remove network isolate-pair\n"
    assert (engine.names(), engine.calls) == (there, calls)


def test_a_named_project_alone_is_looked_at(prune: Command) -> None:
    engine = Planted().died("pair", {"shared": "both"}).died("other", {"shared": "kept"})
    prune(engine, "pair")
    assert engine.names() == {"kept", "isolate-other"}


class Busy(Planted):
    """Nothing can be removed."""

    def sweep(self, labels: Any, *, networks: bool = True) -> Swept:
        return Swept(left=("container both: device busy\x1b[2J",))


def test_what_cannot_be_removed_is_told_with_the_reason_and_fails(prune: Command) -> None:
    ran = prune(Busy().died("pair", {"shared": "both"}))
    assert (ran.code, ran.out) == (1, "could not remove container both: device busy\\x1b[2J\n")


class Late(Planted):
    """Completes a dead client's request after the first look."""

    looks = 0

    def sweep(self, labels: Any, *, networks: bool = True) -> Swept:
        self.looks += 1
        if self.looks == 2:
            self.strange("pair", {"shared": "late"})
        return super().sweep(labels, networks=networks)


def test_what_appears_after_the_first_look_goes_too(prune: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(down, "AFTER_A_DEATH_SECONDS", 0.2)
    engine = Late().died("pair", {"shared": "both"})
    assert "removed container late\n" in prune(engine).out
    assert not engine.names()


def test_a_question_to_the_engine_that_was_killed_is_nobodys_run_and_goes(prune: Command) -> None:
    engine = Planted()
    name = f"{labels.SETTLE}1"
    engine.network(name, {labels.PROJECT: name, labels.OWNER: name, labels.RUN: name})
    assert prune(engine).out == f"removed network {name}\n"


class Pictures(Planted):
    """It has an image of an app that a dead run's box has, one that is in use, a base, and somebody else's."""

    def images(self) -> tuple[Held, ...]:
        def held(tag: str, label: str, *users: str) -> Held:
            there = frozenset(users) & self.names()
            return Held(tag, (tag,), 1_000_000, 0, {f"io.isolate.{label}": HASH}, there)

        return (
            held(f"isolate/web:{HASH}", "image", "both"),
            held(f"isolate/api:{HASH}", "image", "both", "web"),
            held(f"isolate/base-python:3.12-{HASH}", "base"),
            held("shop/web:1", "image"),
        )

    def remove_image(self, name: str) -> str:
        self.calls.append(f"remove {name}")
        return ""


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_images_go_when_asked_and_how_much_they_are_is_told(prune: Command, dry: tuple[str, ...]) -> None:
    engine = Pictures().ended("pair", {"isolated": "web", "shared": "both"})
    assert "images" not in " ".join(prune(engine, "--dry-run", "--json").document["removed"]["images"])
    ran = prune(engine, "--images", "--json", *dry)
    assert (ran.document["removed"]["images"], ran.document["size"]) == ([f"isolate/web:{HASH}"], 1_000_000)
    assert ("remove isolate/web:" + HASH in engine.calls) == (not dry)
    bases = prune(engine, "--images", "--bases", "--dry-run")
    assert f"would remove image isolate/base-python:3.12-{HASH}\n" in bases.out
    assert "images of 2.0 MB; what they share with others stays on the disk\n" in bases.out


def test_images_stay_while_a_run_may_be_about_to_use_them(prune: Command) -> None:
    engine = Pictures().died("pair", {"shared": "both"})
    with locks.only_one("other"):
        ran = prune(engine, "--images", "--json")
    assert (ran.code, ran.document["error"]["hint"]) == (75, "wait for it, or leave out --images")
    assert "both" in engine.names()
    assert prune(engine, "--bases").code == 2


@pytest.mark.parametrize("words", [("prune",), ("rm", f"isolate/web:{HASH}")])
def test_images_has_the_same_scruples(command: Command, words: tuple[str, ...]) -> None:
    engine = Pictures()
    with locks.only_one("other"):
        ran = command(engine, "images", *words)
        assert (ran.code, ran.err.splitlines()[0]) == (75, f"error: {BUSY}")
        assert command(engine, "images", *words, "--dry-run").code == 0
        assert not engine.calls
    assert command(engine, "images", *words).code == 0
    assert f"remove isolate/web:{HASH}" in engine.calls


@pytest.mark.parametrize("words", [("prune", "--images"), ("images", "prune"), ("images", "rm", f"isolate/web:{HASH}")])
def test_a_run_that_begins_meanwhile_keeps_its_images(command: Command, words: tuple[str, ...]) -> None:
    with ExitStack() as run:

        class Begins(Pictures):
            def images(self) -> tuple[Held, ...]:
                run.enter_context(locks.only_one("other"))
                return super().images()

        engine = Begins()
        ran = command(engine, *words)
    assert (ran.code, engine.calls) == (1, [])
    assert f"could not remove isolate/web:{HASH}: {BUSY}\n" in ran.out


# --- on the engine -------------------------------------------------------------------------------------------


@pytest.fixture
def strangers(stage: Stage) -> Iterator[set[str]]:
    """Unlabelled, Compose's, of our names, and another project's: none of them ours to touch."""
    make, name = stage.client.containers.create, stage.project
    mine = {"io.isolate.project": f"{name}-other", "io.isolate.owner": "f" * 16, "io.isolate.run": FIRST}
    made = [
        make(stage.image, ["true"], name=f"{name}-plain"),
        make(stage.image, ["true"], name=f"{name}-web-1", labels={"com.docker.compose.project": name}),
        make(stage.image, ["true"], name=f"isolate-{name}_web2"),
        make(stage.image, ["true"], name=f"isolate-{name}-other_web", labels={**mine, "io.isolate.arm": "shared"}),
    ]
    yield {one.name for one in made}
    for one in made:
        one.remove(force=True)


@docker
def test_on_a_real_engine_too_what_a_killed_run_left_goes_and_nothing_else(
    isolate: Isolate, stage: Stage, strangers: set[str]
) -> None:
    """The run is a process that holds the lock: while it lives nothing goes, once it is killed all of it does."""
    mine, theirs = replace(stage, run=FIRST), replace(stage, run=SECOND, owner="1" * 16)
    folder(stage.project, FIRST)
    dead = {mine.box("web"), mine.box("both", arm="shared"), mine.network(), mine.volume()}
    kept = {theirs.box("alone", arm="control")}
    holder = [sys.executable, "-c", HOLDS, stage.project]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        run.stdout.readline()
        assert isolate("prune", stage.project).out == "nothing to remove\n"
        assert stage.names() == dead | kept
        run.kill()
    ran = isolate("prune", stage.project, "--json").document
    assert {name for names in ran["removed"].values() for name in names} == dead
    assert ran["unknown"] == {stage.project: sorted(kept)}
    assert stage.names() == kept
    assert {name.lstrip("/") for one in stage.client.api.containers(all=True) for name in one["Names"]} >= strangers


@docker
def test_an_up_that_is_killed_while_its_shared_box_runs_leaves_nothing_that_prune_does_not_find(
    isolate: Isolate, stage: Stage, tmp_path: Path
) -> None:
    """Before, the same project was up: its boxes are what the killed run took over, and stay."""
    manifest = write(tmp_path, stage.project, {"web": service("python@3.12"), "api": service("python@3.12")})
    assert isolate("up", manifest).code == 0
    meant = stage.names()
    with subprocess.Popen([*COMMAND, "up", manifest], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as run:
        until(lambda: shared(stage))
        assert isolate("prune", manifest).out == "nothing to remove\n"
        run.kill()
    ran = isolate("prune", manifest, "--json").document
    assert ran["removed"]["containers"]
    assert stage.names() == meant
    assert isolate("down", manifest).code == 0
    assert not stage.names()


def shared(stage: Stage) -> bool:
    """A box of the arm `shared` runs."""
    wanted = [f"io.isolate.project={stage.project}", "io.isolate.arm=shared"]
    return bool(stage.client.api.containers(filters={"label": wanted}))


def until(holds: Callable[[], bool]) -> None:
    """Looks until it holds, for a minute at most."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
