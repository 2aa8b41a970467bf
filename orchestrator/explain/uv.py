"""uv as the resolver: quick to search with, never the last word. Nothing is built on this machine."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from orchestrator.host import Host

SECONDS = 120.0
OPTIONS = ("--no-build", "--no-python-downloads", "--no-config", "--no-header", "--quiet")
UNSATISFIABLE = "No solution found when resolving dependencies"
NOT_BUILT = ("--no-build", "no usable wheels", "no wheels")
"""What uv says where it would have to build a package to know: then it does not know."""


def refused(lines: Sequence[str], python: str, settings: Host) -> str | None:
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
    if UNSATISFIABLE not in told or any(words in told for words in NOT_BUILT):
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
