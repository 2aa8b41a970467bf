"""What builds may take of the machine. BuildKit takes no limit from whoever asks for a build, but every step of every
build runs below one cgroup, `buildkit` in the engine's own: that one is limited, in whichever version it is kept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from orchestrator import confinement
from orchestrator.engines.private.layout import Layout
from orchestrator.engines.private.leftovers import CGROUPS


def fence_builds(layout: Layout, memory: int = 0) -> None:
    """Sets the limits: of `memory` bytes where it is given, else never more than half of the machine's.

    Where the kernel lends none, `fence_of` tells.
    """
    allowed = memory or min(2 * confinement.BUILD_MEMORY, _machine() // 2)
    for folder in _folders(layout):
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            _lend(folder)
        for name, value in _limits(allowed):
            if (folder / name).is_file():
                with suppress(OSError):
                    (folder / name).write_text(value)


def fence_of(layout: Layout) -> int | None:
    """Bytes that builds may take, as the kernel has it; None where there is no limit below the machine's memory."""
    for file in (folder / name for folder in _folders(layout) for name in ("memory.limit_in_bytes", "memory.max")):
        with suppress(OSError, ValueError):
            found = int(file.read_text())
            return found if found < _machine() else None
    return None


def _machine() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _folders(layout: Layout) -> Iterator[Path]:
    """Of version 1, where each controller has a tree of its own, and of version 2."""
    below = f"{layout.cgroup.lstrip('/')}/buildkit"
    if (CGROUPS / "cgroup.controllers").is_file():
        yield CGROUPS / below
    else:
        yield from (CGROUPS / controller / below for controller in ("memory", "pids"))


def _lend(folder: Path) -> None:
    """Version 2 hands controllers down from folder to folder."""
    for above in reversed(folder.relative_to(CGROUPS).parents):
        with suppress(OSError):
            (CGROUPS / above / "cgroup.subtree_control").write_text("+memory +pids")


def _limits(memory: int) -> Iterator[tuple[str, str]]:
    """In version 1 memory with swap is never less than memory alone: to raise both, one of them has to come twice."""
    for name in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.limit_in_bytes", "memory.max"):
        yield name, str(memory)
    yield "memory.swap.max", "0"
    yield "pids.max", str(confinement.BUILD_PROCESSES)
