"""docs/ci.md: the job that it shows for any CI service is run as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.docker
def test_the_job_of_the_page_runs_as_it_stands(engine_url: str, tmp_path: Path) -> None:
    (job,) = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs/ci.md").read_text(), re.MULTILINE | re.DOTALL)
    project = shutil.copytree(ROOT / "apps/python", tmp_path / "project")
    variables = {**os.environ, "ISOLATE": str(ROOT), "CI": "true", "DOCKER_HOST": engine_url}
    variables.pop("GITHUB_ACTIONS", None)
    ran = subprocess.run(
        ["bash", "-e", "-c", job], cwd=project, env=variables, capture_output=True, text=True, timeout=600, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "3 passed, 0 failed" in ran.stdout
    assert {path.name for path in project.iterdir()} >= {"junit.xml", "report.html"}
