"""Completion in real shells: verbs, options, manifests, and the names of projects and apps.

The engine is a few answers on a socket; one test asks the real one.
"""

from __future__ import annotations

import json
import os
import pty
import select
import shlex
import shutil
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from time import monotonic
from urllib.parse import parse_qs, urlsplit

import pytest

from isolate import isolate
from orchestrator import resources
from orchestrator.cli import verbs
from orchestrator.cli._known import SECONDS
from orchestrator.cli.completion import SHELLS, script
from tests.cli.conftest import Stage

ROOT = resources.apps().parent
HOSTILE = ("$(touch owned)", "a b", "`touch owned`", "x;touch owned", "../up", "new\nline", "-rf", "A")
Complete = Callable[[str], list[str]]


def box(project: str, app: str) -> dict[str, object]:
    labels = {"io.isolate.project": project, "io.isolate.app": app, "io.isolate.owner": "0" * 16}
    name = f"{project}_{app}"
    return {"Id": name, "Names": [f"/{name}"], "Labels": labels, "State": "running", "Status": "Up", "Ports": []}


class Answers(BaseHTTPRequestHandler):
    """Lists the boxes of its server's class; there are no networks and no volumes."""

    boxes: tuple[dict[str, object], ...] = ()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        wanted = json.loads(parse_qs(url.query).get("filters", ["{}"])[0]).get("label", [])
        body: object = {"/version": {"ApiVersion": "1.43"}}.get(url.path, [])
        if url.path.endswith("/volumes"):
            body = {"Volumes": []}
        if url.path.endswith("/containers/json"):
            body = [one for one in self.boxes if all(_has(one["Labels"], label) for label in wanted)]  # type: ignore[arg-type]
        self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + json.dumps(body).encode())


class Hangs(BaseHTTPRequestHandler):
    """Is there, and then says nothing for as long as one cares to wait."""

    def do_GET(self) -> None:
        if self.path.endswith("_ping"):
            self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\nOK")
        else:
            self.connection.recv(1)


def _has(labels: Mapping[str, str], wanted: str) -> bool:
    name, _, value = wanted.partition("=")
    return name in labels and value in ("", labels[name])


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts an engine that holds these boxes; gives its address."""
    servers: list[socketserver.ThreadingUnixStreamServer] = []

    def start(*boxes: dict[str, object], kind: type[BaseHTTPRequestHandler] = Answers) -> str:
        path = str(tmp_path / f"e{len(servers)}.sock")
        handler = type("Holding", (kind,), {"boxes": boxes})
        servers.append(socketserver.ThreadingUnixStreamServer(path, handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return f"unix://{path}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def two_projects(engine: Callable[..., str]) -> str:
    named = (box("pair-2.2", "invoice"), box("pair-2.2", "telemetry"), box("zoo", "ape"))
    return engine(*named, *(box(word, word) for word in HOSTILE))


def program(shell: str) -> str:
    found = shutil.which(shell)
    assert found, f"{shell} is not here; make shells installs it"
    return found


@pytest.fixture
def scripts(tmp_path: Path) -> Callable[[str], str]:
    def write(shell: str) -> str:
        path = tmp_path / f"isolate.{shell}"
        path.write_text(script(shell))
        return str(path)

    return write


def environment(url: str, home: Path) -> dict[str, str]:
    known = {"DOCKER_HOST": url, "XDG_STATE_HOME": str(home / "state"), "HOME": str(home), "TERM": "xterm"}
    return {**os.environ, **known, "PYTHONPATH": str(ROOT)}


def in_bash(path: str, url: str, home: Path, folder: Path = ROOT) -> Complete:
    ask = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _shtab_isolate; printf "%s\\n" "${COMPREPLY[@]}"'

    def complete(line: str) -> list[str]:
        words = [*shlex.split(line), *([""] if line.endswith(" ") else [])]
        command = [program("bash"), "--norc", "-c", ask, path, *words]
        ran = subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=folder, env=environment(url, home), timeout=30
        )
        assert ran.stderr == ""
        return [name for name in ran.stdout.splitlines() if name]

    return complete


def in_fish(path: str, url: str, home: Path, folder: Path = ROOT) -> Complete:
    def complete(line: str) -> list[str]:
        command = [program("fish"), "--no-config", "-c", f"source {path}; complete -C {shlex.quote(line)}"]
        ran = subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=folder, env=environment(url, home), timeout=30
        )
        assert ran.stderr == ""
        return [name.partition("\t")[0] for name in ran.stdout.splitlines()]

    return complete


def in_zsh(path: str, url: str, home: Path, folder: Path = ROOT) -> Complete:
    """At a real prompt: zsh completes nowhere else. `^T` lists what Tab would offer, without completing it."""
    setup = f"""
PS1='> '; unsetopt zle_bracketed_paste beep; LISTMAX=1000
autoload -U compinit; compinit -u -D
. {path} 2>/dev/null; eval "$(<{path})"
seen=(); compadd() {{
  local -a got; builtin compadd -O got "$@" 2>/dev/null; seen+=("${{got[@]}}"); builtin compadd "$@"
}}
offer() {{ seen=(); zle -c 2>/dev/null; zle list-choices; print -rl -- '' '<<' "${{seen[@]}}" '>>' > {home}/offered.part
  mv {home}/offered.part {home}/offered }}
