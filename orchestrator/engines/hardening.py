"""How every box is confined, in every arm (DESIGN section 6; verified with .NET 2.2 and 3.1 and Python services)."""

from __future__ import annotations

from typing import Any

from docker.types import LogConfig, Ulimit

from orchestrator.model import Box

USER = "10001:10001"
_CONFINED = "noexec,nosuid,nodev"


def host_config(box: Box, processors: int) -> dict[str, Any]:
    """Keyword arguments of docker-py's `create_host_config`. Ports are published on 127.0.0.1 only.

    The engine takes no cap beyond the machine's processors, which the sum of several apps' caps may be.
    """
    return {
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "read_only": True,
        "init": True,
        "ipc_mode": "private",
        "pids_limit": box.limits.pids,
        "mem_limit": box.limits.memory,
        "memswap_limit": box.limits.memory,
        "nano_cpus": min(box.limits.nano_cpus, processors * 1_000_000_000),
        "ulimits": [Ulimit(name="nofile", soft=1024, hard=4096), Ulimit(name="core", soft=0, hard=0)],
        "tmpfs": {
            "/tmp": f"rw,{_CONFINED},size=64m,mode=1777",  # noqa: S108  the box's own
            "/run/isolate": f"rw,{_CONFINED},size=1m,mode=0755,uid=10001,gid=10001",
            **dict.fromkeys(box.tmpfs, f"rw,{_CONFINED},size=64m,mode=0755,uid=10001,gid=10001"),
        },
        "log_config": LogConfig(type="json-file", config={"max-size": "1m", "max-file": "2"}),
        "restart_policy": {"Name": "no"},
        "port_bindings": {port: ("127.0.0.1", None) for launch in box.launches for port in launch.ports},
    }
