"""Pinned inputs of a recipe: fetched once, verified, kept in the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from orchestrator.catalogue import Input
from orchestrator.errors import Unavailable
from orchestrator.recipes import npm, pypi
from orchestrator.recipes.store import artefact


def fetch(wanted: Input, emit: Callable[[str], None]) -> Path:
    """The input's file, or the folder of its members.

    Raises Unavailable where it cannot be had, or where what came has another hash than the catalogue says.
    """
    return artefact(f"{wanted.sha256[:16]}-{Path(wanted.path).name}", lambda path: _make(wanted, path, emit))


def _make(wanted: Input, target: Path, emit: Callable[[str], None]) -> None:
    emit(f"fetching {wanted.package} ({wanted.source})")
    with TemporaryDirectory(dir=target.parent) as temporary:
        folder = Path(temporary)
        (npm if wanted.source == "npm" else pypi).download(wanted, folder)
        (file,) = (path for path in folder.iterdir() if path.suffix in (".tgz", ".whl"))
        verify(file, wanted)
        if wanted.members:
            _unpack(file, wanted.members, target)
        else:
            file.rename(target)


def verify(file: Path, wanted: Input) -> None:
    """Raises Unavailable where the file's SHA-256 is not the pinned one."""
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != wanted.sha256:
        raise Unavailable(
            f"{wanted.package} has SHA-256 {found}, the catalogue pins {wanted.sha256}; it was not used",
            hint=f"{wanted.source} or its mirror serves another file than the one this recipe was made with",
        )


def _unpack(wheel: Path, patterns: tuple[str, ...], folder: Path) -> None:
    """The members that match, without their folders."""
    folder.mkdir()
    with ZipFile(wheel) as opened:
        for name in opened.namelist():
            if any(fnmatchcase(name, pattern) for pattern in patterns):
                (folder / Path(name).name).write_bytes(opened.read(name))
