"""What `doctor` finds: each thing that `up` leans on, how it is, and the command that mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from orchestrator.diagnosis import engine, leftovers, machine, parts, sources
from orchestrator.diagnosis.finding import Finding
from orchestrator.engines import Engine
from orchestrator.engines.locate import Endpoint
from orchestrator.errors import IsolateError, Unavailable

__all__ = ["Finding", "examine", "without_engine"]


def examine(found: Engine, endpoint: Endpoint) -> list[Finding]:
    """Look at everything, at the same time where it takes time."""
    return _all(
        partial(engine.identity, found, f"{endpoint.url} ({endpoint.found_by})"),
        partial(engine.confinement, found),
        partial(engine.builds, found, endpoint.url),
        partial(parts.look, found, own=endpoint.found_by == "private engine"),
        partial(engine.clients, endpoint.url),
        partial(machine.rooms, found),
        machine.record,
        machine.runtimes,
        machine.recipes,
        partial(sources.online, found),
        partial(leftovers.look, found),
    )


def without_engine(reason: Unavailable) -> list[Finding]:
    """What can be told all the same."""
    looks = (machine.rooms, machine.record, machine.runtimes, machine.recipes)
    return _all(partial(engine.absent, reason), *looks, sources.offline)


def _all(*looks: Callable[[], Iterator[Finding]]) -> list[Finding]:
    with ThreadPoolExecutor(len(looks)) as pool:
        return [finding for findings in pool.map(_told, looks) for finding in findings]


def _told(look: Callable[[], Iterator[Finding]]) -> Sequence[Finding]:
    try:
        return list(look())
    except IsolateError as error:
        return [Finding("engine", "missing", error.message, error.hint)]
