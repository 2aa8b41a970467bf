"""Asks every check of an app once, and looks how its box is afterwards."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from orchestrator.engines import Engine, Sighting
from orchestrator.model import Box, CheckResult, Launch
from orchestrator.observe.question import NO_ANSWER, ask
from orchestrator.observe.seen import KILLED, STOPPED, Seen, met, out_of_memory

DYING_SECONDS = 1.0


def check(engine: Engine, box: Box, seen: Seen) -> Seen:
    """Ask every check once; an app that never got ready is not asked."""
    if seen.phase != "done":
        return seen
    launch = next(launch for launch in box.launches if launch.app == seen.app.name)
    with ThreadPoolExecutor(4) as pool:
        results = tuple(pool.map(lambda one: ask(engine, box, launch, seen, one), seen.app.checks))
    after = _after(engine, box, launch, results)
    code = after.exits.get(launch.app, seen.exit_code)
    note = seen.note
    if launch.ports and not after.running and code is None:
        note = STOPPED
    elif launch.ports and code == KILLED and "memory" in met(after, launch.app):
        note = out_of_memory(seen.app)
    elif launch.ports and code is not None and all(result.passed for result in results):
        note = f"ended (exit {code}) while it was checked"
    phase = "done" if all(result.passed for result in results) and not note else "check"
    return Seen(seen.app, phase, after, seen.seconds, code, note, results)


def _after(engine: Engine, box: Box, launch: Launch, results: Sequence[CheckResult]) -> Sighting:
    """How the box is after the checks. An app that gave no answer may be dying: its exit is waited for, briefly."""
    deadline = time.monotonic() + (DYING_SECONDS if any(one.detail == NO_ANSWER for one in results) else 0)
    while True:
        sighting = engine.look(box)
        if launch.app in sighting.exits or not sighting.running or time.monotonic() >= deadline:
            return sighting
        time.sleep(0.05)
