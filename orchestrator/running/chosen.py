"""What a command line or a test chose: manifests cut down to a selection, caps, and how hard to look."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.errors import UsageError

if TYPE_CHECKING:
    from orchestrator.experiment import Options
    from orchestrator.model import Limits, Manifest
    from orchestrator.plan import Context, Plan


def options(
    arm: str = "shared",
    repeat: int | None = None,
    base: str = "auto",
    *,
    keep_going: bool = False,
    remembered: bool = False,
    build_network: str = "default",
) -> Options:
    """What was chosen, and the defaults of a run: a failing environment is run twice, in CI three times."""
    from orchestrator.bases import SOURCES
    from orchestrator.experiment import Options

    sources = SOURCES if base == "auto" else (base,)
    runs = repeat or (3 if os.environ.get("CI") else 2)
    return Options(arm, runs, keep_going, sources, remembered, build_network)  # type: ignore[arg-type]


def owner(path: Path) -> str:
    """A hash of the manifest's real path: the same name in two folders is two projects."""
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:16]


def manifest(
    paths: Iterable[str | Path],
    *,
    project: str | None = None,
    together: bool = False,
    apps: Sequence[str] = (),
    shared: Sequence[str] = (),
    limits: Sequence[str] = (),
) -> Manifest:
    """These manifests, cut down to the selection, with the operator's limits (`memory=2G`)."""
    from orchestrator.files import load
    from orchestrator.plan import select

    chosen = select(load([Path(path) for path in paths], project=project, together=together), apps, shared)
    raise_ = raised(limits)
    return replace(chosen, apps={name: replace(app, limits=raise_(app.limits)) for name, app in chosen.apps.items()})


def raised(given: Sequence[str]) -> Callable[[Limits], Limits]:
    """`--limit memory=2G` -> a function over an app's limits. Only the operator may raise them."""
    from orchestrator.manifest.meanings import LEAST_MEMORY, size_in_bytes

    readers: dict[str, tuple[str, Callable[[str], int], int]] = {
        "memory": ("memory", lambda text: int(size_in_bytes(text)), LEAST_MEMORY),
        "cpus": ("nano_cpus", lambda text: round(float(text) * 1e9), 10_000_000),
        "pids": ("pids", int, 1),
    }
    values: dict[str, int] = {}
    for word in given:
        name, _, text = word.partition("=")
        try:
            field, read, least = readers[name]
            values[field] = read(text)
        except (KeyError, ValueError, OverflowError):
            raise UsageError(f"--limit {word} is not a cap", hint="memory=2G, cpus=2 or pids=512") from None
        if values[field] < least:
            raise UsageError(f"--limit {word} is too little", hint="memory=2G, cpus=2 or pids=512")
    return lambda limits: replace(limits, **values)


def contexts(of: Manifest) -> Mapping[str, Context]:
    from orchestrator.contexts import read

    return {name: read(app) for name, app in of.apps.items()}


def draft(of: Manifest, base: str = "official") -> Plan:
    """The plan as it would be, without an engine: on official images, or on the `recipe`s'. Raises Unavailable."""
    from orchestrator import bases, experiment
    from orchestrator.plan import compile_plan, needed
    from orchestrator.runtimes import families

    found = (bases.official if base == "official" else bases.from_recipes)(needed(of))
    world = experiment.world(found, contexts(of), families(), owner=owner(of.path), buildkit=False)
    return compile_plan(of, world)
