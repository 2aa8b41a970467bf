"""Starts a box and reads what its apps left."""

from __future__ import annotations

from orchestrator.arms.conductor import Conductor
from orchestrator.errors import Interrupted
from orchestrator.events import BoxStarted
from orchestrator.model import Box
from orchestrator.observe import Seen

TAIL_LINES = 20


def start(conductor: Conductor, box: Box, again: str = "") -> None:
    """`again` says why a box that failed is run once more."""
    if conductor.stop.is_set():
        raise Interrupted("interrupted")
    fresh = conductor.engine.start(box)
    apps = tuple(launch.app for launch in box.launches)
    conductor.emit(BoxStarted(box.name, box.arm, apps, reused=not fresh, again=again))


def tail(conductor: Conductor, seen: Seen, what: str) -> tuple[str, ...]:
    """The last lines of an app; all of them are kept under the name `what`."""
    name, kept = seen.app.name, seen.sighting
    left_out = kept.unkept.get(name, 0)
    note = f"\n({left_out} bytes more are left out)\n" if left_out else ""
    conductor.keep(f"{what} {name}", "".join(kept.said.get(name, ())) + note)
    return (*kept.stdout.get(name, ()), *kept.stderr.get(name, ()))[-TAIL_LINES:]
