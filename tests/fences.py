"""How every box must be fenced: what is asked of the engine's account of a container, and a watch over all of them.

The numbers are those of the CIS Docker Benchmark 1.6, section 5, which `docker-bench-security` walks through; a line
without one is a fence of ours. Isolate's boxes carry `io.isolate.box`; containers that tests make themselves to look
like one do not, and a test holds that no other place in the code makes any.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import docker

OURS = "io.isolate.box"
Box = Mapping[str, Any]

FEW = 5
TMPFS = {"rw", "noexec", "nosuid", "nodev"}


def _host(box: Box) -> Any:
    return box["HostConfig"]


def _bindings(box: Box) -> list[tuple[str, Mapping[str, str]]]:
    return [(port, bound) for port, bounds in (_host(box)["PortBindings"] or {}).items() for bound in bounds or ()]


def _ulimits(box: Box) -> dict[str, int]:
    return {one["Name"]: one["Hard"] for one in _host(box)["Ulimits"] or ()}


def _no_socket(box: Box) -> bool:
    return not any("sock" in str(one) for one in [*(_host(box)["Binds"] or ()), *box["Mounts"]])


def _sized(box: Box) -> bool:
    options = [set(one.split(",")) for one in (_host(box).get("Tmpfs") or {}).values()]
    return all(one >= TMPFS and any(word.startswith("size=") for word in one) for one in options)


FENCES: Mapping[str, Callable[[Box], object]] = {
    "5.2 the AppArmor profile is not switched off": lambda b: b["AppArmorProfile"] != "unconfined",
    "5.3 SELinux is not switched off": lambda b: not any("label" in one for one in _host(b)["SecurityOpt"] or ()),
    "5.4 no kernel capability is left": lambda b: _host(b)["CapDrop"] == ["ALL"] and not _host(b)["CapAdd"],
    "5.5 it is not privileged": lambda b: _host(b)["Privileged"] is False,
    "5.6 nothing of the host is mounted": lambda b: (
        not _host(b)["Binds"] and not _host(b).get("Mounts") and not b["Mounts"] and not _host(b)["VolumesFrom"]
    ),
    "5.8 no privileged port of the host is taken": lambda b: (
        all((bound["HostPort"] or "0") in {"0", ""} for _, bound in _bindings(b)) and not _host(b)["PublishAllPorts"]
    ),
    "5.10 the host's network is not shared": lambda b: not _host(b)["NetworkMode"].startswith(("host", "container:")),
    "5.11 memory is limited, swap included": lambda b: 0 < _host(b)["Memory"] == _host(b)["MemorySwap"],
    "5.12 processor time is limited": lambda b: _host(b)["NanoCpus"] > 0,
    "5.13 the root is read-only": lambda b: _host(b)["ReadonlyRootfs"] is True,
    "5.14 ports are bound to 127.0.0.1": lambda b: all(bound["HostIp"] == "127.0.0.1" for _, bound in _bindings(b)),
    "5.15 it is not started again": lambda b: _host(b)["RestartPolicy"]["Name"] in {"", "no"},
    "5.16 the host's processes are not shared": lambda b: _host(b)["PidMode"] == "",
    "5.17 the host's IPC is not shared": lambda b: _host(b)["IpcMode"] == "private",
    "5.18 no device of the host is given": lambda b: not _host(b)["Devices"] and not _host(b)["DeviceRequests"],
    "5.19 open files and core dumps are limited": lambda b: (
        0 < _ulimits(b).get("nofile", 0) <= 4096 and _ulimits(b).get("core") == 0
    ),
    "5.20 no mount is shared back": lambda b: not any("shared" in one["Propagation"] for one in b["Mounts"]),
    "5.21 the host's name is not shared": lambda b: _host(b)["UTSMode"] == "",
    "5.22 seccomp is not switched off": lambda b: not any("seccomp" in one for one in _host(b)["SecurityOpt"] or ()),
    "5.25 its cgroup is the engine's choice": lambda b: _host(b)["CgroupParent"] == "",
    "5.26 no new privileges": lambda b: "no-new-privileges:true" in (_host(b)["SecurityOpt"] or ()),
    "5.29 processes are limited": lambda b: (_host(b)["PidsLimit"] or 0) > 0,
    "5.30 it is on its project's network alone": lambda b: (
        [*b["NetworkSettings"]["Networks"]] == [f"isolate-{b['Config']['Labels'].get('io.isolate.project')}"]
    ),
    "5.31 the host's users are not shared": lambda b: _host(b)["UsernsMode"] == "",
    "5.32 the engine's socket is not in it": _no_socket,
    "4.1 it runs as a user": lambda b: b["Config"]["User"] == "10001:10001",
    "its own init reaps": lambda b: _host(b).get("Init") is True,
    "the log is capped": lambda b: {"max-size", "max-file"} <= _host(b)["LogConfig"]["Config"].keys(),
    "what is writable is sized, and nothing in it runs": _sized,
    "it carries its owner from birth": lambda b: all(
        b["Config"]["Labels"].get(f"io.isolate.{name}") for name in ("project", "owner", "run")
    ),
    "the kernel's masks are on": lambda b: "/proc/kcore" in _host(b)["MaskedPaths"] and _host(b)["ReadonlyPaths"],
    "no kernel parameter is set": lambda b: not _host(b).get("Sysctls"),
}
BY_HAND = {
    "5.1": "swarm mode is the operator's; isolate joins none",
    "5.7": "no ssh: the launcher starts the declared command alone",
    "5.9": "the ports are those that the manifest declares",
    "5.23": "commands in a box are never privileged; the watch looks at each",
    "5.24": "nor root's; the watch looks at each",
    "5.27": "isolate asks from outside, and a health check in the image is none of its own",
    "5.28": "images are named by their content",
}
"""What no account of a container can show, and how it is met."""


def wrong(box: Box) -> list[str]:
    """Which fences a container lacks."""
    return [name for name, holds in FENCES.items() if not holds(box)]


def command_wrong(command: Mapping[str, Any]) -> list[str]:
    """The same for a command that was run in a box."""
    process = command["ProcessConfig"]
    rules = {
        "5.23 not privileged": not process["privileged"],
        "5.24 not as root": process.get("user", "") in {"", "10001:10001"},
    }
    return [name for name, holds in rules.items() if not holds]


class Watch:
    """Every container of ours that is made while it lasts, and every command that is run in one."""

    def __init__(self, api: Any) -> None:
        self._api = api
        self.seen: dict[str, Box] = {}
        self.wrong: list[str] = []
        self.commands = 0
        self.gone = 0
        """Removed before anybody could look: a killed run's, by the next `down`."""

    @property
    def blind(self) -> bool:
        """Whether more was gone than killed runs explain: then what was seen says nothing of all boxes."""
        return self.gone > FEW + (len(self.seen) + self.commands) // 20

    def take(self, event: Mapping[str, Any]) -> None:
        """One of the engine's events."""
        labels = event["Actor"]["Attributes"]
        if OURS not in labels:
            return
        try:
            if event["Action"] == "create":
                self._box(event["Actor"]["ID"])
            elif event["Action"].startswith("exec_create"):
                self._command(labels["execID"])
        except docker.errors.NotFound:
            self.gone += 1

    def _box(self, id_: str) -> None:
        box = self.seen[id_] = self._api.inspect_container(id_)
        self.wrong += [f"{box['Name']}: {one}" for one in wrong(box)]

    def _command(self, id_: str) -> None:
        self.commands += 1
        self.wrong += [f"a command in a box: {one}" for one in command_wrong(self._api.exec_inspect(id_))]

    def arms(self, project: str) -> set[str]:
        """Of this project's boxes so far."""
        labels = [one["Config"]["Labels"] for one in self.seen.values()]
        return {one["io.isolate.arm"] for one in labels if one["io.isolate.project"] == project}


def look(api: Any) -> list[str]:
    """Which fences the boxes lack that are there now."""
    found = Watch(api)
    for one in api.containers(all=True, filters={"label": OURS}):
        found.take({"Action": "create", "Actor": {"ID": one["Id"], "Attributes": one["Labels"]}})
    return found.wrong


@contextmanager
def watch(url: str) -> Iterator[Watch]:
    """Look at every box of isolate's as soon as the engine tells that it is made."""
    api = docker.APIClient(base_url=url)
    listener = docker.APIClient(base_url=url, timeout=None)
    wanted = {"type": "container", "event": ["create", "exec_create"], "label": OURS}
    events = listener.events(decode=True, filters=wanted)
    found = Watch(api)

    over = threading.Event()

    def follow() -> None:
        """A watch that ends before the tests have seen nothing of the rest."""
        with suppress(Exception):
            for event in events:
                found.take(event)
        if not over.is_set():
            found.wrong.append("the watch over all boxes broke off")

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        events.close()
        thread.join(5)
        api.close()
        listener.close()
