"""Runs the tools of the machine: with a deadline, and with their last lines in the error."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from orchestrator.errors import Unavailable

_TAIL = 12


def run(
    argv: tuple[str, ...],
    purpose: str,
    *,
    seconds: float,
    hint: str = "",
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """What the command printed on stdout; `environment` is added to ours, `purpose` begins the error's sentence.

    Raises Unavailable where it is missing, fails, or does not end in time; the excerpt holds its last lines.
    """
    try:
        child = subprocess.Popen(
            argv,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError:
        raise Unavailable(f"{purpose}: this machine has no {argv[0]}", hint=hint) from None
    with child:
        out, err, reason = _finish(child, seconds)
    if reason:
        tail = tuple((out + err).strip().splitlines()[-_TAIL:])
        raise Unavailable(f"{purpose}: {argv[0]} {reason}", hint=hint, excerpt=tail)
    return out


def _finish(child: subprocess.Popen[str], seconds: float) -> tuple[str, str, str]:
    """Stdout, stderr, and what is wrong (empty: nothing). A late child is asked to end before it is killed."""
    try:
        out, err = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.terminate()
        try:
            out, err = child.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
        return out, err, f"did not end within {seconds:.0f} s"
    return out, err, f"failed with exit code {child.returncode}" if child.returncode else ""
