"""What the documents tell a newcomer is true: commands parse, the manifest is valid, tables and verbs agree."""

from __future__ import annotations

import re
import shlex
from itertools import takewhile
from pathlib import Path

import pytest

from isolate import isolate
from orchestrator.catalogue import beside, entries
from orchestrator.cli import parser, verbs
from orchestrator.files import load
from orchestrator.runtimes import families

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SHELL = ("&&", "|", ">", ";")
PLACEHOLDER = {
    "M...": "m.yaml",
    "M": "m.yaml",
    "DIR": "out",
    "APP": "app",
    "TAG...": "x",
    "NAME": "name",
    "CMD...": "true",
}


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[str]:
    """Every `isolate ...` of a page: in fences, and between backticks."""
    text = page.read_text()
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    shell = [line for language, block in blocks if language in ("", "sh") for line in block.splitlines()]
    lines = [line.split("#")[0].strip().removeprefix(".isolate/bin/") for line in shell]
    inline = re.findall(r"`(isolate [^`]+)`", text)
    return [text for text in (*lines, *inline) if text.startswith("isolate ") and "isolate &&" not in text]


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("command", dict.fromkeys(command for page in PAGES for command in commands(page)))
def test_every_command_of_the_documents_is_one(command: str) -> None:
    told = list(takewhile(lambda word: word not in (*SHELL, "2>&1"), shlex.split(command)))
    words = [PLACEHOLDER.get(word, word) for word in told[1:]]
    if len(words) == 1:
        assert words[0] in verbs()
        return
    assert parser().parse_args(words).verb == words[0]


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_is_in_the_readme_and_shows_an_example_that_parses(verb: str) -> None:
    module = verbs()[verb]
    assert re.search(rf"\b{verb}\b", README)
    for example in module.EXAMPLE.splitlines():
        words = shlex.split(example.strip(), comments=True)
        if words and words[0] == "isolate":
            until = next((place for place, word in enumerate(words) if word in SHELL), None)
            assert parser().parse_args(words[1:until]).verb == verb


def test_the_manifest_of_the_readme_is_valid(tmp_path: Path) -> None:
    (text,) = fenced("yaml")
    for folder in ("invoice", "telemetry"):
        (tmp_path / folder).mkdir()
    path = tmp_path / "manifest.yaml"
    path.write_text(text)
    manifest = load([path])
    assert list(manifest.apps) == ["invoice", "telemetry"]


def test_every_example_folder_is_linked_and_explains_itself() -> None:
    for folder in sorted(path.parent for path in (ROOT / "apps").glob("*/manifest.yaml")):
        assert f"[{folder.name}](apps/{folder.name})" in README
        told = (folder / "README.md").read_text()
        assert "## What it shows" in told
        assert "## What is not claimed" in told


def test_the_walk_through_the_gallery_passes_every_folder() -> None:
    walk = (ROOT / "docs/gallery.md").read_text()
    folders = {path.parent.name for path in (ROOT / "apps").glob("*/manifest.yaml")}
    assert set(re.findall(r"\[([\w-]+)\]\(\.\./apps/\1\)", walk)) == folders


def test_every_family_has_its_folder() -> None:
    for family in families():
        assert entries(family)
        names = {path.name for path in (ROOT / "images" / family).iterdir()}
        assert names >= {"versions.yaml", "base.Dockerfile", "Dockerfile.j2"}
        assert bool(beside(family)) == ("environment.j2" in names)


def test_help_names_every_verb_and_the_first_steps() -> None:
    ran = isolate("--help", url="unix:///nowhere")
    assert ran.returncode == 0
    assert all(verb in ran.stdout for verb in verbs())
    assert "first steps:" in ran.stdout


def test_every_place_that_the_threat_model_names_is_there() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    named = re.findall(r"`((?:tests|orchestrator)/[^`]+)`", text)
    assert len(named) > 15
    assert [place for place in named if not list(ROOT.glob(place))] == []
    assert "(SECURITY.md)" in README
