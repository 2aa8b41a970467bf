"""A box as Docker is told of it: the create call, and what is read back from the container."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from docker.types import LogConfig, Ulimit

from orchestrator import confinement
from orchestrator.labels import BOX, ENVIRONMENT, RUN
from orchestrator.model import Box

LAUNCHER = "/isolate/launch"


def made(box: Box) -> str:
    """What makes two boxes the same: all of it, but the run that started it."""
    lasting = {key: value for key, value in sorted(box.labels.items()) if key != RUN}
    return hashlib.sha256(repr(replace(box, labels=lasting)).encode()).hexdigest()


def arguments(api: Any, box: Box, processors: int) -> dict[str, Any]:
    """Keyword arguments of docker-py's `create_container`."""
    endpoint = api.create_endpoint_config(aliases=list(box.aliases))
    alone = {ENVIRONMENT: json.dumps(dict(box.launches[0].environment))} if box.arm == "isolated" else {}
    return {
        "image": box.image,
        "name": box.name,
        "hostname": box.aliases[0] if box.aliases else None,
        "user": confinement.USER,
        "labels": {**box.labels, **alone, BOX: made(box)},
        "entrypoint": [LAUNCHER, *_orders(box)],
        "ports": [port for launch in box.launches for port in launch.ports],
        "environment": {"HOME": confinement.HOME},
        "host_config": api.create_host_config(**host_config(box, processors), network_mode=box.network),
        "networking_config": api.create_networking_config({box.network: endpoint}),
    }


def host_config(box: Box, processors: int) -> dict[str, Any]:
    """Keyword arguments of docker-py's `create_host_config`. Ports are published on 127.0.0.1 only.

    The engine takes no cap beyond the machine's processors, which the sum of several apps' caps may be.
    """
    return {
        "cap_drop": list(confinement.DROPPED),
        "security_opt": list(confinement.SECURITY),
        "read_only": True,
        "init": True,
        "ipc_mode": "private",
        "pids_limit": box.limits.pids,
        "mem_limit": box.limits.memory,
        "memswap_limit": box.limits.memory,
        "nano_cpus": min(box.limits.nano_cpus, processors * 1_000_000_000),
        "ulimits": [
            Ulimit(name="nofile", soft=confinement.OPEN_FILES["soft"], hard=confinement.OPEN_FILES["hard"]),
            Ulimit(name="core", soft=0, hard=0),
        ],
        "tmpfs": confinement.tmpfs(box),
        "log_config": LogConfig(type="json-file", config=confinement.LOG),
        "restart_policy": {"Name": "no"},
        "port_bindings": {port: ("127.0.0.1", None) for launch in box.launches for port in launch.ports},
    }


def urls(box: Box, state: Mapping[str, Any]) -> dict[tuple[str, int], str]:
    """(app, container port) -> its published address, from the engine's account of the container."""
    ports = state["NetworkSettings"]["Ports"] or {}
    return {
        (launch.app, port): f"http://127.0.0.1:{bound[0]['HostPort']}"
        for launch in box.launches
        for port in launch.ports
        if (bound := ports.get(f"{port}/tcp"))
    }


def _orders(box: Box) -> list[str]:
    """The launcher's arguments: whom to ask for a version, and each app's folder, variables and command."""
    words = [word for family, argv in box.asks.items() for word in ("--ask", family, str(len(argv)), *argv)]
    for launch in box.launches:
        app = [*(f"{key}={value}" for key, value in launch.environment.items()), *launch.command]
        words += ["--app", launch.app, launch.folder, str(len(app)), *app]
    return words
