"""An engine that may be hurt: a dockerd with network, mounts, processes and disk of its own, which end with the tests.

The namespaces belong to a shell that waits for the end of its input. When it ends, for whatever reason, the kernel ends
every process inside, and with the last of them go links, rules and mounts; the cgroups are removed by us.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import docker
import pytest

import fences
from orchestrator.engines.locate import Endpoint, answers
from orchestrator.engines.private.layout import environment, here, program

T = TypeVar("T")
CLONE_NEWNET = 0x40000000
SECONDS = 60.0
DISK = "1g"
SMALL_DISK = "512k"
PORTS = (40000, 40063)
"""What the engine chooses published ports from."""
NETWORKS = 4
"""How many it has addresses for."""
SIXTEEN = 4
"""Bits of an address within one of them."""
NEEDED = ("dockerd", "containerd", "runc", "iptables", "ip", "unshare", "nsenter")
KEEPER = """\
set -e
ip link set lo up
echo {ports} >/proc/sys/net/ipv4/ip_local_port_range
mount -t tmpfs -o size={disk} disk {data}
mount -t tmpfs -o size={small} small {client}
echo ready
cat >/dev/null
exit 0
"""
"""While a shell waits for a command it also buries what others have left: a dead containerd must not look alive."""


@dataclass(slots=True)
class Hurt:
    """The engine, and what can be done to it. Its socket answers from everywhere, its ports from inside alone."""

    folder: Path
    keeper: subprocess.Popen[bytes]
    cgroup: str
    networks: int
    daemon: subprocess.Popen[bytes] | None = None
    held: list[Any] = field(default_factory=list)

    @property
    def socket(self) -> Path:
        return self.folder / "docker.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def client_disk(self) -> Path:
        """A small disk for the client, which only a process inside sees."""
        return self.folder / "client"

    @property
    def inside(self) -> tuple[str, ...]:
        """What makes a command a process of this network and these mounts."""
        return ("nsenter", "--target", str(_child(self.keeper.pid)), "--net", "--mount")

    def api(self) -> Any:
        return closing(docker.APIClient(base_url=self.url, timeout=60))

    def start(self) -> None:
        """Starts the engine, and waits until it answers."""
        bits = SIXTEEN + (self.networks - 1).bit_length()
        options = {
            "host": self.url,
            "data-root": self.folder / "data",
            "exec-root": self.folder / "exec",
            "pidfile": self.folder / "docker.pid",
            "cgroup-parent": self.cgroup,
            "exec-opt": "native.cgroupdriver=cgroupfs",
            "bip": "10.87.0.1/24",
            "default-address-pool": f"base=10.88.0.0/{32 - bits},size={32 - SIXTEEN}",
            "max-download-attempts": "1",
            "ip6tables": "false",
            "shutdown-timeout": "2",
        }
        command = [str(program(here(), "dockerd")), *(f"--{name}={value}" for name, value in options.items())]
        with (self.folder / "log").open("ab") as log:
            self.daemon = subprocess.Popen(
                [*self.inside, "--pid", "--", *command], stdout=log, stderr=log, env=environment(here())
            )
        wait(lambda: answers(Endpoint(self.url, "tests")) or self._ended(), "the engine does not answer")

    def _ended(self) -> bool:
        assert self.daemon is None or self.daemon.poll() is None, (self.folder / "log").read_text()[-3000:]
        return False

    def signal(self, number: signal.Signals) -> None:
        """To the engine. Who started it stops with it, and has to be told of the end of that."""
        assert self.daemon
        os.kill(_child(self.daemon.pid), number)
        if number is signal.SIGCONT:
            self.daemon.send_signal(number)

    def kill(self) -> None:
        """Ends it in the middle of whatever it does; its boxes live on."""
        if self.daemon and self.daemon.poll() is None:
            self.signal(signal.SIGKILL)
            self.daemon.send_signal(signal.SIGCONT)
            self.daemon.wait(30)

    def restart(self) -> None:
        self.kill()
        self.start()

    def fill(self) -> None:
        """To the last byte, whoever writes meanwhile."""
        self._fill(self.folder / "data")

    def fill_client(self) -> None:
        self._fill(self.client_disk)

    def _fill(self, disk: Path) -> None:
        most = f"$(( $(stat -f -c '%a * %S' {disk}) * 95 / 100 ))"
        rest = f"cat /dev/zero >>{disk}/ballast 2>/dev/null"
        self.run("sh", "-c", f"fallocate -l {most} {disk}/ballast; {rest}; true")

    def run(self, *words: str) -> str:
        """A command inside; its output."""
        return subprocess.run([*self.inside, "--", *words], check=True, capture_output=True, text=True).stdout

    def within(self, call: Callable[[], T]) -> T:
        """What `call` returns, in a thread of this network: a socket that it makes stays there."""

        def enter() -> T:
            with Path(f"/proc/{_child(self.keeper.pid)}/ns/net").open() as network:
                assert ctypes.CDLL(None, use_errno=True).setns(network.fileno(), CLONE_NEWNET) == 0
            return call()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(enter).result()

    def mend(self) -> None:
        """All faults are over: it runs and answers, with room on its disks, and nothing is held.

        What boxes are left on it have all their fences.
        """
        for one in self.held:
            one.close()
        self.held.clear()
        self.run("sh", "-c", f"rm -rf {self.folder}/data/ballast {self.client_disk}/*")
        if self.daemon and self.daemon.poll() is None:
            self.signal(signal.SIGCONT)
        if not answers(Endpoint(self.url, "tests")):
            self.restart()
        with self.api() as api:
            assert fences.look(api) == []


def wait(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)


@contextmanager
def hurt(folder: Path, disk: str = DISK, networks: int = NETWORKS) -> Iterator[Hurt]:
    """One of its own, that has no image yet; its disk is memory. Nothing of it is left afterwards.

    networks: how many it has addresses for.
    """
    missing = [name for name in NEEDED if not program(here(), name)]
    if os.geteuid() != 0 or missing:
        pytest.fail(f"an engine that may be hurt needs root and {', '.join(missing or NEEDED)}")
    links = _links()
    for name in ("data", "client"):
        (folder / name).mkdir()
    script = KEEPER.format(
        ports="{} {}".format(*PORTS), disk=disk, small=SMALL_DISK, data=folder / "data", client=folder / "client"
    )
    apart = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--propagation", "private"]
    with subprocess.Popen(
        [*apart, "sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(here())
    ) as keeper:
        assert keeper.stdin
        assert keeper.stdout
        assert keeper.stdout.readline() == b"ready\n"
        made = Hurt(folder, keeper, f"/isolate-tests-{keeper.pid}", networks)
        try:
            made.start()
            yield made
        finally:
            for one in made.held:
                one.close()
            keeper.stdin.close()
            if made.daemon:
                made.daemon.send_signal(signal.SIGCONT)
                made.daemon.wait(30)
            keeper.wait(30)
            wait(lambda: _without_cgroups(made.cgroup), "its cgroups are not empty")
    assert links <= _links(), "links of other engines are gone"


def _links() -> set[str]:
    """The bridges of the engines beside it, which must stay."""
    return {path.name for path in Path("/sys/class/net").iterdir() if path.name.startswith(("docker", "isl-"))}


def _child(pid: int) -> int:
    """The first process that this one has started, which is there in a moment."""
    file = Path(f"/proc/{pid}/task/{pid}/children")
    wait(lambda: bool(file.read_text().split()), f"process {pid} has no child")
    return int(file.read_text().split()[0])


def _without_cgroups(name: str) -> bool:
    """Removes them, deepest first; False where one is still in use."""
    found = [top for root in (Path("/sys/fs/cgroup"), *Path("/sys/fs/cgroup").iterdir()) for top in root.glob(name[1:])]
    for top in found:
        for folder in sorted((path for path in top.rglob("*") if path.is_dir()), reverse=True):
            with suppress(OSError):
                folder.rmdir()
        with suppress(OSError):
            top.rmdir()
    return not any(top.exists() for top in found)
