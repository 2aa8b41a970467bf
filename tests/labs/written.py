"""Labs written for tests: small ones, whose checks cost nothing or one run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HINTS = ["one", "two", "three"]


def step(name: str, *checks: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "title": name.title(), "check": list(checks), "hints": HINTS, "idea": "the idea", **more}


def lab(folder: Path, *steps: Mapping[str, Any], files: Mapping[str, str] | None = None, **more: Any) -> Path:
    """A lab in this folder (JSON is YAML); its texts say which step they are of."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in (files or {}).items():
        (folder / "files" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "files" / path).write_text(text)
    for one in steps:
        place = folder / "steps" / one["name"]
        place.mkdir(parents=True, exist_ok=True)
        (place / "text.md").write_text(f"do {one['name']}\n")
        (place / "after.md").write_text(f"so it was with {one['name']}\n")
    told = {"title": "A lab", "summary": "of a test", "minutes": 10, "steps": list(steps), **more}
    (folder / "lab.yaml").write_text(json.dumps(told))
    return folder


def solution(folder: Path, step: str, **files: str) -> None:
    """Files of a step's solution; `_` in a name stands for the dot."""
    place = folder / "steps" / step / "solution"
    place.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (place / name.replace("_", ".")).write_text(text)


def two_files(parent: Path, name: str = "two") -> Path:
    """A lab of two steps that are done when a file holds a word: no engine is asked."""
    made = lab(
        parent / name,
        step("first", {"file": "a.txt", "holds": "alpha"}),
        step("second", {"file": "b.txt", "holds": {"matches": "^beta$"}}),
        files={"a.txt": "nothing yet\n"},
    )
    solution(made, "first", a_txt="alpha")
    solution(made, "second", b_txt="beta")
    return made
