"""`version` answers also where no engine does; `completion` knows every verb."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from orchestrator import __version__, resources
from orchestrator.cli import main, verbs
from orchestrator.cli.completion import SHELLS
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


@pytest.mark.parametrize("shell", SHELLS)
def test_a_completion_script_knows_every_verb(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(verb in script for verb in verbs())


def test_bash_completes_verbs_options_and_manifests(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if not bash:
        pytest.skip("no bash here")
    main(["completion", "bash"])
    script = tmp_path / "isolate.bash"
    script.write_text(capsys.readouterr().out)
    ask = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _shtab_isolate; echo "${COMPREPLY[@]}"'
    for words, wanted in (
        ("isolate dow", "down"),
        ("isolate down --dr", "--dry-run"),
        ("isolate up apps/do", "apps/dotnet"),
    ):
        command = [bash, "-c", ask, str(script), *words.split()]
        ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=resources.apps().parent)
        assert ran.stdout.split() == [wanted]
