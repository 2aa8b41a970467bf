"""Starts and stops isolate's own dockerd, in the host's network, beside any other engine and without touching it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from orchestrator.engines.locate import Endpoint, answers, connected, locate
from orchestrator.engines.private.fence import fence_builds, fence_of
from orchestrator.engines.private.firewall import write_wrapper
from orchestrator.engines.private.layout import Layout, here, program
from orchestrator.engines.private.leftovers import sweep
from orchestrator.engines.private.lock import only_one
from orchestrator.engines.private.network import add_bridge, free_block, last_block, taken
from orchestrator.engines.private.packages import installed
from orchestrator.engines.private.process import configure, detached, end, pid_of, reload, wait
from orchestrator.errors import Unavailable

NEEDED = ("dockerd", "containerd", "runc", "iptables", "ip")


@dataclass(frozen=True, slots=True)
class Status:
    """The private engine; `pid` and `version` are None where it does not run, `disk` is in bytes."""

    url: str
    pid: int | None
    version: str | None
    root: Path
    disk: int
    packages: Mapping[str, str]


def start(build_memory: int = 0) -> Endpoint:
    """The engine that answers, ours or another's; where none does, ours is started and waited for.

    build_memory: bytes that all builds of ours together may take; with 0 a limit that is there stays, else a default.

    Raises `Unavailable`: not root, no programs (the hint says how to get them), or no answer within 30 s.
    """
    layout = here()
    if found := _answering(layout):
        if found.url == layout.url and (build_memory or fence_of(layout) is None):
            fence_builds(layout, build_memory)
        return found
    _require(layout)
    with only_one(layout):
        return _running(layout) or _launch(layout, build_memory)


def lacking() -> list[str]:
    """Programs that `start` needs and cannot find; none where an engine answers already."""
    layout = here()
    return [] if _answering(layout) else _missing(layout)


def stop(*, purge: bool = False) -> bool:
    """Ends the private engine with its containers; False where it did not run.

    Its bridges, rules and cgroups go; images and stopped containers stay unless `purge`.
    """
    layout = here()
    if not layout.config.is_file():
        return False
    with only_one(layout):
        running = pid_of(layout) is not None
        end(layout)
        sweep(layout)
        if purge and layout.root.is_dir():
            shutil.rmtree(layout.root)
    return running


def status() -> Status:
    """What there is of the private engine."""
    layout = here()
    endpoint = _running(layout)
    version = _ask_version(endpoint) if endpoint else None
    return Status(layout.url, pid_of(layout), version, layout.root, _disk(layout.root), installed(layout))


def _answering(layout: Layout) -> Endpoint | None:
    """Whoever answers; ours alone where DOCKER_HOST names it, since it may be named and not be running."""
    return _running(layout) if os.environ.get("DOCKER_HOST") == layout.url else locate()


def _missing(layout: Layout) -> list[str]:
    return [name for name in NEEDED if not program(layout, name)]


def _running(layout: Layout) -> Endpoint | None:
    ours = Endpoint(layout.url, "private engine")
    return ours if answers(ours) else None


def _require(layout: Layout) -> None:
    if os.geteuid() != 0:
        hint = "install Docker (https://docs.docker.com/engine/install/) and start it, or run isolate as root"
        raise Unavailable("no engine answers, and isolate's own can only be started by root", hint=hint)
    if missing := _missing(layout):
        message = f"no engine answers, and there is nothing to start: {', '.join(missing)} not found"
        raise Unavailable(message, hint="isolate engine install")


def _launch(layout: Layout, build_memory: int) -> Endpoint:
    if pid := pid_of(layout):
        raise Unavailable(f"the private engine (pid {pid}) runs but does not answer", hint="isolate engine stop")
    sweep(layout)
    block = _settle(layout)
    layout.runtime.mkdir(mode=0o700)
    try:
        add_bridge(layout, block)
        write_wrapper(layout)
        fence_builds(layout, build_memory)
        with detached(layout) as dockerd:
            endpoint = wait(layout, dockerd)
            configure(layout, block, live_restore=False)
            reload(dockerd, endpoint)
    except BaseException:
        end(layout)
        sweep(layout)
        raise
    return endpoint


def _settle(layout: Layout) -> IPv4Network:
    """Chooses the addresses and writes them down; networks of other addresses are forgotten with their containers'
    places in them, since dockerd would insist on addresses that are somebody else's by now.
    """
    previous = last_block(layout)
    block = free_block(layout.identity, previous, taken(layout))
    if block != previous:
        shutil.rmtree(layout.root / "network", ignore_errors=True)
    configure(layout, block, live_restore=True)
    return block


def _ask_version(endpoint: Endpoint) -> str:
    with connected(endpoint) as client:
        return str(client.version()["Version"])


def _disk(folder: Path) -> int:
    if not folder.is_dir():
        return 0
    command = ["du", "--summarize", "--one-file-system", "--block-size=1", str(folder)]
    return int(subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()[0])
