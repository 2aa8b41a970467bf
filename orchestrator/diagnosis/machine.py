"""The machine: room on its disks, runtimes that could be packed, and whether recipes can be followed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile

from orchestrator import catalogue, places
from orchestrator.diagnosis.finding import Finding
from orchestrator.engines import Engine
from orchestrator.errors import Unavailable
from orchestrator.recipes import interpreter, mirror
from orchestrator.runtimes import families

GIB = 1 << 30
NEEDED, COMFORTABLE = 2 * GIB, 5 * GIB
"""A .NET pair with its bases and builds takes some 1.6 GiB."""


def rooms(found: Engine | None = None) -> Iterator[Finding]:
    """Free space where isolate keeps its things, and where the engine does if that is on this machine."""
    yield _room("disk (isolate)", places.cache())
    root = Path(found.setup().root) if found else None
    if root and root.is_dir():
        yield _room("disk (engine)", root)


def _room(subject: str, path: Path) -> Finding:
    there = next(folder for folder in (path, *path.parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    told = f"{free / GIB:.1f} GiB free at {there}"
    if free >= COMFORTABLE:
        return Finding(subject, "ok", told)
    return Finding(subject, "warning" if free >= NEEDED else "missing", told, "isolate images prune")


def record() -> Iterator[Finding]:
    """Whether runs can be recorded: without that none begins."""
    path = places.state()
    there = next(one for one in (path, *path.parents) if one.exists())
    try:
        with TemporaryFile(dir=there):
            yield Finding("state", "ok", f"runs can be recorded in {path}")
    except OSError as error:
        fix = "export XDG_STATE_HOME=a folder that you may write to"
        yield Finding("state", "missing", f"runs cannot be recorded in {path}: {error.strerror}", fix)


def runtimes() -> Iterator[Finding]:
    """Interpreters of this machine that recipes can pack."""
    entries = [entry for family in families() for entry in catalogue.entries(family).values()]
    wanted = dict.fromkeys(r.interpreter for entry in entries for r in entry.recipes if r.interpreter)
    found = [one.release for version in wanted if (one := interpreter.find(version))]
    told = f"CPython {', '.join(found)}" if found else "no CPython that could be packed"
    yield Finding("runtimes here", "ok" if found else "warning", told, "" if found else "pyenv install 3.12")


def recipes() -> Iterator[Finding]:
    """What making base images takes: a mirror of Debian, and the right to unpack it."""
    try:
        mirror.sources("bookworm")
    except Unavailable as error:
        yield Finding("recipes", "warning", error.message, error.hint)
        return
    if os.geteuid() == 0 or shutil.which("newuidmap"):
        yield Finding("recipes", "ok", "base images can be made from this machine's mirror of Debian")
    else:
        yield Finding("recipes", "warning", "making base images takes root, or uidmap", "apt-get install uidmap")
