"""Where isolate keeps its own things (XDG base directories). Every path is absolute, free of symlinks, not created."""

from __future__ import annotations

import hashlib
import os
import pwd
import tempfile
from pathlib import Path

SOCKET_FOLDER_BYTES = 64
"""A socket's path has 107 bytes (unix(7)); what exceeds this leaves too few for names of our own."""


def state() -> Path:
    """Runs: events, results, logs."""
    return _under("XDG_STATE_HOME", ".local/state")


def cache() -> Path:
    """What can be made again at the price of time."""
    return _under("XDG_CACHE_HOME", ".cache")


def data() -> Path:
    """The private engine, its packages and its images."""
    return _under("XDG_DATA_HOME", ".local/share")


def identity() -> str:
    """Eight hex digits that tell one `data()` from another: two homes are two engines."""
    return hashlib.sha256(os.fsencode(data())).hexdigest()[:8]


def runtime() -> Path:
    """Sockets and pid files; gone after a reboot. Short; for whoever creates it: mode 0700."""
    if os.geteuid() == 0:
        return Path("/run", f"isolate-{identity()}")
    given = Path(os.environ.get("XDG_RUNTIME_DIR", "")).resolve()
    fits = os.environ.get("XDG_RUNTIME_DIR", "").startswith("/") and len(os.fsencode(given)) <= SOCKET_FOLDER_BYTES
    return (given if fits else Path(tempfile.gettempdir()).resolve()) / f"isolate-{os.geteuid()}-{identity()}"


def engine_socket() -> Path:
    """Where the private engine listens."""
    return runtime() / "docker.sock"


def _under(variable: str, fallback: str) -> Path:
    given = Path(os.environ.get(variable, ""))
    return ((given if given.is_absolute() else home() / fallback) / "isolate").resolve()


def home() -> Path:
    """The user's own folder."""
    return Path(os.environ.get("HOME") or pwd.getpwuid(os.geteuid()).pw_dir)
