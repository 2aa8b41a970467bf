"""Manifest -> the plan of the three arms. Pure: what it needs of the world comes in as values."""

from __future__ import annotations

from orchestrator.model import Manifest
from orchestrator.plan import boxes, images
from orchestrator.plan.choice import candidates, environment_name, needed, select
from orchestrator.plan.trials import trials
from orchestrator.plan.values import LABEL, Context, Plan, Trial, World

__all__ = ["Context", "Plan", "Trial", "World", "candidates", "compile_plan", "needed", "select"]


def compile_plan(manifest: Manifest, world: World) -> Plan:
    """The plan of all arms."""
    labels = {f"{LABEL}project": manifest.name, f"{LABEL}owner": world.owner, f"{LABEL}run": world.run}
    network = f"isolate-{manifest.name}"
    made = {name: images.of_app(app, world) for name, app in manifest.apps.items()}
    return Plan(
        manifest=manifest,
        network=network,
        labels=labels,
        images=made,
        boxes={
            name: boxes.isolated(app, made[name].tag, manifest, world, network, labels)
            for name, app in manifest.apps.items()
        },
        trials=tuple(trials(manifest, world, made, network, labels)),
        candidates={
            entry.name: tuple(environment_name(choice) for choice in candidates(entry, manifest.apps))
            for entry in manifest.shared
        },
    )
