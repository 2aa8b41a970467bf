"""Reads manifests and what stands beside them. Never follows anything out of the manifest's folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from orchestrator import catalogue
from orchestrator.errors import ManifestError
from orchestrator.manifest import Folder, Source, parse
from orchestrator.model import Manifest
from orchestrator.plan.choice import divided
from orchestrator.runtimes import families

LARGEST_MANIFEST = 256 * 1024
LARGEST_DECLARATION = 256 * 1024
MOST_DECLARATIONS = 100


def load(paths: Sequence[Path], *, project: str | None = None, together: bool = False) -> Manifest:
    """The manifests in these files, merged, with an entry that nobody wrote cut to what can share a box.

    Raises ManifestError (see manifest.parse).
    """
    versions = {name: tuple(catalogue.entries(name)) for name in families()}
    return divided(parse(read_manifests(paths), families(), versions, project=project, together=together))


def read_manifests(paths: Sequence[Path]) -> tuple[Source, ...]:
    """The texts of these files; raises ManifestError where one cannot be a manifest."""
    return tuple(Source(path, _manifest(path), partial(look, path.parent)) for path in paths)


def _manifest(path: Path) -> str:
    try:
        content = regular(path, LARGEST_MANIFEST)
    except FileNotFoundError:
        raise ManifestError(
            f"there is no file {path}", where=str(path), hint="isolate init writes a first one"
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        hint = f"name the manifest in it: {path}/manifest.yaml" if path.is_dir() else ""
        raise ManifestError(f"{path} cannot be read: {reason}", where=f"{path}:1:1", hint=hint) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise ManifestError("this is not UTF-8", where=f"{path}:{line}:{column}", hint="save it as UTF-8") from None


def regular(path: Path, largest: int) -> bytes:
    """The bytes of a regular file; raises ValueError for anything else and for more than `largest` bytes.

    What it is is asked twice: a device may act when it is opened, and what is there may change in between.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("it is not a file")
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ValueError("it is not a file")
        with os.fdopen(handle, "rb", closefd=False) as file:
            content = file.read(largest + 1) or b""
    finally:
        os.close(handle)
    if len(content) > largest:
        raise ValueError(f"it is larger than {largest // 1024} KiB")
    return content


def look(folder: Path, build: str, patterns: Sequence[str]) -> Folder:
    """The build context `build` of a manifest in `folder`, with the texts of the files that match a pattern."""
    root = folder.resolve()
    try:
        path = (root / build).resolve()
        if Path(build).is_absolute() or not path.is_relative_to(root):
            return Folder(path, f"{build!r} leads out of the manifest's folder")
        if not path.is_dir():
            return Folder(path, f"{build!r} is not a folder" if path.exists() else f"there is no folder {build!r}")
        return Folder(path, texts=dict(_texts(path, patterns)))
    except (OSError, RuntimeError, ValueError) as error:
        return Folder(root, f"{build!r} cannot be read: {getattr(error, 'strerror', None) or error}")


def _texts(folder: Path, patterns: Sequence[str]) -> Iterator[tuple[str, str]]:
    with os.scandir(folder) as entries:
        files = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    named = sorted(name for name in files if any(fnmatchcase(name, pattern) for pattern in patterns))
    if len(named) > MOST_DECLARATIONS:
        raise ValueError(f"more than {MOST_DECLARATIONS} of its files can name a runtime")
    for name in named:
        try:
            yield name, regular(folder / name, LARGEST_DECLARATION).decode("utf-8-sig", "replace")
        except (OSError, ValueError):
            yield name, ""
