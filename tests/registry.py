"""A real registry on loopback: Debian's `docker-registry`, unpacked and never installed."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

from orchestrator.engines.http import ask
from orchestrator.recipes.command import run
from orchestrator.recipes.mmdebstrap import _private_apt
from orchestrator.recipes.store import artefact

CONFIG = """\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {folder}}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


def _program() -> Path:
    def unpack(target: Path) -> None:
        with TemporaryDirectory(dir=target.parent) as name:
            folder = Path(name)
            apt = _private_apt(folder)
            for verb in (("update",), ("download", "docker-registry")):
                run((*apt, *verb), "docker-registry could not be fetched", seconds=300, folder=folder)
            (package,) = folder.glob("docker-registry_*.deb")
            run(("dpkg-deb", "--extract", str(package), str(target)), "it could not be unpacked", seconds=60)

    return artefact("docker-registry-bookworm", unpack) / "usr/bin/docker-registry"


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """`host:port` of a registry that keeps its blobs in folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = folder / "config.yml"
    config.write_text(CONFIG.format(folder=folder / "blobs", port=port))
    with subprocess.Popen(
        [_program(), "serve", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            for _ in range(200):
                if ask(f"http://127.0.0.1:{port}/v2/", "GET", 1):
                    break
                sleep(0.05)
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()
