"""A real interpreter of this machine is packed and runs from another place."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from orchestrator.recipes import interpreter
from orchestrator.recipes.packing import pack

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
FOUND = interpreter.find(VERSION)
pytestmark = pytest.mark.skipif(not FOUND, reason=f"this machine has no python{VERSION} of its own prefix")


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packed, then unpacked where it was never installed."""
    folder = tmp_path_factory.mktemp("moved")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        with tarfile.open(pack(FOUND, lambda _: None)) as packed:
            assert {(entry.uid, entry.gid, entry.uname) for entry in packed} == {(0, 0, "root")}
            packed.extractall(folder / "local", filter="tar")
    return folder / "local"


def test_it_runs_from_another_place(moved: Path) -> None:
    argv = (moved / f"bin/python{VERSION}", "-B", "-c", "import ctypes, sqlite3, ssl, sys; print(sys.prefix)")
    told = subprocess.run(argv, check=True, capture_output=True, text=True, env={"LD_LIBRARY_PATH": str(moved / "lib")})
    assert told.stdout.strip() == str(moved)


def test_it_can_make_virtual_environments(moved: Path) -> None:
    assert list(moved.glob("lib/python3*/ensurepip/_bundled/pip-*.whl"))


def test_packages_and_their_programs_stay_behind(moved: Path) -> None:
    assert not [*moved.glob("lib/python3*/site-packages/*"), *moved.glob("bin/pip*"), *moved.rglob("__pycache__")]


def test_no_text_names_the_old_place(moved: Path) -> None:
    old = str(FOUND.prefix).encode()
    texts = (path for path in moved.rglob("*") if path.is_file() and not path.read_bytes().startswith(b"\x7fELF"))
    assert [path for path in texts if old in path.read_bytes()] == []
