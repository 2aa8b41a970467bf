"""The wheel carries its templates and apps, and the installed command works outside of the checkout."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with nothing but the wheel; its dependencies are those of the running one."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=False)
    python = folder / "env/bin/python"
    site = subprocess.check_output([python, "-c", "import site; print(site.getsitepackages()[0])"], text=True).strip()
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, str(wheel)], check=True
    )
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    Path(site, "dependencies.pth").write_text(f"{ours}\n")
    return python


def run(python: Path, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [python, "-P", "-m", "orchestrator", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_installed_command_finds_its_catalogue_its_apps_and_its_templates(installed: Path, tmp_path: Path) -> None:
    where = "import orchestrator, orchestrator.resources as r; print(orchestrator.__file__, r.apps(), r.images())"
    told = subprocess.check_output([installed, "-P", "-c", where], text=True, cwd=tmp_path)
    assert all(word.startswith(str(installed.parents[1])) for word in told.split())
    apps = Path(told.split()[1])
    ran = run(installed, "render", str(apps / "python/manifest.yaml"), "-o", "out", folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "out/compose.yaml").is_file()


def test_the_installed_package_draws_the_page(installed: Path, tmp_path: Path) -> None:
    draw = "from orchestrator.reports import Run; from orchestrator.reports.html import html; print(html(Run((), {})))"
    told = subprocess.check_output([installed, "-P", "-c", draw], text=True, cwd=tmp_path)
    assert "nothing was observed" in told


def test_the_installed_package_draws_the_slide(installed: Path, tmp_path: Path) -> None:
    draw = "from orchestrator.reports import Run; from orchestrator.reports.svg import svg; print(svg(Run((), {})))"
    told = subprocess.check_output([installed, "-P", "-c", draw], text=True, cwd=tmp_path)
    assert "nothing was observed" in told
