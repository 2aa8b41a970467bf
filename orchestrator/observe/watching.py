"""Waits until each app of a box is ready, has ended, or is out of time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from threading import Event

from orchestrator.engines import Engine, Sighting
from orchestrator.errors import Interrupted
from orchestrator.model import App, Box, Launch
from orchestrator.observe.seen import KILLED, LATE, STOPPED, Seen, declared, met, out_of_memory
from orchestrator.phrases import UNENDED

VERSION_SECONDS = 10.0
"""A runtime answers in 0.05 s; on a machine under load it has been seen to take seconds."""


def watch(engine: Engine, box: Box, apps: Mapping[str, App], stop: Event) -> tuple[Seen, ...]:
    """Wait for the box's apps, in start order; each is started once the one before is ready, dead, or out of time.

    Raises Interrupted once `stop` is set.
    """
    seen = list[Seen]()
    held = dict[int, str]()
    for place, launch in enumerate(box.launches):
        holder = held.get(launch.ports[0], "") if launch.ports else ""
        one = _wait(engine, box, launch, apps[launch.app], holder, stop)
        if place + 1 < len(box.launches) and one.exit_code is None and one.sighting.running:
            engine.ready(box, launch.app)
        if one.phase == "done":
            held |= dict.fromkeys(launch.ports, launch.app)
        seen.append(one)
    return tuple(seen)


def _wait(engine: Engine, box: Box, launch: Launch, app: App, holder: str, stop: Event) -> Seen:
    """Ready is any HTTP answer on the app's port, or the exit of a job.

    Where `holder`, an app that was ready before, has that port, an answer there is not this app's.
    """
    began = time.monotonic()
    deadline = began + app.healthcheck.deadline
    pause = 0.02
    while True:
        sighting = engine.look(box)
        passed = time.monotonic() - began
        if launch.app in sighting.exits or not sighting.running:
            return _ended(launch, app, _answered(engine, box, stop), passed)
        url = sighting.urls.get((launch.app, launch.ports[0])) if launch.ports and not holder else None
        if url and engine.ask(url, "GET", app.healthcheck.timeout):
            passed = time.monotonic() - began
            return Seen(app, "done", _answered(engine, box, stop), passed)
        if time.monotonic() > deadline:
            late = f"{LATE if launch.ports else UNENDED} {app.healthcheck.deadline:g} s"
            late += f": its port is held by {holder}" if holder else ""
            return Seen(app, "start", sighting, passed, note=late)
        if stop.wait(pause):
            raise Interrupted("interrupted")
        pause = min(pause * 1.5, 0.25)


def _answered(engine: Engine, box: Box, stop: Event) -> Sighting:
    """A last look, once the box has told its versions: an app may be quicker than its runtime's own answer."""
    deadline = time.monotonic() + VERSION_SECONDS
    while True:
        sighting = engine.look(box)
        if box.asks.keys() <= sighting.versions.keys() or not sighting.running:
            return sighting
        if time.monotonic() > deadline:
            return replace(sighting, versions=_asked(engine, box))
        if stop.wait(0.02):
            raise Interrupted("interrupted")


def _asked(engine: Engine, box: Box) -> Mapping[str, str]:
    """The versions of a box whose log has lost its head: asked again, inside."""
    answers = {family: engine.run(box, box.launches[0].app, argv, VERSION_SECONDS) for family, argv in box.asks.items()}
    return {family: ran.stdout + ran.stderr for family, ran in answers.items() if ran}


def _ended(launch: Launch, app: App, sighting: Sighting, passed: float) -> Seen:
    """A job that ended is ready to be checked; a service that ended has failed to start."""
    code = sighting.exits.get(launch.app)
    note = ""
    if launch.app in sighting.stopped or code is None:
        note = STOPPED
    elif code in declared(app):
        note = ""
    elif code == KILLED and "memory" in met(sighting, launch.app):
        note = out_of_memory(app)
    elif code == KILLED:
        note = "killed, and not at the box's memory limit: by the machine, or by someone"
    phase = "start" if launch.ports or note == STOPPED else "done"
    return Seen(app, phase, sighting, passed, exit_code=code, note=note)
