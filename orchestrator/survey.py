"""Looks through a folder for what says something about runtimes. Follows no link, and ends soon whatever it meets."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path

from orchestrator.errors import UsageError
from orchestrator.files import LARGEST_DECLARATION, regular
from orchestrator.proposals import Place, Tree

MOST_FOLDERS = 400
MOST_ENTRIES = 2000
"""Of one folder."""
MOST_BYTES = 4 << 20
"""Of all texts together."""
DEEPEST = 10
"""Sources of Java lie that deep."""
SKIPPED = {
    *("node_modules", "bower_components", "vendor", "venv", "env", "virtualenv", "site-packages", "__pycache__"),
    *("bin", "obj", "build", "dist", "target", "out", "coverage"),
}


def survey(root: Path, patterns: Sequence[str]) -> Tree:
    """The folder and those below it, near ones first, with the texts of files that match a pattern.

    Hidden folders and those that tools fill are left out. Raises UsageError where `root` is no folder to be read.
    """
    places: dict[str, Place] = {}
    cut: dict[str, None] = {}
    waiting = deque([("", 0)])
    left = MOST_BYTES
    while waiting and len(places) < MOST_FOLDERS:
        path, depth = waiting.popleft()
        entries = _entries(root, path)
        if len(entries) > MOST_ENTRIES:
            cut[f"left out: of {path or 'this folder'} only {MOST_ENTRIES} entries were looked at"] = None
        files = [one.name for one in entries[:MOST_ENTRIES] if one.is_file(follow_symlinks=False)]
        texts = {}
        for name in (one for one in files if any(fnmatchcase(one, pattern) for pattern in patterns)):
            text = _text(root / path / name) if left > 0 else None
            if text is None:
                cut[f"left out: {path}/{name} cannot be read, or is too large".replace(" /", " ")] = None
            else:
                texts[name], left = text, left - len(text)
        places[path] = Place(path, frozenset(files), texts)
        if depth < DEEPEST:
            waiting.extend((below, depth + 1) for below in _folders(path, entries[:MOST_ENTRIES]))
    if waiting:
        cut[f"left out: only {MOST_FOLDERS} folders were looked at"] = None
    return Tree(places, tuple(cut)[:20])


def _entries(root: Path, path: str) -> list[os.DirEntry[str]]:
    """By name. A folder below that cannot be read is taken for an empty one."""
    try:
        with os.scandir(root / path) as found:
            return sorted(islice(found, MOST_ENTRIES + 1), key=lambda one: one.name)
    except (OSError, ValueError) as error:
        if path:
            return []
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{root} cannot be looked at: {reason}", hint="isolate init FOLDER") from None


def _folders(path: str, entries: Sequence[os.DirEntry[str]]) -> Iterator[str]:
    for one in entries:
        if one.is_dir(follow_symlinks=False) and one.name not in SKIPPED and not one.name.startswith("."):
            yield f"{path}/{one.name}" if path else one.name


def _text(path: Path) -> str | None:
    try:
        return regular(path, LARGEST_DECLARATION).decode("utf-8-sig", "replace")
    except (OSError, ValueError):
        return None
