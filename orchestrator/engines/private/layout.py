"""Where the private engine keeps its things, what they are called, and the environment its programs run in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestrator import places

SYSTEM_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


@dataclass(frozen=True, slots=True)
class Layout:
    """One engine. Names carry its identity, so that two engines on one machine share nothing."""

    identity: str
    folder: Path
    runtime: Path

    @property
    def packages(self) -> Path:
        """Unpacked distribution packages."""
        return self.folder / "packages"

    @property
    def wrappers(self) -> Path:
        return self.folder / "bin"

    @property
    def config(self) -> Path:
        return self.folder / "daemon.json"

    @property
    def log(self) -> Path:
        return self.folder / "dockerd.log"

    @property
    def root(self) -> Path:
        """The data root: images, containers, volumes."""
        return self.folder / "data"

    @property
    def exec_root(self) -> Path:
        return self.runtime / "exec"

    @property
    def pid_file(self) -> Path:
        return self.runtime / "docker.pid"

    @property
    def socket(self) -> Path:
        return self.runtime / "docker.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def link(self) -> str:
        """The bridge, and the first part of every iptables chain: 10 of the 28 characters a chain may have."""
        return f"isl-{self.identity[:6]}"

    @property
    def hardware(self) -> str:
        """The last four bytes of the bridge's hardware address."""
        return ":".join(self.identity[at : at + 2] for at in range(0, 8, 2))

    @property
    def cgroup(self) -> str:
        return f"/isolate-{self.identity}"


def here() -> Layout:
    """The engine that belongs to this user's data folder."""
    return Layout(places.identity(), places.data() / "engine", places.runtime())


def environment(layout: Layout) -> dict[str, str]:
    """Variables for the engine's programs: unpacked ones first, then the machine's."""
    path = os.pathsep.join([*map(str, _programs(layout)), os.environ.get("PATH", ""), *SYSTEM_PATH])
    libraries = [str(folder) for top in ("lib", "usr/lib") for folder in layout.packages.glob(f"{top}/*-linux-*")]
    xtables = layout.packages.glob("usr/lib/*/xtables")
    found = {"LD_LIBRARY_PATH": os.pathsep.join(libraries), "XTABLES_LIBDIR": next(map(str, xtables), "")}
    return os.environ | {"PATH": path} | {name: value for name, value in found.items() if value}


def program(layout: Layout, name: str) -> str | None:
    """The path of a program as the engine would find it."""
    return shutil.which(name, path=environment(layout)["PATH"])


def client_environment(url: str) -> dict[str, str]:
    """Variables, beside the caller's own, that make `docker`, its buildx and its compose speak to the engine at `url`.

    PATH and DOCKER_CONFIG are in it only where the client was unpacked by `install`.
    """
    client = here().packages / "client"
    if not client.is_dir():
        return {"DOCKER_HOST": url}
    path = os.pathsep.join([str(client / "bin"), os.environ.get("PATH", os.defpath)])
    return {"DOCKER_HOST": url, "PATH": path, "DOCKER_CONFIG": str(client)}


def _programs(layout: Layout) -> Iterator[Path]:
    return (layout.packages / folder for folder in ("alternatives", "usr/sbin", "usr/bin", "sbin", "bin"))
