"""The boxes of the control and shared arms: controls first, each once for all entries that need it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from orchestrator.model import Arm, Image, Manifest, Runtime, SharedEntry
from orchestrator.plan import boxes, images
from orchestrator.plan.choice import candidates, environment_name
from orchestrator.plan.values import Trial, World, brings_packages


@dataclass(frozen=True, slots=True)
class _Design:
    """One trial to come: whose apps, in which environment, for which entries."""

    arm: Arm
    apps: tuple[str, ...]
    choice: tuple[Runtime, ...]
    order: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    entries: list[str] = field(default_factory=list)


def trials(
    manifest: Manifest, world: World, made: Mapping[str, Image], network: str, labels: Mapping[str, str]
) -> Iterator[Trial]:
    """One trial per design; its box's name holds the run, so that two runs never meet."""
    for number, design in enumerate([*_controls(manifest), *_joint(manifest, world)], start=1):
        apps = [manifest.apps[name] for name in design.apps]
        image = images.of_shared(apps, design.choice, design.order or "together", made, world)
        name = f"isolate-{manifest.name}_{world.run}-{number}"
        yield Trial(
            entries=tuple(design.entries),
            arm=design.arm,
            environment=environment_name(design.choice),
            apps=design.apps,
            order=design.order,
            image=image,
            box=boxes.joint(
                name, design.apps, design.arm, image.tag, design.choice, manifest, world, network, labels, design.extra
            ),
        )


def _controls(manifest: Manifest) -> list[_Design]:
    """Each app alone, at its own version and at every candidate."""
    designs: dict[tuple[str, ...], _Design] = {}
    for entry in manifest.shared:
        choices = candidates(entry, manifest.apps)
        for name in () if entry.untried else entry.apps:
            own = (manifest.apps[name].runtime,)
            for choice in {environment_name(choice): choice for choice in (own, *choices)}.values():
                key = (name, *(runtime.key for runtime in choice))
                design = designs.setdefault(key, _Design("control", (name,), choice))
                design.entries.append(entry.name)
    return list(designs.values())


def _joint(manifest: Manifest, world: World) -> Iterator[_Design]:
    """All apps of an entry in one box, at every candidate, in every order that makes a difference."""
    for entry in manifest.shared:
        if len(entry.apps) < 2:
            continue
        for choice in candidates(entry, manifest.apps):
            for order in _orders(entry, manifest, world):
                apps = _in_start_order(entry, manifest)
                yield _Design("shared", apps, choice, order, entry.environment, [entry.name])


def _orders(entry: SharedEntry, manifest: Manifest, world: World) -> tuple[str, ...]:
    """In-order is another environment only where at least two apps bring packages of their own."""
    bringing = [name for name in entry.apps if brings_packages(manifest.apps[name], world)]
    if entry.order == "both":
        return ("together", "in-order") if len(bringing) > 1 else ("together",)
    return (entry.order,)


def _in_start_order(entry: SharedEntry, manifest: Manifest) -> tuple[str, ...]:
    """Manifest order, dependencies first."""
    placed: list[str] = []

    def place(name: str) -> None:
        if name in placed or name not in entry.apps:
            return
        for other in manifest.apps[name].depends_on:
            place(other)
        placed.append(name)

    for name in manifest.apps:
        place(name)
    return tuple(placed)
