"""A folder that comes with a manifest is no way out of it for `render`, whoever made it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.cli import main
from orchestrator.cli.render import LIST

MANIFEST = "name: x\napps:\n  one:\n    runtime: python@3.12\n    command: [python, -V]\n"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Of an earlier render, as it seems; beside it what is not its."""
    (tmp_path / "manifest.yaml").write_text(MANIFEST)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "diary").write_text("mine")
    made = tmp_path / "out"
    made.mkdir()
    (made / LIST).write_text("[]")
    return made


@pytest.mark.parametrize("name", ["../outside/diary", "link/diary", "/{}/outside/diary", "one/../../outside/diary"])
def test_a_list_of_files_to_replace_reaches_no_other_folder(name: str, out: Path) -> None:
    (out / "link").symlink_to("../outside")
    (out / LIST).write_text(json.dumps([name.format(out.parent)]))
    assert main(["render", str(out.parent / "manifest.yaml"), "-o", str(out)]) == 0
    assert (out.parent / "outside" / "diary").read_text() == "mine"


@pytest.mark.parametrize(
    "text", ["", "{", '{"a": 1}', "[1, null, []]", '["\\u0000", "", "..", "/"]', "[" * 100_000, "\xff"]
)
def test_a_list_that_is_none_names_nothing(text: str, out: Path) -> None:
    (out / LIST).write_text(text, encoding="latin-1")
    assert main(["render", str(out.parent / "manifest.yaml"), "-o", str(out)]) == 0


def test_nothing_is_written_through_a_link_that_leads_out(out: Path) -> None:
    (out / "one").symlink_to("../outside")
    assert main(["render", str(out.parent / "manifest.yaml"), "-o", str(out)]) == 2
    assert [path.name for path in (out.parent / "outside").iterdir()] == ["diary"]
