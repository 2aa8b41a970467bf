"""The fewest shared environments that serve all apps (SPEC: `isolate pack`)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from orchestrator import catalogue, experiment, packing
from orchestrator.arms import Conductor
from orchestrator.events import EnvironmentsPacked
from orchestrator.experiment import Options
from orchestrator.model import App, Bin, Cell, Packed, Runtime
from orchestrator.plan import Environment, Plan
from orchestrator.plan.environment import composed
from orchestrator.plan.trials import in_start_order
from orchestrator.searches.bench import Bench, settled
from orchestrator.wording import listed

NAME = "pack"
Box = tuple[tuple[str, ...], Environment]


def conduct(conductor: Conductor, drawn: Plan, options: Options, runtimes: Sequence[Runtime], checks: int) -> int:
    """Every app on its own, then together in as few environments of these runtimes as will do; returns the exit code.

    Raises Unavailable where a box proves nothing.
    """
    alone, _ = experiment.observe(conductor, drawn, options)
    if code := experiment.exit_code(alone, ()):
        return experiment.close(conductor, code)
    apps = drawn.manifest.apps
    bench = Bench(conductor, drawn, NAME)
    seen: dict[Box, tuple[Cell, ...]] = {}

    def box(names: Iterable[str], env: Environment) -> Box:
        """Only the runtimes that somebody there needs."""
        families = {apps[name].runtime.family for name in names}
        needed = tuple(one for one in env.runtimes if one.family in families)
        return in_start_order(names, drawn.manifest), composed(needed)

    def observe(questions: Sequence[tuple[frozenset[str], Environment]]) -> list[bool]:
        boxes = [box(*question) for question in questions]
        new = [one for one in dict.fromkeys(boxes) if one not in seen]
        seen.update(zip(new, bench.observe(new), strict=True))
        return [settled(seen[one]) for one in boxes]

    found = packing.pack(
        tuple(apps),
        environments(tuple(apps.values()), runtimes),
        holds=lambda name, env: any(one.family == apps[name].runtime.family for one in env.runtimes),
        observe=observe,
        checks=checks,
    )

    apart = _apart(tuple(apps.values()))

    def seen_in(names: Iterable[str], env: Environment) -> Bin:
        told, at = box(names, env)
        return Bin(at.name, told, seen[told, at])

    packed = Packed(
        runtimes=tuple(str(one) for one in runtimes),
        bins=tuple(seen_in(one.apps, one.environment) for one in found.bins),
        unserved=tuple(cells[0] for (names, _), cells in seen.items() if names[0] in found.unserved and not names[1:]),
        refuted=tuple(seen_in(one.apps, one.environment) for one in found.refuted),
        assumed=found.assumed or bool(apart),
        apart=apart,
        repaired=tuple(
            f"{listed(one.apps)} pass together at {box(one.apps, one.environment)[1].name}, and not without the others "
            f"{listed(one.failing)}"
            for one in found.repaired
        ),
        checked=found.checked,
        observations=bench.observations,
    )
    conductor.emit(EnvironmentsPacked(packed))
    return experiment.close(conductor, int(bool(found.unserved)))


def environments(apps: Sequence[App], runtimes: Sequence[Runtime]) -> tuple[Environment, ...]:
    """Every choice of versions, newest first, for each largest set of families that can share a box."""
    families = sorted({app.runtime.family for app in apps})
    sizes = range(len(families), 0, -1)
    possible = [set(part) for size in sizes for part in itertools.combinations(families, size) if _share(part)]
    largest = [part for part in possible if not any(part < other for other in possible)]
    newest_first = list(reversed(runtimes))
    choices = ([[one for one in newest_first if one.family == family] for family in sorted(part)] for part in largest)
    return tuple(composed(choice) for per_family in choices for choice in itertools.product(*per_family))


def _apart(apps: Sequence[App]) -> tuple[str, ...]:
    """Families that the catalogue keeps from sharing a box, pair by pair: known, not observed."""
    pairs = itertools.combinations(sorted({app.runtime.family for app in apps}), 2)
    return tuple(
        f"no OS base is known on which runtimes of {listed(pair)} work in one filesystem"
        for pair in pairs
        if not _share(pair)
    )


def _share(families: Sequence[str]) -> bool:
    """Whether an OS base is known on which runtimes of all these families work; one stands on its own."""
    return len(families) == 1 or bool(set.intersection(*(set(catalogue.beside(family)) for family in families)))
