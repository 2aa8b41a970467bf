"""The manifest that `init` writes for a folder shaped like a real project runs as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from isolate import document, isolate
from shapes import REPOSITORY, SHAPES, put


@pytest.mark.docker
@pytest.mark.parametrize("family", SHAPES)
def test_what_it_writes_runs(tmp_path: Path, engine_url: str, family: str) -> None:
    folder = put(tmp_path / f"init-{family}", SHAPES[family])
    assert isolate("init", str(folder), url=engine_url).returncode == 0
    _runs(folder / "manifest.yaml", f"init-{family}", engine_url)


@pytest.mark.docker
def test_a_repository_with_a_compose_file_runs_too(tmp_path: Path, engine_url: str) -> None:
    folder = put(tmp_path / "init-repository", REPOSITORY)
    assert isolate("init", str(folder), url=engine_url).returncode == 0
    _runs(folder / "manifest.yaml", "init-repository", engine_url)


def _runs(manifest: Path, project: str, url: str) -> None:
    try:
        ran = isolate("up", str(manifest), "-p", project, "--arm", "isolated", "--json", url=url)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert all(app["state"] in {"healthy", "exited"} for app in document(ran)["apps"].values())
    finally:
        assert isolate("down", str(manifest), "-p", project, url=url).returncode == 0
