"""One experiment for all the processes of a session."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path


def once(place: Path, make: Callable[[], Path]) -> Path:
    """The folder that `make` gives: the first process that names this place makes it, the others wait for it.

    The kernel lets go of a lock whose holder dies; then the next one makes it. What `make` raises is not kept.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            part = place.with_suffix(".part")
            part.write_text(str(make()))
            part.replace(place)
        return Path(place.read_text())
