"""The dockerd process: its configuration, how it is set free, found again and ended."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network

from orchestrator.engines.locate import Endpoint, answers, connected
from orchestrator.engines.private.layout import Layout, environment
from orchestrator.engines.private.leftovers import processes
from orchestrator.engines.private.network import pool
from orchestrator.errors import Unavailable

START_SECONDS = 30.0
STOP_SECONDS = 30.0


def configure(layout: Layout, block: IPv4Network, *, live_restore: bool) -> None:
    """Writes daemon.json.

    A dockerd that has address pools of its own deletes `docker0`, whosever it is, on every start but its first,
    unless live-restore is on (moby, `configureNetworking`). So it is on while the engine starts.
    """
    settings = {
        "hosts": [layout.url],
        "group": "root",
        "data-root": str(layout.root),
        "exec-root": str(layout.exec_root),
        "pidfile": str(layout.pid_file),
        "bridge": layout.link,
        "cgroup-parent": layout.cgroup,
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
        "default-address-pools": [{"base": str(pool(block)), "size": 24}],
        "ip6tables": False,
        "live-restore": live_restore,
    }
    layout.config.write_text(json.dumps(settings, indent=2))


@contextmanager
def detached(layout: Layout) -> Iterator[subprocess.Popen[bytes]]:
    """Starts dockerd in a session of its own, with nothing inherited but the environment; it outlives us."""
    variables = environment(layout)
    variables["PATH"] = os.pathsep.join([str(layout.wrappers), variables["PATH"]])
    command = [str(shutil.which("dockerd", path=variables["PATH"])), "--config-file", str(layout.config)]
    with layout.log.open("wb") as log:
        daemon = subprocess.Popen(
            command, cwd="/", env=variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield daemon
    finally:
        daemon.returncode = 0  # let go of: Popen would complain that it lives


def wait(layout: Layout, daemon: subprocess.Popen[bytes]) -> Endpoint:
    """Until the engine answers; raises `Unavailable` when it ends before that, or after 30 s.

    The process itself is asked whether it lives: its arguments, by which `pid_of` finds it, cannot be read at every
    moment of its start.
    """
    endpoint = Endpoint(layout.url, "private engine")
    if until(lambda: answers(endpoint) or daemon.poll() is not None, START_SECONDS) and daemon.returncode is None:
        return endpoint
    tail = tuple(layout.log.read_text(errors="replace").splitlines()[-8:])
    code = daemon.returncode
    end = f"did not answer in {START_SECONDS:g} s" if code is None else f"did not start (exit {code})"
    raise Unavailable(f"the private engine {end}", where=str(layout.log), hint="isolate doctor", excerpt=tail)


def reload(daemon: subprocess.Popen[bytes], endpoint: Endpoint) -> None:
    """Makes dockerd read its configuration again, and waits until live-restore is off."""
    daemon.send_signal(signal.SIGHUP)
    with connected(endpoint) as client:
        until(lambda: not client.info()["LiveRestoreEnabled"], STOP_SECONDS)


def end(layout: Layout) -> None:
    """Asks dockerd to end, which stops its containers; kills it when it does not listen."""
    for request in (signal.SIGTERM, signal.SIGKILL):
        if pid := pid_of(layout):
            os.kill(pid, request)
            until(lambda: pid_of(layout) is None, STOP_SECONDS)


def pid_of(layout: Layout) -> int | None:
    """Found by its arguments: a pid file may be stale, and its number another's by now."""
    wanted = ["--config-file", str(layout.config)]
    return next((pid for pid, words in processes() if words[-2:] == wanted), None)


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Asks again and again; False where `condition` did not come true in time."""
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return met
