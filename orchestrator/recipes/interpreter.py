"""Python interpreters of this machine: found, and packed into a tar that belongs in /usr/local."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestrator.recipes.store import artefact

_OMIT = shutil.ignore_patterns(
    "__pycache__", "site-packages", "test", "tests", "idlelib", "tkinter", "_tkinter*", "turtledemo", "*.a"
)
_PROGRAM = re.compile(r"(2to3|pydoc|python)[\d.-]*(-?config)?")
_NOT_PACKABLE = ("/", "/usr")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A CPython under a prefix of its own; `release` is exact: `3.8.18`."""

    prefix: Path
    release: str

    @property
    def name(self) -> str:
        return "python" + ".".join(self.release.split(".")[:2])


def find(version: str) -> Interpreter | None:
    """The newest `version` (`3.8`) among the folders that `places_looked` names, the first of equals."""
    found = [Interpreter(prefix, release) for prefix in _prefixes(version) if (release := _release(prefix, version))]
    return max(found, key=lambda one: [int(part) for part in one.release.split(".")], default=None)


def places_looked(version: str) -> tuple[str, ...]:
    """Where `find` looks, for the error that says it found nothing."""
    return (*(str(root) for root in _roots()), f"python{version} on PATH")


def _roots() -> tuple[Path, ...]:
    """Folders with one prefix per interpreter: pyenv's, and wherever the running one has siblings."""
    home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    pyenvs = (os.environ.get("PYENV_ROOT", ""), str(Path.home() / ".pyenv"), str(home / ".pyenv"))
    roots = [*(Path(pyenv, "versions") for pyenv in pyenvs if pyenv), Path(sys.base_prefix).parent]
    return tuple(dict.fromkeys(roots))


def _prefixes(version: str) -> Iterator[Path]:
    for root in _roots():
        yield from sorted(root.glob(f"*{version}*"))
    for folder in os.get_exec_path():
        yield Path(folder, f"python{version}").resolve().parent.parent


def _release(prefix: Path, version: str) -> str | None:
    """The exact release that its own header states; None where this is no packable CPython of that version."""
    header = prefix / f"include/python{version}/patchlevel.h"
    program = prefix / f"bin/python{version}"
    if str(prefix) in _NOT_PACKABLE or not program.is_file() or not header.is_file():
        return None
    stated = re.search(r'#define PY_VERSION\s+"(\d+\.\d+\.\d+)"', header.read_text(encoding="utf-8"))
    return stated[1] if stated else None


def pack(found: Interpreter, emit: Callable[[str], None]) -> Path:
    """A tar of `bin`, `include` and `lib` that runs from /usr/local: without tests, Tk and installed packages."""
    place = str(found.prefix).replace("/", "-")
    return artefact(f"cpython{place}-{found.release}.tar", lambda target: _pack(found, target, emit))


def _pack(found: Interpreter, target: Path, emit: Callable[[str], None]) -> None:
    emit(f"packing CPython {found.release} from {found.prefix}")
    tree = target.with_suffix("")
    for folder, omit in (("bin", _foreign), ("include", None), ("lib", _OMIT)):
        shutil.copytree(found.prefix / folder, tree / folder, symlinks=True, ignore=omit)
    (tree / "lib" / found.name / "site-packages").mkdir()
    _move(tree, found.prefix)
    _strip(tree)
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as packed:
        packed.add(tree, arcname=".", filter=_root)


def _foreign(_folder: str, names: list[str]) -> list[str]:
    """Programs that packages installed, not CPython."""
    return [name for name in names if not _PROGRAM.fullmatch(name)]


def _move(tree: Path, prefix: Path) -> None:
    """Scripts and build settings name the prefix: let them name /usr/local."""
    old, new = os.fsencode(prefix), b"/usr/local"
    for pattern in ("bin/*", "lib/pkgconfig/*", "lib/python*/_sysconfigdata*.py", "lib/python*/config-*/*"):
        for file in tree.glob(pattern):
            content = b"" if file.is_symlink() or file.is_dir() else file.read_bytes()
            if old in content and not content.startswith(b"\x7fELF"):
                file.write_bytes(content.replace(old, new))


def _strip(tree: Path) -> None:
    """Debugging symbols are three quarters of libpython; without binutils they stay."""
    libraries = [str(path) for path in tree.rglob("*.so*") if not path.is_symlink()]
    if shutil.which("strip"):
        subprocess.run(("strip", "--strip-unneeded", *libraries), check=False, capture_output=True, timeout=300)


def _root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry
