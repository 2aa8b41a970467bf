"""A folder of artefacts that are made once: one maker at a time, and never seen half made."""

from __future__ import annotations

import fcntl
import glob
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from orchestrator import places


def artefact(name: str, make: Callable[[Path], None]) -> Path:
    """The file or folder called `name`, made by `make(path)` where it is missing.

    `name` must hold the hash of what goes in. Threads and processes that want the same one wait for its maker.
    """
    folder = places.cache() / "recipes"
    done = folder / name
    if done.exists():
        return done
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _make(folder, name, make)
    return done


def _make(folder: Path, name: str, make: Callable[[Path], None]) -> None:
    """Made aside and moved when whole. What a killed maker left is cleared away first: we hold its lock."""
    prefix = f".{name}.making-"
    for leftover in folder.glob(glob.escape(prefix) + "*"):
        shutil.rmtree(leftover, ignore_errors=True)
    with TemporaryDirectory(dir=folder, prefix=prefix) as temporary:
        making = Path(temporary) / name
        make(making)
        making.rename(folder / name)
