"""The first version that breaks an app, in few boxes (SPEC: `isolate bisect`)."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator import experiment
from orchestrator.arms import Conductor
from orchestrator.bisection import bisect
from orchestrator.events import VersionBisected
from orchestrator.experiment import Options
from orchestrator.model import Bisected, Cell, Runtime
from orchestrator.plan import Environment, Plan
from orchestrator.searches.bench import Bench, settled

NAME = "bisect"


def conduct(conductor: Conductor, drawn: Plan, options: Options, app: str, runtimes: Sequence[Runtime]) -> int:
    """The app on its own, then alone on some of these runtimes, oldest first; returns the exit code.

    Raises Unavailable where a box proves nothing.
    """
    alone, _ = experiment.observe(conductor, drawn, options)
    if (code := experiment.exit_code(alone, ())) and not options.keep_going:
        return experiment.close(conductor, code)
    bench = Bench(conductor, drawn, NAME)
    seen: dict[str, Cell] = {}

    def observe(names: Sequence[Runtime]) -> list[bool]:
        rows = bench.observe([((app,), Environment((one,))) for one in names])
        seen.update((str(one), cell) for one, (cell,) in zip(names, rows, strict=True))
        return [settled(row) for row in rows]

    found = bisect(runtimes, observe)
    bisected = Bisected(
        app=app,
        runtime=str(drawn.manifest.apps[app].runtime),
        story=found.story,
        first=str(found.first) if found.first else None,
        mended=str(found.mended) if found.mended else None,
        monotonic=found.monotonic,
        cells=tuple(seen[str(one)] for one in found.seen),
        unseen=tuple(str(one) for one in found.unseen),
        observations=bench.observations,
    )
    conductor.emit(VersionBisected(bisected))
    return experiment.close(conductor, code)
