"""uv as the resolver: quick to search with, never the last word. Nothing is built on this machine."""

from __future__ import annotations

import configparser
import hashlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from orchestrator import __version__
from orchestrator.host import Host
from orchestrator.memory import Memory, Said

SECONDS = 120.0
OPTIONS = ("--no-build", "--no-python-downloads", "--no-config", "--no-header", "--quiet")
UNSATISFIABLE = "No solution found when resolving dependencies"
UNKNOWING = (
    "--no-build",
    "no usable wheels",
    "no wheels",
    "not found in the cache",
    "network was disabled",
    "could not be queried",
)
"""What uv says where it would have to build or to fetch something to know: then it does not know."""

DECIDING = (
    *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_INDEX_STRATEGY"),
    *("UV_EXCLUDE_NEWER", "UV_CONSTRAINT", "UV_OVERRIDE", "UV_PRERELEASE", "UV_RESOLUTION"),
)
"""uv's variables that may change its answer (uv, "Environment variables"); the others change how it gets there."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """uv, asked for the Python of that version, with the machine's index; what is remembered is not asked again."""

    python: str
    settings: Host
    memory: Memory

    def refused(self, lines: Sequence[str]) -> Said | None:
        """Why no set of versions holds all these lines, in uv's words; empty where one does.

        None where uv does not know, and that is not remembered.
        """
        key = self._fingerprint(lines)
        if said := self.memory.recall_said(key):
            return said
        told = ask(lines, self.python, self.settings)
        return None if told is None else self.memory.keep_said(key, told)

    def _fingerprint(self, lines: Sequence[str]) -> str:
        """All that an answer depends on, but for who asks: a new password is no new question."""
        environment = _environment(self.settings)
        deciding = [(name, re.sub(r"//[^/@\s]*@", "//", environment[name])) for name in DECIDING if name in environment]
        here = (__version__, version("uv"), sys.platform, platform.machine())
        what = ("uv", here, tuple(lines), self.python, deciding)
        return hashlib.sha256(repr(what).encode()).hexdigest()


def ask(lines: Sequence[str], python: str, settings: Host) -> str | None:
    """Why no set of versions holds all these lines on that Python, in uv's words; empty where one does.

    None where uv does not know.
    """
    command = [program(), "pip", "compile", "-", "--python", sys.executable, "--python-version", python, *OPTIONS]
    try:
        ran = subprocess.run(
            command,
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
            cwd="/",
            env=_environment(settings),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if ran.returncode == 0:
        return ""
    told = " ".join(ran.stderr.split())
    if UNSATISFIABLE not in told or any(words in told for words in UNKNOWING):
        return None
    return told.partition("cause: ")[2].partition(" hint:")[0] or told


def program() -> str:
    """The uv that came with isolate."""
    from uv import find_uv_bin

    return str(find_uv_bin())


def _environment(settings: Host) -> Mapping[str, str]:
    """The machine's own, with pip's index in uv's words."""
    pip = configparser.RawConfigParser()
    pip.read_string(settings.files.get("python/pip.conf", b"").decode())
    found = dict(pip["global"]) if "global" in pip else {}
    names = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX"}
    index = {to: " ".join(found[name].split()) for name, to in names.items() if name in found}
    return {"UV_HTTP_RETRIES": "1"} | os.environ | index
