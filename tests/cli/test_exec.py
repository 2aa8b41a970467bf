"""`exec` is the app's own place: its user, folder, environment; the exit code is the command's."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from orchestrator import running
from orchestrator.cli import exec as verb
from orchestrator.cli import main
from orchestrator.cli.exec import passing
from planted import Planted
from published import is_result
from tests.cli.conftest import Isolate, Stage

docker = pytest.mark.docker


@docker
def test_with_one_project_the_app_is_enough_and_p_names_the_project(isolate: Isolate, stage: Stage) -> None:
    stage.box("web")
    assert isolate("exec", "-p", stage.project, "web", "--", "sh", "-c", "exit 42").code == 42


@docker
def test_a_command_runs_as_the_apps_user_in_its_folder_and_environment(isolate: Isolate, stage: Stage) -> None:
    stage.box("web", user="10001:10001", working_dir="/usr/lib", environment={"WHO": "me"})
    document = isolate("exec", "--json", stage.project, "web", "--", "sh", "-c", "id -u; pwd; echo $WHO").document
    assert document["stdout"] == "10001\n/usr/lib\nme\n"


@docker
@pytest.mark.parametrize("code", [0, 3, 255])
def test_the_exit_code_is_the_commands_own(isolate: Isolate, stage: Stage, code: int) -> None:
    stage.box("web")
    assert (
        isolate("exec", "--json", stage.project, "web", "--", "sh", "-c", f"exit {code}").document["exit_code"] == code
    )


@docker
def test_a_command_that_is_not_there_ends_as_in_a_shell(isolate: Isolate, stage: Stage) -> None:
    stage.box("web")
    assert isolate("exec", "--json", stage.project, "web", "--", "nothing-like-this").code in {126, 127}


@docker
def test_output_passes_as_bytes_and_dashes_belong_to_the_command(stage: Stage, engine_url: str) -> None:
    stage.box("web")
    script = "printf '\\377\\033[2J%s' \"$@\"; printf err >&2"
    words = ["exec", stage.project, "web", "--", "sh", "-c", script, "sh", "--json", "--", "-p"]
    environment: Mapping[str, str] = {**os.environ, "DOCKER_HOST": engine_url}
    ran = subprocess.run(
        [sys.executable, "-m", "orchestrator", *words], capture_output=True, env=environment, check=True
    )
    assert ran.stdout == b"\xff\x1b[2J--json\xff\x1b[2J--\xff\x1b[2J-p"
    assert ran.stderr == b"err"


@docker
def test_as_in_compose_a_command_needs_no_dashes_and_keeps_its_options(isolate: Isolate, stage: Stage) -> None:
    stage.box("web")
    ran = isolate("exec", "--json", stage.project, "web", "sh", "-c", "echo $1", "sh", "--json")
    assert ran.document["stdout"] == "--json\n"
    assert isolate("exec", stage.project, "web").code == 2


@docker
def test_an_app_that_has_ended_cannot_be_entered(isolate: Isolate, stage: Stage) -> None:
    name = stage.box("web", "exit 4")
    stage.client.containers.get(name).wait()
    ran = isolate("exec", stage.project, "web", "--", "true")
    assert ran.code == 3
    assert "Exited (4)" in ran.err


@docker
def test_only_the_isolated_box_is_entered(isolate: Isolate, stage: Stage) -> None:
    stage.box("web", arm="control")
    assert isolate("exec", stage.project, "web", "--", "true").code == 3


@pytest.mark.parametrize("words", ["web", "web --", "-- ls", "a b c -- ls"])
def test_which_app_and_which_command_must_be_clear(words: str) -> None:
    assert main(["exec", *words.split()]) == 2


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_nothing_that_acts_and_no_broken_characters() -> None:
    raw = io.BytesIO()
    screen = Terminal(raw, encoding="utf-8")
    write = passing(screen, screen)
    for piece in (b"caf\xc3", b"\xa9 \x1b[2J", b"\xff" * 5000):
        write("stdout", piece)
    assert raw.getvalue().decode() == "café \\x1b[2J" + r"\ufffd" * 5000


def test_one_document_has_the_begin_of_what_is_printed_and_how_much_more_there_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(verb, "KEPT_BYTES", 10)

    class Talks(Planted):
        def execute(self, container: str, argv: Sequence[str], write: verb.Write) -> int:
            for piece in (b"12345678", b"9\xc3\xa9", b"more"):
                write("stdout", piece)
            write("stderr", b"all of it!")
            return 3

    engine = Talks().strange("pair", {"isolated": "box"})
    monkeypatch.setattr(running, "open_engine", lambda: engine)
    assert main(["exec", "--json", "web", "true"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert is_result(told)
    assert (told["stdout"], told["stderr"], told["unkept"]) == ("123456789\ufffd", "all of it!", {"stdout": 5})
