"""How apps are launched in a box: ports, peers, variables, limits."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterable, Iterator, Mapping

from orchestrator.family import Family
from orchestrator.labels import APP, ARM, RUNTIME
from orchestrator.model import App, Arm, Box, Launch, Limits, Manifest
from orchestrator.plan.design import Design
from orchestrator.plan.environment import Environment, own
from orchestrator.plan.values import Project, World

FIRST_SHARED_PORT = 20001
"""In a box of the shared recipe each app gets a port of its own, from here on; its control as well."""
PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
"""That of the bases, for an app whose runtime lies elsewhere."""


def isolated(app: App, image: str, manifest: Manifest, world: World, of: Project) -> Box:
    """An app in a box of its own, reached by its peers under its name."""
    return Box(
        name=f"isolate-{manifest.name}_{app.name}",
        image=image,
        arm="isolated",
        launches=(_launch(app, app.ports, manifest, world, {}),),
        limits=app.limits,
        network=of.network,
        labels={**app.labels, **of.labels, **_own("isolated", (app.name,), own(app))},
        families=(app.runtime.family,),
        aliases=(app.name,),
        tmpfs=app.tmpfs,
        asks=_asks(own(app), world.families),
    )


def joint(name: str, design: Design, image: str, manifest: Manifest, world: World, of: Project) -> Box:
    """Several apps, or one for control, in a box of the shared recipe; it gets the sum of their caps."""
    apps, env = design.apps, design.environment
    return Box(
        name=name,
        image=image,
        arm=design.arm,
        launches=tuple(_launches(design, manifest, world)),
        limits=_sum(manifest.apps[app].limits for app in apps),
        network=of.network,
        labels={**of.labels, **_own(design.arm, apps, env)},
        families=tuple(dict.fromkeys(runtime.family for runtime in env.runtimes)),
        tmpfs=tuple(dict.fromkeys(path for app in apps for path in manifest.apps[app].tmpfs)),
        asks=_asks(env, world.families),
    )


def _own(arm: Arm, apps: Iterable[str], env: Environment) -> dict[str, str]:
    return {ARM: arm, APP: ",".join(apps), RUNTIME: env.name}


def _launches(design: Design, manifest: Manifest, world: World) -> Iterator[Launch]:
    given = _ports(design, {name: manifest.apps[name].ports for name in design.holds or design.apps})
    shared = design.arm == "shared"
    peers = {name: f"http://127.0.0.1:{given[name][0]}" for name in design.apps if given[name] and shared}
    for name in design.apps:
        app = manifest.apps[name]
        prefix = design.environment.prefix(design.environment.serving(app), world.families)
        located = world.families[app.runtime.family].located
        path = {"PATH": f"{prefix}/bin:{PATH}", **located(prefix)} if prefix else {}
        yield _launch(app, given[name], manifest, world, {**path, **design.extra}, peers)


def _ports(design: Design, declared: Mapping[str, tuple[int, ...]]) -> Mapping[str, tuple[int, ...]]:
    """A service is told its first port, so that one can be another; of the others it is told nothing."""
    if design.ports == "as-declared":
        return declared
    port = itertools.count(FIRST_SHARED_PORT)
    return {name: (next(port), *ports[1:]) if ports else () for name, ports in declared.items()}


def _launch(
    app: App,
    ports: tuple[int, ...],
    manifest: Manifest,
    world: World,
    extra: Mapping[str, str],
    peers: Mapping[str, str] | None = None,
) -> Launch:
    """Peers are the isolated boxes by name, unless they live in the same box."""
    urls = {name: f"http://{name}:{peer.ports[0]}" for name, peer in manifest.apps.items() if peer.is_service}
    urls.update(peers or {})
    port = ports[0] if ports else None
    environment = {
        **world.families[app.runtime.family].environment(port),
        **world.families[app.runtime.family].heap(app.limits.memory),
        **{f"{name.upper().replace('-', '_')}_URL": url for name, url in urls.items() if name != app.name},
        **app.environment,
        **extra,
        **({"PORT": str(port)} if port else {}),
    }
    return Launch(app.name, app.command, app.folder, environment, ports)


def _sum(limits: Iterable[Limits]) -> Limits:
    first, *rest = limits
    return sum(rest, start=first)


def _asks(env: Environment, families: Mapping[str, Family]) -> Mapping[str, tuple[str, ...]]:
    """How each family's versions are asked for: the newest where it is, others in their folders."""
    asked: dict[str, list[tuple[str, ...]]] = {}
    for runtime in env.runtimes:
        program, *words = families[runtime.family].version_command
        prefix = env.prefix(runtime, families)
        command = (f"{prefix}/bin/{program}" if prefix else program, *words)
        asked.setdefault(runtime.family, []).append(command)
    return {family: _one_after_the_other(list(dict.fromkeys(commands))) for family, commands in asked.items()}


def _one_after_the_other(commands: list[tuple[str, ...]]) -> tuple[str, ...]:
    return commands[0] if len(commands) == 1 else ("sh", "-c", "; ".join(map(shlex.join, commands)))
