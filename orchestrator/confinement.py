"""How every box is confined, as plain values (DESIGN section 6): the engine and Compose are told the same."""

from __future__ import annotations

from orchestrator.model import Box

USER = "10001:10001"
DROPPED = ("ALL",)
SECURITY = ("no-new-privileges:true",)
OPEN_FILES = {"soft": 1024, "hard": 4096}
LOG = {"max-size": "1m", "max-file": "2"}
RUN = "/run/isolate"
BUILD_MEMORY = 4 << 30
"""Bytes of one build where the builder takes a limit; twice that of all together where their common cgroup has it."""
BUILD_PROCESSES = 4096
HOME = "/tmp"  # noqa: S108  the box's own
_OWN = "mode=0755,uid=10001,gid=10001"


def tmpfs(box: Box) -> dict[str, str]:
    """What is writable in a box: path -> mount options, all of them sized."""
    sized = {
        HOME: "size=64m,mode=1777",
        RUN: f"size=1m,{_OWN}",
        **dict.fromkeys(box.tmpfs, f"size=64m,{_OWN}"),
    }
    return {path: f"rw,noexec,nosuid,nodev,{options}" for path, options in sized.items()}
