"""The folder that one run leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.errors import Unavailable
from orchestrator.runs import RunFolder


def test_a_state_folder_that_cannot_be_written_to_is_told_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(Unavailable, match="cannot be made: Not a directory") as refused:
        RunFolder("project", "run")
    assert "XDG_STATE_HOME" in refused.value.hint
