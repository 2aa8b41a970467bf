"""Builds through the docker client, which a script stands in for: what it is told, and what its end proves."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orchestrator.engines import Built, buildx
from orchestrator.engines.building import Terms
from orchestrator.engines.under_way import UnderWay
from orchestrator.errors import Unavailable
from orchestrator.model import Image

Client = Callable[[str], Callable[..., Built]]
STEP = "#7 0.412 the app's own word: exit code: 9"
FAILED = '#7 ERROR: process "/bin/sh -c echo exit code: 8; exit 7" did not complete successfully: exit code: 7'


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Shell lines that are `docker` from now on -> a build with it; what they write lands in tmp_path."""

    def made(script: str) -> Callable[..., Built]:
        (tmp_path / "bin").mkdir()
        program = tmp_path / "bin/docker"
        program.write_text(f"#!/bin/sh\ncd '{tmp_path}'\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setattr(buildx, "client_environment", lambda url: {"DOCKER_HOST": url})

        def build(
            under_way: UnderWay | None = None,
            terms: Terms | None = None,
            emit: Callable[[str], object] = str,
            **facts: object,
        ) -> Built:
            image = Image("isolate/x:1", "x", "FROM scratch\n", (), "a test", **facts)  # type: ignore[arg-type]
            with (tmp_path / "context").open("w+b") as context:
                return buildx.build(
                    "unix:///nowhere", image, context, terms or Terms(), emit, under_way or UnderWay(), str
                )

        return build

    return made


def test_secrets_reach_the_builder_and_no_file_and_no_command_line(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    build = client(
        'printf "%s\\n" "$@" > words; env -0 > variables; grep -rl --exclude-dir=bin canary . > files; exit 0'
    )
    secrets = {"pip.conf": b"[global]\nindex-url = http://me:canary@x/\n", "npmrc": "canary\u00e9\n".encode()}
    assert build(secrets=secrets).ok
    words = (tmp_path / "words").read_text().splitlines()
    variables = dict(one.split(b"=", 1) for one in (tmp_path / "variables").read_bytes().split(b"\0") if one)
    given = [word.split(",env=") for word in words if word.startswith("id=")]
    assert {name.removeprefix("id="): variables[place.encode()] for name, place in given} == secrets
    assert "canary" not in " ".join(words)
    assert (tmp_path / "files").read_text().split() == ["./variables"]


@pytest.mark.parametrize("network", [True, False])
def test_a_proxy_is_told_to_a_build_that_reaches_a_network_alone(client: Client, tmp_path: Path, network: bool) -> None:
    build = client('printf "%s\\n" "$@" > words; env > variables; exit 0')
    assert build(terms=Terms({"ALL_PROXY": "http://me:word@proxy"}), network=network).ok
    assert ("--build-arg\nALL_PROXY\n" in (tmp_path / "words").read_text()) is network
    assert ("me:word@proxy" in (tmp_path / "variables").read_text()) is network


@pytest.mark.parametrize("content", [b"a\0b", b"x" * 200_000], ids=["nul", "long"])
def test_a_secret_that_cannot_be_handed_over_is_told_of(client: Client, content: bytes) -> None:
    with pytest.raises(Unavailable, match=r"pip\.conf"):
        client("exit 0")(secrets={"pip.conf": content})


@pytest.mark.parametrize(
    "script",
    ["trap '' TERM", "trap 'exit 1' TERM; (trap '' TERM; while :; do sleep 1; done) &"],
    ids=["itself", "its plugin"],
)
def test_a_client_that_does_not_end_when_it_is_asked_is_killed_with_its_plugin(
    client: Client, script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buildx, "GRACE_SECONDS", 0.3)
    build = client(f"{script}\necho told >&2\nwhile :; do sleep 0.1; done")
    under_way, heard = UnderWay(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(build, under_way, emit=lambda _: heard.set())
        assert heard.wait(10)
        under_way.give_up()
        with pytest.raises(Unavailable, match="given up"):
            building.result(10)


def test_a_client_that_does_not_answer_is_none(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buildx, "PROBE_SECONDS", 0.2)
    client("exec sleep 60")
    began = time.monotonic()
    assert not buildx.available("unix:///nowhere")
    assert time.monotonic() - began < 5


def test_a_step_that_failed_tells_its_own_code(client: Client) -> None:
    built = client(f"cat >&2 <<'END'\n{STEP}\n{FAILED}\nEND\nexit 1")()
    assert (built.ok, built.exit_code) == (False, 7)


@pytest.mark.parametrize("end", ["kill -9 $$", "exit 1"])
def test_a_client_that_ended_without_a_step_that_failed_tells_no_code(client: Client, end: str) -> None:
    built = client(f"cat >&2 <<'END'\n{STEP}\nEND\n{end}")()
    assert (built.ok, built.exit_code) == (False, None)
