"""Runs the tools of the machine: with a deadline, with their last lines in the error, and stopped when we are."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from orchestrator.errors import Unavailable

_TAIL = 12
_GRACE_SECONDS = 10
_running: set[subprocess.Popen[str]] = set()


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
            start_new_session=True,
        )
    except FileNotFoundError:
        raise Unavailable(f"{purpose}: this machine has no {argv[0]}", hint=hint) from None
    _running.add(child)
    try:
        with child:
            out, err, late = _outcome(child, seconds)
    finally:
        _running.discard(child)
    if late or child.returncode:
        reason = f"did not end within {seconds:.0f} s" if late else f"failed with exit code {child.returncode}"
        tail = tuple((out + err).strip().splitlines()[-_TAIL:])
        raise Unavailable(f"{purpose}: {Path(argv[0]).name} {reason}", hint=hint, excerpt=tail)
    return out


def stop() -> None:
    """Asks every command that is running to end, with all it started; whoever waits for one gets Unavailable.

    A Ctrl-C reaches none of them: each has a session of its own.
    """
    for child in tuple(_running):
        _signal(child, signal.SIGTERM)


def _outcome(child: subprocess.Popen[str], seconds: float) -> tuple[str, str, bool]:
    """Stdout, stderr, and whether it was too late. A late child is asked to end before it is killed."""
    try:
        return *child.communicate(timeout=seconds), False
    except subprocess.TimeoutExpired:
        _signal(child, signal.SIGTERM)
    try:
        return *child.communicate(timeout=_GRACE_SECONDS), True
    except subprocess.TimeoutExpired:
        _signal(child, signal.SIGKILL)
    return *child.communicate(), True


def _signal(child: subprocess.Popen[str], number: int) -> None:
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
