"""Manifest -> the plan of the three arms. Pure: what it needs of the world comes in as values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from orchestrator.labels import OWNER, PROJECT, RUN
from orchestrator.model import Manifest
from orchestrator.plan import boxes, images
from orchestrator.plan.choice import needed, select
from orchestrator.plan.design import Design
from orchestrator.plan.environment import Environment, candidates
from orchestrator.plan.trials import designs, trial
from orchestrator.plan.values import Context, Plan, Project, Trial, World

__all__ = [
    "Context",
    "Design",
    "Environment",
    "Plan",
    "Trial",
    "World",
    "candidates",
    "compile_plan",
    "further",
    "needed",
    "select",
]


def compile_plan(manifest: Manifest, world: World) -> Plan:
    """The plan of all arms. The boxes' names hold the run, so that two runs never meet."""
    labels = {PROJECT: manifest.name, OWNER: world.owner, RUN: world.run}
    of = Project(f"isolate-{manifest.name}", labels)
    made = {name: images.of_app(app, world) for name, app in manifest.apps.items()}
    name = f"isolate-{manifest.name}_{world.run}"
    return Plan(
        manifest=manifest,
        world=world,
        project=of,
        images=made,
        boxes={
            app.name: boxes.isolated(app, made[app.name].tag, manifest, world, of) for app in manifest.apps.values()
        },
        trials=tuple(
            trial(design, f"{name}-{number}", manifest, world, made, of)
            for number, design in enumerate(designs(manifest, world), start=1)
        ),
        candidates={entry.name: candidates(entry, manifest.apps) for entry in manifest.shared},
    )


def further(drawn: Plan, wanted: Iterable[Design], world: World | None = None) -> tuple[Trial, ...]:
    """Trials that the manifest did not ask for, but what was observed did; `world` where they need more bases."""
    return tuple(_further(drawn, design, world or drawn.world) for design in wanted)


def _further(drawn: Plan, design: Design, world: World) -> Trial:
    number = hashlib.sha256(repr(design).encode()).hexdigest()[:8]
    name = f"isolate-{drawn.manifest.name}_{world.run}-{number}"
    return trial(design, name, drawn.manifest, world, drawn.images, drawn.project)
