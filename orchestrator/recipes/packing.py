"""An interpreter of this machine -> a tar that belongs in /usr/local: without tests, Tk and installed packages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

from orchestrator.recipes.interpreter import Interpreter
from orchestrator.recipes.store import artefact

EDITION = "1"
"""Changes when `pack` gives something else for the same interpreter."""
_OMIT = shutil.ignore_patterns(
    "__pycache__", "site-packages", "test", "tests", "idlelib", "tkinter", "_tkinter*", "turtledemo", "*.a"
)
_PROGRAM = re.compile(r"(2to3|pydoc|python)[\d.-]*(-?config)?")


def pack(found: Interpreter, emit: Callable[[str], None]) -> Path:
    """The tar, from the cache where it is there. Any place serves: CPython finds its prefix from the program's path."""
    place = str(found.prefix).replace("/", "-")
    return artefact(f"cpython{place}-{found.release}-{EDITION}.tar", lambda target: _pack(found, target, emit))


def _pack(found: Interpreter, target: Path, emit: Callable[[str], None]) -> None:
    emit(f"packing CPython {found.release} from {found.prefix}")
    tree = target.with_suffix(".tree")
    _copy(found, tree)
    _rename(tree, found.prefix)
    _strip(tree)
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as packed:
        packed.add(tree, arcname=".", filter=_owned_by_root)


def _copy(found: Interpreter, tree: Path) -> None:
    for folder in (f"lib/{found.name}", f"include/{found.name}"):
        shutil.copytree(found.prefix / folder, tree / folder, symlinks=True, ignore=_OMIT)
    (tree / "lib" / found.name / "site-packages").mkdir()
    programs = [path for path in found.prefix.glob("bin/*") if _PROGRAM.fullmatch(path.name)]
    for file in (*programs, *found.prefix.glob("lib/libpython*.so*"), *found.prefix.glob("lib/pkgconfig/python*")):
        copy = tree / file.relative_to(found.prefix)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy, follow_symlinks=False)


def _rename(tree: Path, prefix: Path) -> None:
    """Scripts and build settings name the prefix: let them name /usr/local."""
    old, new = os.fsencode(prefix), b"/usr/local"
    for pattern in ("bin/*", "lib/pkgconfig/*", "lib/python*/_sysconfigdata*.py", "lib/python*/config-*/*"):
        for file in tree.glob(pattern):
            content = b"" if file.is_symlink() else file.read_bytes()
            if old in content and not content.startswith(b"\x7fELF"):
                file.write_bytes(content.replace(old, new))


def _strip(tree: Path) -> None:
    """Debugging symbols are three quarters of libpython; without binutils they stay."""
    libraries = [str(path) for path in tree.rglob("*.so*") if not path.is_symlink()]
    if shutil.which("strip"):
        subprocess.run(("strip", "--strip-unneeded", *libraries), check=False, capture_output=True, timeout=300)


def _owned_by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    return entry.replace(uid=0, gid=0, uname="root", gname="root", deep=False)
