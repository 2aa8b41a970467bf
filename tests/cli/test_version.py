"""`version` answers also where no engine does."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator import __version__
from orchestrator.cli import main
from tests.cli.conftest import Isolate


@pytest.mark.docker
def test_both_versions_are_told(isolate: Isolate, engine_url: str) -> None:
    document = isolate("version", "--json").document
    assert document["tool"]["version"] == __version__
    assert (document["engine"]["kind"], document["engine"]["url"]) == ("docker", engine_url)


def test_without_an_engine_the_rest_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    assert main(["version"]) == 0
    assert f"isolate {__version__}" in capsys.readouterr().out
