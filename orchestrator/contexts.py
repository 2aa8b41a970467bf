"""Reads an app's build context: what `.dockerignore` leaves, no link or device that leads out, and its hash."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from orchestrator.errors import ManifestError
from orchestrator.model import App, ContextFile
from orchestrator.plan import Context
from orchestrator.runtimes import families

LARGEST = 512 << 20
"""Bytes of one context; more is a forgotten data folder, not an app."""


def read(app: App) -> Context:
    """The files of an app's context, in a fixed order; raises ManifestError for what must not be sent."""
    if app.build is None:
        return Context((), hashlib.sha256().hexdigest())
    root = app.build.resolve()
    where = str(app.marks.get("build", app.mark))
    files, size, sum_ = [], 0, hashlib.sha256()
    for name in _kept(root):
        path = root / _utf8(name, where)
        kind = path.lstat()
        content = _content(path, kind, root, name, where)
        size += len(content)
        if size > LARGEST:
            raise ManifestError(
                f"the context of {app.name} is larger than {LARGEST >> 20} MiB",
                where=where,
                hint="name what it does not need in a .dockerignore",
            )
        executable = bool(kind.st_mode & stat.S_IXUSR)
        sum_.update(f"{name}\0{stat.S_IFMT(kind.st_mode)}\0{executable}\0{len(content)}\0".encode() + content)
        digest = hashlib.sha256(content).hexdigest() if stat.S_ISREG(kind.st_mode) else ""
        files.append(ContextFile(name, source=path, executable=executable, digest=digest))
    return Context(tuple(files), sum_.hexdigest(), _self_contained(app, files))


def _self_contained(app: App, files: Iterable[ContextFile]) -> bool:
    """Whether the app's lists of packages name no other file of its context."""
    family = families()[app.runtime.family]
    lists = [file.source for file in files if file.path in family.package_files and file.source]
    texts = (path.read_text(encoding="utf-8-sig", errors="replace") for path in lists if path.is_file())
    return not any(path.is_symlink() for path in lists) and not any(map(family.refers.search, texts))


def _kept(root: Path) -> Iterator[str]:
    from docker.utils.build import exclude_paths

    ignore = root / ".dockerignore"
    lines = ignore.read_text(encoding="utf-8", errors="replace").splitlines() if ignore.is_file() else []
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return iter(sorted(name for name in exclude_paths(str(root), patterns) if name not in ("", ".dockerignore")))


def _utf8(name: str, where: str) -> str:
    """The name, which has to be the same everywhere; Python marks bytes that are none as surrogates."""
    try:
        os.fsencode(name).decode()
    except UnicodeDecodeError:
        hint = "rename it, or name its folder in a .dockerignore"
        raise ManifestError(f"the file name {os.fsencode(name)!r} is not UTF-8", where=where, hint=hint) from None
    return name


def _content(path: Path, kind: os.stat_result, root: Path, name: str, where: str) -> bytes:
    """What goes into the hash: a file's bytes, a link's target, nothing for a folder."""
    if stat.S_ISREG(kind.st_mode):
        return path.read_bytes()
    if stat.S_ISDIR(kind.st_mode):
        return b""
    if stat.S_ISLNK(kind.st_mode) and path.resolve().is_relative_to(root):
        return os.fsencode(path.readlink())
    what = "a link that leads out of the context" if stat.S_ISLNK(kind.st_mode) else "neither a file nor a folder"
    raise ManifestError(f"{name} is {what}", where=where, hint="remove it, or name it in a .dockerignore")
