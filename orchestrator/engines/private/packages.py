"""The engine's programs: distribution packages, verified by apt, unpacked beside what is installed, never over it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from orchestrator.engines.private.layout import Layout, here
from orchestrator.engines.private.lock import only_one
from orchestrator.engines.private.sources import archive, machine_sources
from orchestrator.errors import Unavailable

FOLLOWING = {"bookworm": "trixie"}
"""Suites whose own engine is too old (20.10) for today's Dockerfiles, and the suite whose engine runs there as well."""
WANTED = ("docker.io", "docker-cli", "docker-buildx", "docker-compose", "iptables", "iproute2")
PINS = """\
Package: *
Pin: release n={0}*
Pin-Priority: 100

Package: docker.io docker-cli docker-buildx docker-compose
Pin: release o=Debian,n={0}*
Pin-Priority: 990
"""
ALTERNATIVES = ("iptables", "iptables-save", "iptables-restore")
SECONDS = 900


def install() -> Mapping[str, str]:
    """Unpacks engine, client, buildx and compose; returns package -> version. Does nothing a second time.

    What the machine has installed is left out; runc, containerd and iptables are those of its own suite.
    Raises `Unavailable` where that cannot be done: not Debian, not root, no mirror.
    """
    layout = here()
    release = _release()
    with only_one(layout):
        if not layout.packages.is_dir():
            with TemporaryDirectory(dir=layout.folder) as work:
                _unpack(_download(Path(work), release), Path(work, "packages"))
                Path(work, "packages").rename(layout.packages)
    return installed(layout)


def installed(layout: Layout) -> Mapping[str, str]:
    """What `install` has unpacked, package -> version."""
    stamp = layout.packages / "versions.json"
    return dict(json.loads(stamp.read_text())) if stamp.is_file() else {}


def _release() -> str:
    system = platform.freedesktop_os_release()
    debian = system["ID"] == "debian" and int(system.get("VERSION_ID", "99")) >= 12
    if os.geteuid() != 0 or not debian or not shutil.which("apt-get"):
        message = "isolate can bring an engine of its own only to root on Debian 12 or newer"
        raise Unavailable(message, hint="install Docker (https://docs.docker.com/engine/install/) and start it")
    return system["VERSION_CODENAME"]


def _download(work: Path, release: str) -> list[Path]:
    """Resolves and fetches with an apt state of its own; the machine's is only read."""
    following = FOLLOWING.get(release)
    if not (sources := archive(machine_sources(), release, following)):
        hint = f"add a Debian mirror for {release} to apt's sources"
        raise Unavailable(f"apt has no source for {release}", where="/etc/apt", hint=hint)
    for folder in ("sources.d", "lists/partial", "archives/partial"):
        (work / folder).mkdir(parents=True)
    (work / "sources.d/archive.sources").write_text(sources)
    (work / "preferences").write_text(PINS.format(following) if following else "")
    update = _apt(work, "update")
    fetch = _apt(work, "install", "--download-only", "--no-install-recommends", *WANTED)
    if fetch.returncode:
        lines = (update.stdout + fetch.stdout).splitlines()
        excerpt = tuple(line for line in lines if line.startswith(("E:", "W:", "Err:")))[-8:]
        hint = "see that apt-get update works on this machine, then: isolate engine install"
        raise Unavailable("apt could not fetch the engine's packages", where="/etc/apt", hint=hint, excerpt=excerpt)
    return sorted((work / "archives").glob("*.deb"))


def _apt(work: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    options = {
        "Dir::State::lists": work / "lists",
        "Dir::Cache": work,
        "Dir::Cache::archives": work / "archives",
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": work / "sources.d",
        "Dir::Etc::preferences": work / "preferences",
        "Dir::Etc::preferencesparts": "/dev/null",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Acquire::Retries": 2,
        "Acquire::http::Timeout": 30,
        "Debug::NoLocking": 1,
    }
    command = ["apt-get", "-q", "-y", *(f"-o{name}={value}" for name, value in options.items()), *arguments]
    environment = os.environ | {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    run = partial(subprocess.run, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        return run(command, env=environment, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"apt-get {arguments[0]} did not end in {SECONDS} s", hint="try again") from error


def _unpack(debs: list[Path], target: Path) -> None:
    target.mkdir(mode=0o755)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda deb: subprocess.run(["dpkg", "-x", deb, target], check=True), debs))
    _choose_iptables(target)
    _client(target)
    shown = [subprocess.check_output(["dpkg-deb", "-W", deb], text=True) for deb in debs]
    (target / "versions.json").write_text(json.dumps(dict(line.split() for line in shown), indent=2))


def _choose_iptables(target: Path) -> None:
    """What the package's own installation script would do: point the plain names to the nftables flavour."""
    folder = target / "alternatives"
    folder.mkdir()
    for name in ALTERNATIVES if (target / "usr/sbin/xtables-nft-multi").exists() else ():
        (folder / name).symlink_to("../usr/sbin/xtables-nft-multi")


def _client(target: Path) -> None:
    """A DOCKER_CONFIG in which the unpacked plug-ins are found; the user's logins and contexts shine through."""
    if not (target / "usr/bin/docker").exists():
        return
    (target / "client/bin").mkdir(parents=True)
    (target / "client/bin/docker").symlink_to("../../usr/bin/docker")
    (target / "client/cli-plugins").symlink_to("../usr/libexec/docker/cli-plugins")
    for name in ("config.json", "contexts"):
        (target / "client" / name).symlink_to(Path.home() / ".docker" / name)
