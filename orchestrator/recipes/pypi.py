"""Wheels from PyPI, by pip: the machine's index, mirrors, proxies and CA settings apply."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from orchestrator.catalogue import Input
from orchestrator.recipes.command import run

_OPTIONS = ("--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--require-hashes")


def download(wanted: Input, folder: Path) -> None:
    """Puts the wheel into `folder`; raises Unavailable where it cannot be had."""
    pin = folder / "pin.txt"
    pin.write_text(f"{wanted.package} --hash=sha256:{wanted.sha256}\n", encoding="utf-8")
    python = sys.executable if find_spec("pip") else "python3"
    run(
        (python, "-m", "pip", "download", *_OPTIONS, *_tags(wanted.wheel), "--dest", str(folder), "-r", str(pin)),
        f"{wanted.package} could not be fetched from PyPI",
        seconds=900,
        hint=f"{python} -m pip download {wanted.package}",
    )


def _tags(wheel: str) -> tuple[str, ...]:
    """Pip's options for another interpreter's wheel: `cp37-cp37m-manylinux1_x86_64`."""
    if not wheel:
        return ()
    python, abi, platform = wheel.split("-")
    return ("--implementation", python[:2], "--python-version", python[2:], "--abi", abi, "--platform", platform)
