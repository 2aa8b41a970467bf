"""Builds through the docker client, which a script stands in for: what it is told, and what its end proves."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.engines import Built, buildx
from orchestrator.engines.building import Terms
from orchestrator.engines.under_way import UnderWay
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

        def build(under_way: UnderWay | None = None, terms: Terms | None = None, **facts: object) -> Built:
            image = Image("isolate/x:1", "x", "FROM scratch\n", (), "a test", **facts)  # type: ignore[arg-type]
            with (tmp_path / "context").open("w+b") as context:
                return buildx.build(
                    "unix:///nowhere", image, context, terms or Terms(), lambda _: None, under_way or UnderWay(), str
                )

        return build

    return made


def test_a_step_that_failed_tells_its_own_code(client: Client) -> None:
    built = client(f"cat >&2 <<'END'\n{STEP}\n{FAILED}\nEND\nexit 1")()
    assert (built.ok, built.exit_code) == (False, 7)


@pytest.mark.parametrize("end", ["kill -9 $$", "exit 1"])
def test_a_client_that_ended_without_a_step_that_failed_tells_no_code(client: Client, end: str) -> None:
    built = client(f"cat >&2 <<'END'\n{STEP}\nEND\n{end}")()
    assert (built.ok, built.exit_code) == (False, None)
