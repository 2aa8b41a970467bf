"""docs/families.md adds a family: what stands there, put into a copy of the project, keeps what every family keeps."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/families.md").read_text()
FILES = dict(re.findall(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the family of the page."""
    made = tmp_path_factory.mktemp("page") / "isolate"
    kept = shutil.ignore_patterns("__pycache__")
    for name in ("orchestrator", "images", "apps", "tests"):
        shutil.copytree(ROOT / name, made / name, ignore=kept)
    shutil.copy(ROOT / "pyproject.toml", made)
    for path, text in FILES.items():
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_text(text)
    return made


def run(copy: Path, *words: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        (sys.executable, "-m", *words), cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_page_is_one_file_and_one_folder_and_an_example() -> None:
    tops = {path for path in FILES if not path.startswith(("images/lua/", "apps/lua/"))}
    assert tops == {"orchestrator/runtimes/lua.py", "tests/runtimes/test_lua.py"}
    assert len(FILES) == 8


def test_its_family_keeps_what_every_family_keeps(copy: Path) -> None:
    assert " passed" in run(copy, "pytest", "-q", "-p", "no:cacheprovider", "tests/runtimes/test_lua.py")
    kept = ("tests/runtimes/test_families.py", "tests/test_templates.py", "tests/test_catalogue.py")
    assert " passed" in run(copy, "pytest", "-q", "-p", "no:cacheprovider", "-k", "lua or family", *kept)


def test_its_example_is_valid_and_can_be_planned(copy: Path) -> None:
    run(copy, "orchestrator", "validate", "apps/lua/manifest.yaml")
    plan = run(copy, "orchestrator", "up", "apps/lua/manifest.yaml", "--dry-run")
    assert "lua@5.1" in plan
    assert "shared lua@5.4 together: old + new" in plan
