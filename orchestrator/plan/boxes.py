"""How apps are launched in a box: ports, peers, variables, limits."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

from orchestrator.model import App, Arm, Box, Launch, Limits, Manifest, Runtime
from orchestrator.plan.choice import environment_name
from orchestrator.plan.values import LABEL, World

FIRST_SHARED_PORT = 20001
"""In a box of the shared recipe each app gets a port of its own, from here on; its control as well."""


def isolated(app: App, image: str, manifest: Manifest, world: World, network: str, labels: Mapping[str, str]) -> Box:
    """An app in a box of its own, reached by its peers under its name."""
    return Box(
        name=f"isolate-{manifest.name}_{app.name}",
        image=image,
        arm="isolated",
        launches=(_launch(app, app.ports, manifest, world, {}),),
        limits=app.limits,
        network=network,
        labels={**app.labels, **labels, **_own("isolated", (app.name,), (app.runtime,))},
        families=(app.runtime.family,),
        aliases=(app.name,),
        tmpfs=app.tmpfs,
        asks=_asks((app.runtime,), world),
    )


def joint(
    name: str,
    apps: tuple[str, ...],
    arm: Arm,
    image: str,
    choice: tuple[Runtime, ...],
    manifest: Manifest,
    world: World,
    network: str,
    labels: Mapping[str, str],
    extra: Mapping[str, str],
) -> Box:
    """Several apps, or one for control, in a box of the shared recipe; it gets the sum of their caps."""
    return Box(
        name=name,
        image=image,
        arm=arm,
        launches=tuple(_launches(manifest, apps, arm, world, extra)),
        limits=_sum(manifest.apps[app].limits for app in apps),
        network=network,
        labels={**labels, **_own(arm, apps, choice)},
        families=tuple(runtime.family for runtime in choice),
        tmpfs=tuple(dict.fromkeys(path for app in apps for path in manifest.apps[app].tmpfs)),
        asks=_asks(choice, world),
    )


def _own(arm: Arm, apps: Iterable[str], choice: Iterable[Runtime]) -> dict[str, str]:
    names = {"arm": arm, "app": ",".join(apps), "runtime": environment_name(choice)}
    return {f"{LABEL}{key}": value for key, value in names.items()}


def _launches(
    manifest: Manifest, apps: tuple[str, ...], arm: Arm, world: World, extra: Mapping[str, str]
) -> Iterator[Launch]:
    port = itertools.count(FIRST_SHARED_PORT)
    given = {name: tuple(next(port) for _ in manifest.apps[name].ports) for name in apps}
    peers = {name: f"http://127.0.0.1:{ports[0]}" for name, ports in given.items() if ports and arm == "shared"}
    for name in apps:
        yield _launch(manifest.apps[name], given[name], manifest, world, extra, peers)


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
        **{f"{name.upper().replace('-', '_')}_URL": url for name, url in urls.items() if name != app.name},
        **app.environment,
        **extra,
        **({"PORT": str(port)} if port else {}),
    }
    return Launch(app.name, app.command, app.folder, environment, ports)


def _sum(limits: Iterable[Limits]) -> Limits:
    first, *rest = limits
    return sum(rest, start=first)


def _asks(runtimes: Iterable[Runtime], world: World) -> Mapping[str, tuple[str, ...]]:
    return {runtime.family: world.families[runtime.family].version_command for runtime in runtimes}
