"""Looks into a box: what is installed there, and what an app has written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from orchestrator import confinement, observe
from orchestrator.arms.boxes import start
from orchestrator.arms.conductor import Conductor
from orchestrator.arms.images import build
from orchestrator.errors import Unavailable
from orchestrator.family import Family
from orchestrator.inventory import Inventory, read
from orchestrator.model import App, Box, Launch
from orchestrator.plan import Trial

SECONDS = 60.0
KEEPER = "_keeper"
"""Keeps a box up after its app has ended, so that it can be looked into. No app of a manifest can have that name."""


def inventory(conductor: Conductor, trial: Trial, family: Family) -> Inventory | None:
    """What the trial's image has installed, as its app would find it; None where that cannot be told."""
    with _kept(conductor, trial, ()) as box:
        ran = conductor.engine.run(box, KEEPER, family.inventory, SECONDS)
    return read(ran.stdout) if ran else None


def written(conductor: Conductor, apps: Mapping[str, App], trial: Trial) -> Mapping[str, str]:
    """What is in the box's writable folders once its app was started and checked: path -> hash of its content."""
    folders = [path for path in confinement.tmpfs(trial.box) if path != confinement.RUN]
    with _kept(conductor, trial, trial.box.launches) as box:
        (seen,) = observe.watch(conductor.engine, trial.box, apps, conductor.stop)
        observe.check(conductor.engine, trial.box, seen)
        sums = ("find", *folders, "-type", "f", "-exec", "sha256sum", "--", "{}", "+")
        ran = conductor.engine.run(box, KEEPER, sums, SECONDS)
    lines = [line.partition("  ") for line in ran.stdout.splitlines()] if ran else []
    return {path: digest for digest, _, path in lines if path}


@contextmanager
def _kept(conductor: Conductor, trial: Trial, launches: Sequence[Launch]) -> Iterator[Box]:
    """Its image may never have been made: no box was run from it, or it was remembered. Raises Unavailable."""
    ended = build(conductor, trial.images)[trial.image.tag]
    if not ended.ok:
        raise Unavailable(f"{trial.image.cause} could not be made: {ended.tail[-1] if ended.tail else ''}")
    box, (app,) = trial.box, trial.box.launches
    keeper = Launch(KEEPER, ("sleep", "infinity"), "/", app.environment)
    kept = replace(box, launches=(*launches, keeper))
    try:
        start(conductor, kept)
        yield kept
    finally:
        conductor.engine.discard(kept)
