"""Removes by labels until it stays quiet: a request that was in flight when its client died may complete later."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from orchestrator.errors import Unavailable
from orchestrator.labels import OWNER, PROJECT, RUN, SETTLE

if TYPE_CHECKING:
    from orchestrator.engines import Engine, Swept

DEADLINE_SECONDS = 60.0
INTERRUPTED_SECONDS = 0.4
"""Creating a network takes the engine 0.1 to 0.3 s, whoever still waits for it."""


def settle(engine: Engine, labels: Mapping[str, str]) -> None:
    """Wait for networks that a client asked for before it was killed; `sweep` finds them then.

    moby's bridge driver makes one network after the other, so one more is made, and removed. It is the project's where
    that and its owner are known, else one of its own. Where the engine has no address for it, or does not answer,
    nothing was waited for.
    """
    name = f"{SETTLE}{secrets.token_hex(4)}"
    known = {label: labels[label] for label in (PROJECT, OWNER) if labels.get(label)}
    whose = known if len(known) == 2 else {PROJECT: name, OWNER: name}
    unsure = INTERRUPTED_SECONDS
    try:
        with suppress(Unavailable):
            engine.network(name, {**whose, RUN: name})
            unsure = 0.0
    finally:
        sweep(engine, {RUN: name}, unsure)


def sweep(engine: Engine, labels: Mapping[str, str], quiet: float) -> Swept:
    """Remove what carries these labels, again and again until nothing new has come for `quiet` seconds.

    `left` is what the last look could not remove.
    """
    looks = [engine.sweep(labels)]
    began = changed = time.monotonic()
    while time.monotonic() < min(changed + quiet, began + DEADLINE_SECONDS):
        time.sleep(quiet / 4)
        looks.append(engine.sweep(labels))
        if looks[-1].containers or looks[-1].networks or looks[-1].volumes:
            changed = time.monotonic()
    return replace(merged(looks), left=looks[-1].left)


def merged(looks: Iterable[Swept]) -> Swept:
    """All of them in one."""
    from orchestrator.engines import Swept

    every = [(one.containers, one.networks, one.volumes, one.left) for one in looks]
    return Swept(*(tuple(chain.from_iterable(column)) for column in zip(*every, strict=True)))


def clean_up(engine: Engine, project: str, whose: str, run: str) -> Any:
    """Remove what one run made: its boxes, and the project's network where nothing else uses it.

    The request that the signal cut short may still complete, hence more than one look.
    """
    from orchestrator.events import Removed

    ours = {PROJECT: project, OWNER: whose}
    swept = sweep(engine, {**ours, RUN: run}, INTERRUPTED_SECONDS)
    if not engine.found(ours):
        swept = merged([swept, sweep(engine, ours, INTERRUPTED_SECONDS)])
    return Removed(swept.containers, swept.networks, swept.volumes, swept.left)


def removed_all(removed: Any, project: str) -> None:
    """Raises Unavailable where something stays."""
    if removed.left:
        raise Unavailable(f"not removed: {', '.join(removed.left)}", hint=f"isolate down {project}")
