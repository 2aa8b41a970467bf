"""The boxes of the control and shared arms: controls first, each once for all entries that need it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from orchestrator.model import Image, Lane, Manifest, SharedEntry
from orchestrator.plan import boxes, images
from orchestrator.plan.design import Design
from orchestrator.plan.environment import Environment, candidates, own
from orchestrator.plan.values import Project, Trial, World, brings_packages


def designs(manifest: Manifest, world: World) -> tuple[Design, ...]:
    """The control and shared arms of all entries, as the manifest asks for them."""
    return (*_controls(manifest), *_shared(manifest, world))


def trial(design: Design, name: str, manifest: Manifest, world: World, made: Mapping[str, Image], of: Project) -> Trial:
    """A design with its images and its box. `made` are the apps' own images, `name` is the box's."""
    apps, env = [manifest.apps[name] for name in design.apps], design.environment
    holds = [manifest.apps[name] for name in design.holds or design.apps]
    image = images.of_shared(holds, env, design.lane or "together", made, world)
    return Trial(
        entries=design.entries,
        arm=design.arm,
        environment=env.name,
        apps=design.apps,
        lane=design.lane,
        image=image,
        box=boxes.joint(name, design, image.tag, manifest, world, of),
        under=images.of_environment(env, world),
        base=env.system,
        probe=design.probe,
        serves={app.name: env.serving(app).version for app in apps},
    )


def lanes(entry: SharedEntry, manifest: Manifest, world: World) -> tuple[Lane, ...]:
    """In-order is another environment only where at least two apps bring packages of their own."""
    joining = [name for name in entry.apps if world.families[manifest.apps[name].runtime.family].joins_packages]
    bringing = [name for name in joining if brings_packages(manifest.apps[name], world)]
    if entry.order == "both":
        return ("together", "in-order", "reversed") if len(bringing) > 1 else ("together",)
    return (entry.order,)


def in_start_order(names: Iterable[str], manifest: Manifest) -> tuple[str, ...]:
    """Manifest order, dependencies first."""
    wanted, placed = set(names), list[str]()

    def place(name: str) -> None:
        if name in placed or name not in wanted:
            return
        for other in manifest.apps[name].depends_on:
            place(other)
        placed.append(name)

    for name in manifest.apps:
        place(name)
    return tuple(placed)


def shared(entry: SharedEntry, manifest: Manifest, env: Environment, lane: Lane) -> Design:
    """All apps of an entry in one box."""
    apps = in_start_order(entry.apps, manifest)
    return Design("shared", apps, env, lane, entry.environment, (entry.name,), entry.ports)


def _controls(manifest: Manifest) -> Iterator[Design]:
    """Each app alone, at its own version and, where one runtime has to serve all, at every candidate.

    On the runtime's own base and without the entry's variables, whatever the entry says (SPEC section 4).
    """
    found: dict[tuple[str, str], Design] = {}
    for entry in manifest.shared:
        there = dict.fromkeys(runtime for env in candidates(entry, manifest.apps) for runtime in env.runtimes)
        for name in entry.apps:
            alone, family = own(manifest.apps[name]), manifest.apps[name].runtime.family
            others = (Environment((runtime,)) for runtime in there if runtime.family == family)
            tried = {env.name: env for env in (alone, *others)}
            for env in tried.values() if entry.policy == "one-runtime" else (tried[alone.name],):
                known = found.get((name, env.key)) or Design("control", (name,), env)
                if entry.name not in known.entries:
                    known = replace(known, entries=(*known.entries, entry.name))
                found[name, env.key] = known
    return iter(found.values())


def _shared(manifest: Manifest, world: World) -> Iterator[Design]:
    """All apps of an entry in one box, in every environment, in every order that makes a difference."""
    for entry in manifest.shared:
        if len(entry.apps) > 1 or entry.base or entry.environment:
            for env in candidates(entry, manifest.apps):
                for lane in lanes(entry, manifest, world):
                    yield shared(entry, manifest, env, lane)
