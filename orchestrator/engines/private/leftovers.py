"""What an engine leaves on a machine when it ends or is killed: processes, mounts, bridges, rules, cgroups."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from orchestrator.engines.private.firewall import remove_rules
from orchestrator.engines.private.layout import Layout
from orchestrator.engines.private.network import bridges, last_block, remove_link

CGROUPS = Path("/sys/fs/cgroup")
SECONDS = 5.0


def sweep(layout: Layout) -> None:
    """Removes all of it; the data root stays. The engine itself must have ended.

    An engine that ended well has no runtime folder, and another may have its addresses by now.
    """
    deadline = time.monotonic() + SECONDS
    while (left := [*_shims(layout), *_contained(layout)]) and time.monotonic() < deadline:
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    for mount in _mounts(layout):
        subprocess.run(["umount", "--lazy", mount], capture_output=True, check=False)
    block = last_block(layout) if layout.runtime.is_dir() else None
    links = list(bridges(layout, block))
    remove_rules(layout, links, block)
    for link in links:
        remove_link(layout, link)
    for folder in _cgroups(layout):
        with suppress(OSError):
            folder.rmdir()
    shutil.rmtree(layout.runtime, ignore_errors=True)


def processes() -> Iterator[tuple[int, list[str]]]:
    """Every process with its arguments; none for zombies."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if line := file.read_bytes():
                yield int(file.parent.name), os.fsdecode(line).rstrip("\0").split("\0")


def _shims(layout: Layout) -> list[int]:
    """Processes of containerd; they name their socket, which lies under our exec root."""
    below = f"{layout.exec_root}/"
    named = ((pid, words) for pid, words in processes() if Path(words[0]).name.startswith("containerd"))
    return [pid for pid, words in named if any(word.startswith(below) for word in words)]


def _contained(layout: Layout) -> set[int]:
    found: set[int] = set()
    for folder in _cgroups(layout):
        with suppress(OSError):  # a container that ended meanwhile has none any more
            found |= {int(pid) for pid in (folder / "cgroup.procs").read_text().split()}
    return found


def _cgroups(layout: Layout) -> list[Path]:
    """The engine's cgroups, innermost first, in each v1 hierarchy and in the v2 one."""
    tops = [*CGROUPS.glob(layout.cgroup.lstrip("/")), *CGROUPS.glob(f"*{layout.cgroup}")]
    inner = [Path(folder) for top in tops for folder, _, _ in os.walk(top)]
    return sorted(inner, key=lambda folder: len(folder.parts), reverse=True)


def _mounts(layout: Layout) -> list[str]:
    """Mount points in the engine's folders, innermost first. See proc_pid_mountinfo(5), field 5."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    folders = {str(layout.root), str(layout.exec_root)}
    return sorted((point for point in points if folders & {point, *map(str, Path(point).parents)}), reverse=True)
