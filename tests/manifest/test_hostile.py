"""Every file of tests/hostile says in its first lines what is wrong with it, and where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestrator.errors import ManifestError
from orchestrator.files import load

HOSTILE = Path(__file__).parents[1] / "hostile"


@pytest.mark.parametrize("path", sorted(HOSTILE.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_wrong_manifest_is_refused_with_place_message_and_hint(path: Path) -> None:
    lines = path.read_text("utf-8").split("\n")
    expected = re.fullmatch(r"# error: (\d+:\d+) (.+)", lines[0])
    hint = re.fullmatch(r"# hint: (.+)", lines[1])
    assert expected
    with pytest.raises(ManifestError) as caught:
        load([path])
    assert caught.value.where == f"{path}:{expected[1]}"
    assert expected[2] in caught.value.message.replace(f"{HOSTILE}/", "")
    assert not hint or hint[1] in caught.value.hint
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("path", sorted(HOSTILE.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_parser_written_in_python_refuses_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("yaml.CSafeLoader", raising=False)
    with pytest.raises(ManifestError):
        load([path])
