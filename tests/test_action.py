"""The GitHub action, as far as it goes without GitHub: its steps are run as the runner would run them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = ACTION["runs"]["steps"]
EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")


def step(name: str, known: Mapping[str, str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """One step in bash, with the options that the runner gives it; expressions stand in `env` alone."""
    (found,) = [one for one in STEPS if one["name"] == name]
    variables = {key: EXPRESSION.sub(lambda seen: known[seen[1]], value) for key, value in found["env"].items()}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found["run"]],
        env={**os.environ, **environment, **variables},
        cwd=known["workspace"],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_no_input_becomes_part_of_a_script() -> None:
    assert not [one["name"] for one in STEPS if EXPRESSION.search(one["run"])]
    used = {name for one in STEPS for value in one["env"].values() for name in EXPRESSION.findall(value)}
    assert {name for name in used if name.startswith("inputs.")} == {f"inputs.{name}" for name in ACTION["inputs"]}


@pytest.mark.docker
def test_the_steps_install_isolate_and_report_what_it_found(engine_url: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "apps/python", tmp_path / "work space")
    known = {f"inputs.{name}": one["default"] for name, one in ACTION["inputs"].items()}
    known |= {"github.action_path": str(ROOT), "runner.temp": str(tmp_path / "temp"), "inputs.args": "--repeat\n2"}
    known |= {"workspace": str(tmp_path / "work space"), "inputs.reports": "the reports"}
    job = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    environment = {**job, "GITHUB_ACTIONS": "true", "CI": "true", "DOCKER_HOST": engine_url}
    installed = step("Install isolate", known, environment)
    assert installed.returncode == 0, installed.stderr
    assert "isolate" in installed.stdout
    ran = step("Run the experiment", known, environment)
    assert ran.returncode == 0, ran.stderr
    outputs = dict(line.split("=") for line in (tmp_path / "GITHUB_OUTPUT").read_text().splitlines())
    assert outputs == {"verdict": "conflict", "exit-code": "0"}
    reports = {path.name for path in (tmp_path / "work space" / "the reports").iterdir()}
    assert reports == {"junit.xml", "report.html", "summary.md", "result.json"}
    assert "conflict" in (tmp_path / "GITHUB_STEP_SUMMARY").read_text()
    assert "::notice " in ran.stderr


@pytest.mark.docker
def test_a_step_whose_manifest_is_missing_fails_and_says_so(engine_url: str, tmp_path: Path) -> None:
    known = {f"inputs.{name}": one["default"] for name, one in ACTION["inputs"].items()}
    known |= {"github.action_path": str(ROOT), "runner.temp": str(tmp_path / "temp"), "workspace": str(tmp_path)}
    (tmp_path / "temp/isolate/bin").mkdir(parents=True)
    for name in ("isolate", "python"):
        (tmp_path / "temp/isolate/bin" / name).symlink_to(ROOT / ".venv/bin" / name)
    environment = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_ACTIONS": "true", "DOCKER_HOST": engine_url}
    ran = step("Run the experiment", known, environment)
    assert ran.returncode == 2
    assert "manifest.yaml" in ran.stderr
    assert (tmp_path / "output").read_text() == "verdict=\nexit-code=2\n"
    assert (tmp_path / "isolate-report/junit.xml").exists()
