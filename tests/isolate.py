"""Runs the command as a user would: a process of its own, on the engine under test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from published import is_result

COMMAND = (sys.executable, "-m", "orchestrator")
SERVER = """\
import os, http.server as h
h.HTTPServer(("", int(os.environ["PORT"])), h.SimpleHTTPRequestHandler).serve_forever()
"""


def isolate(
    *words: str, url: str, environment: Mapping[str, str] | None = None, seconds: float = 900
) -> subprocess.CompletedProcess[str]:
    """One command, its output and its exit code."""
    ours = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("GITHUB_")}
    variables = {**ours, "DOCKER_HOST": url, **(environment or {})}
    return subprocess.run(
        (*COMMAND, *words), capture_output=True, text=True, env=variables, timeout=seconds, check=False
    )


def document(ran: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one JSON document on stdout, which is what the schema says."""
    assert ran.stdout, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    assert is_result(found)
    return found


def service(runtime: str, **facts: object) -> dict[str, object]:
    return {
        "runtime": runtime,
        "command": ["python", "-c", SERVER],
        "ports": ["8080"],
        "checks": [{"http": "/"}],
        **facts,
    }


def write(folder: Path, name: str, apps: Mapping[str, object], **facts: object) -> str:
    """A manifest (JSON is YAML) in folder; its path."""
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps({"name": name, "apps": apps, **facts}))
    return str(path)
