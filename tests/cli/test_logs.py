"""`logs` tells what the apps said, who said it, and nothing that could act."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

import pytest

from orchestrator import running
from orchestrator.cli import main
from orchestrator.cli.logs import AHEAD, gathered
from orchestrator.engines import Found
from orchestrator.engines.follow import LINE_LIMIT, said
from orchestrator.engines.memory import MemoryEngine
from orchestrator.labels import APP, OWNER, PROJECT
from tests.cli.conftest import Isolate, Stage

docker = pytest.mark.docker
TALK = "printf ':start web\\nweb| one\\nweb+ long, \\nweb| and joined\\nweb| \\nweb| \\033[2Jtwo\\n:exit web 0\\n'"


@docker
def test_lines_come_with_their_app_joined_harmless_and_without_the_launchers_own(
    isolate: Isolate, stage: Stage
) -> None:
    stage.box("web", TALK)
    stage.client.containers.get(f"isolate-{stage.project}-web-isolated").wait()
    ran = isolate("logs", stage.project)
    assert ran.out.splitlines() == ["web | one", "web | long, and joined", "web | ", "web | \\x1b[2Jtwo"]


@docker
def test_a_tail_counts_lines_of_the_app(isolate: Isolate, stage: Stage) -> None:
    stage.box("web", TALK)
    stage.client.containers.get(f"isolate-{stage.project}-web-isolated").wait()
    assert isolate("logs", stage.project, "--tail", "2").out == "web | \nweb | \\x1b[2Jtwo\n"
    assert isolate("logs", "-f", stage.project, "--tail", "1").out == "web | \\x1b[2Jtwo\n"
    lines = isolate("logs", stage.project, "--tail", "1", "--json").document["lines"]
    assert lines == [{"app": "web", "text": "\x1b[2Jtwo"}]


@docker
def test_only_the_apps_that_were_named_are_told(isolate: Isolate, stage: Stage) -> None:
    stage.box("web,api", "echo 'web| from web'; echo 'api| from api'", arm="shared")
    stage.client.containers.get(f"isolate-{stage.project}-web-api-shared").wait()
    assert isolate("logs", stage.project, "api").out == "api | from api\n"
    assert isolate("logs", stage.project, "nobody").code == 3


@docker
def test_what_the_launcher_did_not_write_is_told_as_well(isolate: Isolate, stage: Stage) -> None:
    stage.box("web", "echo 'exec failed: no such file'")
    stage.client.containers.get(f"isolate-{stage.project}-web-isolated").wait()
    assert isolate("logs", stage.project).out == "web | exec failed: no such file\n"


@docker
def test_several_boxes_are_followed_at_once_until_ctrl_c_which_is_quiet(
    isolate: Isolate, stage: Stage, engine_url: str
) -> None:
    for app in ("web", "api"):
        stage.box(app, f"echo '{app}| up'; exec sleep 600")
    command = [sys.executable, "-m", "orchestrator", "logs", "-f", stage.project]
    environment = {**os.environ, "DOCKER_HOST": engine_url}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) as following:
        assert following.stdout
        assert {following.stdout.readline(), following.stdout.readline()} == {"web | up\n", "api | up\n"}
        following.send_signal(signal.SIGINT)
        out, err = following.communicate(timeout=20)
    assert (following.returncode, out, err) == (130, "", "")


@docker
def test_following_ends_with_the_last_box(isolate: Isolate, stage: Stage) -> None:
    stage.box("web", "echo 'web| only'")
    ran = isolate("logs", "-f", stage.project)
    assert (ran.code, ran.out) == (0, "web | only\n")


@docker
def test_one_document_cannot_follow(isolate: Isolate) -> None:
    assert isolate("logs", "-f", "--json").code == 2


@docker
def test_a_project_that_is_not_there_is_an_empty_selection(isolate: Isolate, stage: Stage) -> None:
    assert isolate("logs", stage.project).code == 3


def test_a_line_without_an_end_takes_no_memory_without_an_end() -> None:
    endless: Iterator[str] = (f"web+ {'x' * 500}" for _ in range(10_000))
    (told,) = said([*endless, "web| end"], "web")
    assert len(told[1]) == LINE_LIMIT


def test_a_box_that_breaks_is_not_taken_for_one_that_ended() -> None:
    def broken() -> Iterator[tuple[str, str]]:
        yield "web", "one"
        raise ConnectionError("gone")

    lines = gathered([broken], at_once=True)
    assert next(lines) == ("web", "one")
    with pytest.raises(ConnectionError):
        next(lines)


def test_a_name_that_a_label_says_acts_on_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What bears our labels need not be ours."""

    class Foreign(MemoryEngine):
        def holdings(self, labels: Mapping[str, str]) -> tuple[Found, ...]:
            return (Found("1", "box", "running", {PROJECT: "pair", OWNER: "0", APP: "\x1b[2Jweb\n::error"}),)

        found = holdings

        def logs(self, container: str, *, follow: bool) -> Iterator[str]:
            return iter(["no line of the launcher's"])

    monkeypatch.setattr(running, "open_engine", Foreign)
    assert main(["logs", "pair"]) == 0
    said = capsys.readouterr()
    assert said.out == "\\x1b[2Jweb ::error | no line of the launcher's\n"
    assert said.err.startswith("of what \\x1b[2Jweb ::error has printed only")


def test_boxes_that_print_faster_than_anybody_reads_wait_for_the_reader() -> None:
    printed = itertools.count()

    def endless() -> Iterator[tuple[str, str]]:
        yield from (("web", f"{number}") for number in printed)

    lines = gathered([endless, endless], at_once=True)
    next(lines)
    so_far = -1
    while so_far != (so_far := next(printed)) - 1:
        assert so_far < 10 * AHEAD
        time.sleep(0.2)
    assert next(lines)[0] == "web"
