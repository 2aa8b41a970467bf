"""Manifests written on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.files import load
from orchestrator.model import App, Manifest

Load = Callable[..., Manifest]


@pytest.fixture
def loaded(tmp_path: Path) -> Load:
    """Texts -> one Manifest; the files are called a.yaml, b.yaml ..."""

    def load_texts(*texts: str, project: str | None = None, together: bool = False) -> Manifest:
        paths = [tmp_path / f"{letter}.yaml" for letter, _ in zip("abc", texts, strict=False)]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, "utf-8")
        return load(paths, project=project, together=together)

    return load_texts


@pytest.fixture
def app(loaded: Load) -> Callable[[str], App]:
    """More keys of a job on Python 3.12 -> the App."""

    def one(keys: str) -> App:
        command = "" if "command:" in keys else "    command: [python]\n"
        lines = "".join(f"    {line}\n" for line in keys.splitlines())
        return loaded(f"name: p\napps:\n  one:\n    runtime: python@3.12\n{command}{lines}").apps["one"]

    return one
