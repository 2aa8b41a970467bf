"""`isolate version`: of isolate, and of the engine it would use."""

from __future__ import annotations

import argparse
from typing import Any

SUMMARY = "print the versions of isolate and of the engine in use"
EXAMPLE = "isolate version --json"


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(args: argparse.Namespace) -> int:
    """Exit code 0, also where no engine answers."""
    import platform

    from orchestrator import __version__
    from orchestrator.cli._answer import answer

    engine = _engine()
    shown = f"{engine['kind']} {engine['version']} ({engine['url']})" if engine["version"] else engine["reason"]
    document = {"tool": {"version": __version__}, "python": platform.python_version(), "engine": engine}
    lines = [f"isolate {__version__}", f"python  {document['python']}", f"engine  {shown}"]
    return answer(args, document, lines)


def _engine() -> dict[str, Any]:
    from orchestrator.errors import Unavailable
    from orchestrator.running import endpoint, open_engine

    try:
        at = endpoint()
        facts = open_engine(at).facts()
    except Unavailable as error:
        return {"kind": None, "version": None, "url": None, "reason": f"none: {error.message}"}
    return {"kind": facts.kind, "version": facts.version, "builder": facts.builder, "url": at.url}
