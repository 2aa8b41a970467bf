"""Every folder of `apps/` is run from the outside, as a user would, and must hold what its manifest expects."""

from __future__ import annotations

from pathlib import Path

import pytest

from isolate import document, isolate
from orchestrator import resources
from published import is_record

FOLDERS = sorted(path.parent for path in resources.apps().glob("*/manifest.yaml"))
pytestmark = pytest.mark.docker


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_app_of_the_gallery_holds_what_it_expects(folder: Path, engine_url: str, tmp_path: Path) -> None:
    project = f"e2e-{folder.name}"
    manifest = str(folder / "manifest.yaml")
    try:
        ran = isolate("up", manifest, "-p", project, "--json", "--progress", "quiet", url=engine_url)
        told = document(ran)
        shared = told["shared"]
        assert ran.returncode == 0, (ran.stderr, shared)
        assert shared, "the manifest compares nothing"
        assert all(entry["as_expected"] for entry in shared), shared
        for entry in shared:
            beside = [cell for cell in entry["cells"] if cell["arm"] == "shared"]
            assert all(cell["beside"] for cell in beside)
        assert is_record((Path(told["folder"]) / "events.jsonl").read_text("ascii").splitlines())
    finally:
        down = isolate("down", project, "--json", url=engine_url)
    assert down.returncode == 0, down.stderr