zle -N offer; bindkey '^T' offer; print rea''dy
"""

    def complete(line: str) -> list[str]:
        offered = home / "offered"
        offered.unlink(missing_ok=True)
        (home / "setup.zsh").write_text(setup)
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [program("zsh"), "-f", "-i"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env=environment(url, home),
            start_new_session=True,
        ) as shell:
            os.close(theirs)
            os.write(ours, f". {home}/setup.zsh\n".encode())
            said = _until(ours, lambda said: b"ready" in said)
            os.write(ours, line.encode() + b"\x14")
            said += _until(ours, lambda _: offered.exists())
            shell.kill()
        os.close(ours)
        assert offered.exists(), said.decode(errors="replace")
        return sorted(set(offered.read_text().splitlines()) - {"", "<<", ">>"})

    return complete


def _until(terminal: int, done: Callable[[bytes], bool], seconds: float = 20) -> bytes:
    said, deadline = b"", monotonic() + seconds
    while not done(said) and monotonic() < deadline:
        if select.select([terminal], [], [], 0.05)[0]:
            said += os.read(terminal, 65536)
    return said


IN = {"bash": in_bash, "zsh": in_zsh, "fish": in_fish}
EVERY = pytest.mark.parametrize("shell", SHELLS)


def test_every_shell_has_its_tests() -> None:
    assert set(IN) == set(SHELLS)


@EVERY
def test_a_completion_script_knows_every_verb(shell: str) -> None:
    assert all(verb in script(shell) for verb in verbs())


@EVERY
def test_verbs_options_words_and_manifests_are_completed(
    shell: str, scripts: Callable[[str], str], two_projects: str, tmp_path: Path
) -> None:
    complete = IN[shell](scripts(shell), two_projects, tmp_path)
    assert complete("isolate dow") == ["down"]
    assert complete("isolate down --dr") == ["--dry-run"]
    assert complete("isolate schema res") == ["result"]
    found = [name.removeprefix("apps/dotnet/").rstrip("/") for name in complete("isolate up apps/dotnet/")]
    assert "manifest.yaml" in found
    assert "README.md" not in found


@EVERY
def test_projects_then_their_apps_are_completed_and_only_what_is_a_name(
    shell: str, scripts: Callable[[str], str], two_projects: str, tmp_path: Path
) -> None:
    (tmp_path / "here").mkdir()
    complete = IN[shell](scripts(shell), two_projects, tmp_path, tmp_path / "here")
    assert sorted(complete("isolate down ")) == ["pair-2.2", "zoo"]
    assert complete("isolate down pa") == ["pair-2.2"]
    assert complete("isolate down zoo ") == ["pair-2.2"]
    assert complete("isolate ps z") == ["zoo"]
    assert complete("isolate logs --tail 5 z") == ["zoo"]
    assert sorted(complete("isolate logs pair-2.2 ")) == ["invoice", "telemetry"]
    assert complete("isolate logs pair-2.2 telemetry i") == ["invoice"]
    assert complete("isolate exec pair-2.2 t") == ["telemetry"]
    assert list((tmp_path / "here").iterdir()) == []


@EVERY
def test_apps_and_entries_come_from_the_manifest_on_the_line(
    shell: str, scripts: Callable[[str], str], two_projects: str, tmp_path: Path
) -> None:
    complete = IN[shell](scripts(shell), two_projects, tmp_path)
    assert sorted(complete("isolate up apps/dotnet/manifest.yaml --app ")) == ["invoice", "telemetry"]
    assert complete("isolate test apps/dotnet/manifest.yaml --shared roll") == ["roll-forward"]
    assert complete("isolate bisect apps/python/manifest.yaml leg") == ["legacy"]


@EVERY
def test_an_engine_that_hangs_does_not_hold_a_prompt(
    shell: str, scripts: Callable[[str], str], engine: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "here").mkdir()
    complete = IN[shell](scripts(shell), engine(kind=Hangs), tmp_path, tmp_path / "here")
    assert complete("isolate down ") == []


@pytest.mark.parametrize("line", ["isolate down", "isolate logs x", "nothing", ""])
@pytest.mark.parametrize("hangs", [True, False])
def test_where_nothing_is_known_names_are_none_quickly_and_quietly(
    line: str, hangs: bool, engine: Callable[..., str], tmp_path: Path
) -> None:
    url = engine(kind=Hangs) if hangs else f"unix://{tmp_path}/nobody"
    began = monotonic()
    ran = isolate("completion", "--names", "targets", "--", *line.split(), url=url, seconds=30)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert monotonic() - began < SECONDS + 3
    assert SECONDS <= 2


def test_a_manifest_that_is_wrong_has_no_names(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("apps: [")
    ran = isolate("completion", "--names", "apps", "--", "isolate", "up", str(tmp_path / "m.yaml"), "--app", url="")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_what_lies_in_the_folder_of_the_prompt_is_not_run(two_projects: str, tmp_path: Path) -> None:
    (tmp_path / "orchestrator").mkdir()
    (tmp_path / "orchestrator/__init__.py").write_text("open('owned', 'w')")
    (tmp_path / "isolate").write_text("#!/bin/sh\ntouch owned\n")
    (tmp_path / "isolate").chmod(0o755)
    path = tmp_path / "isolate.bash"
    path.write_text(script("bash"))
    assert f"{sys.executable} -P -m" in path.read_text()
    assert "zoo" in in_bash(str(path), two_projects, tmp_path, tmp_path)("./isolate down z")
    assert not (tmp_path / "owned").exists()


def test_which_shell_has_to_be_said() -> None:
    ran = isolate("completion", url="")
    assert ran.returncode == 2
    assert "bash, zsh or fish" in ran.stderr


@pytest.mark.docker
def test_the_names_are_those_of_the_real_engine(
    stage: Stage, engine_url: str, scripts: Callable[[str], str], tmp_path: Path
) -> None:
    stage.box("web")
    (tmp_path / "here").mkdir()
    complete = in_bash(scripts("bash"), engine_url, tmp_path, tmp_path / "here")
    assert complete(f"isolate down {stage.project[:-1]}") == [stage.project]
    assert complete(f"isolate logs {stage.project} ") == ["web"]
