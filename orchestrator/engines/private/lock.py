"""One change at a time to the private engine, across processes."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.engines.private.layout import Layout


@contextmanager
def only_one(layout: Layout) -> Iterator[None]:
    """Waits until nobody else installs, starts or stops this engine; the kernel lets go when the holder dies."""
    layout.folder.mkdir(parents=True, exist_ok=True)
    with (layout.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
