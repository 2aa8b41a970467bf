"""Python interpreters of this machine, as far as they can be packed: pyenv's, siblings of ours, those on PATH."""

from __future__ import annotations

import os
import pwd
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SYSTEM = (Path("/"), Path("/usr"))
"""Prefixes that belong to the distribution: nothing there can be taken apart."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A CPython under a prefix of its own; `release` is exact: `3.8.18`."""

    prefix: Path
    release: str

    @property
    def name(self) -> str:
        return "python" + ".".join(self.release.split(".")[:2])


def find(version: str) -> Interpreter | None:
    """The newest release of `version` (`3.8`) on this machine, the first of equals; nothing is run."""
    found = [Interpreter(prefix, release) for prefix in _prefixes(version) if (release := _release(prefix, version))]
    return max(found, key=lambda one: int(one.release.rsplit(".", 1)[1]), default=None)


def places_looked(version: str) -> tuple[str, ...]:
    """Where `find` looks, for the error that says it found nothing."""
    return (*map(str, _roots()), f"python{version} on PATH")


def _roots() -> tuple[Path, ...]:
    """Folders that hold one prefix per interpreter."""
    homes = (os.environ.get("HOME"), pwd.getpwuid(os.geteuid()).pw_dir)
    pyenvs = (os.environ.get("PYENV_ROOT"), *(home and f"{home}/.pyenv" for home in homes))
    return tuple(dict.fromkeys((*(Path(one, "versions") for one in pyenvs if one), Path(sys.base_prefix).parent)))


def _prefixes(version: str) -> Iterator[Path]:
    for root in _roots():
        yield from sorted(root.glob(f"*{version}*"))
    for folder in os.get_exec_path():
        yield Path(folder, f"python{version}").resolve().parent.parent


def _release(prefix: Path, version: str) -> str | None:
    """The exact release that its own header states; None where this is no packable CPython of that version."""
    header = prefix / f"include/python{version}/patchlevel.h"
    program = prefix / f"bin/python{version}"
    if prefix in _SYSTEM or not program.is_file() or not header.is_file():
        return None
    stated = re.search(r'#define PY_VERSION\s+"(\d+\.\d+\.\d+)"', header.read_text(encoding="utf-8"))
    return stated[1] if stated else None
