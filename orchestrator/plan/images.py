"""The images of a plan, each named by the hash of what goes in."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from orchestrator import catalogue
from orchestrator.model import App, Base, ContextFile, Image
from orchestrator.plan.environment import Environment, environment_name
from orchestrator.plan.values import World, brings_packages


def of_app(app: App, world: World) -> Image:
    context = world.contexts[app.name]
    requirements = brings_packages(app, world)
    build = world.bases.get(f"{app.runtime.key}/build")
    files = (
        ContextFile("isolate/launch", world.launcher, executable=True),
        *_packages_file("isolate/packages.txt", app),
        *(replace(file, path=str(PurePosixPath("app") / file.path)) for file in context.files),
    )
    base = world.bases[app.runtime.key]
    return _image(
        f"isolate/{app.name}",
        f"{app.runtime.family}/Dockerfile.j2",
        files,
        world,
        seed=(base.digest, build.digest if build else "", context.digest),
        cause=f"{app.name} ({app.mark.short})",
        network=requirements or bool(app.system_packages) or _fetches(build),
        families={app.runtime.family},
        facts={
            "app": app,
            "base": base.reference,
            "build_base": build.reference if build else "",
            "self_contained": context.self_contained,
            "holds": context.root,
            "ask": list(world.families[app.runtime.family].version_command),
        },
    )


def _fetches(build: Base | None) -> bool:
    """An SDK fetches packages while it compiles; a recipe's works offline, and is held to it."""
    return build is not None and not build.reference.startswith("isolate/")


def of_environment(env: Environment, world: World) -> Image | None:
    """What the shared recipe stands on, where that is no runtime's own base: several of them, or another OS."""
    if not env.is_composed:
        return None
    base = world.bases[(env.base or env.runtimes[0]).key]
    carried = env.runtimes if env.base else env.runtimes[1:]
    families = {runtime.family: None for runtime in env.runtimes}
    suite = env.base.version if env.base else ""
    libraries = dict.fromkeys(name for family in families for name in catalogue.libraries(family).get(suite, ()))
    return _image(
        "isolate/environment",
        "environment.Dockerfile.j2",
        (),
        world,
        seed=(base.digest, *(world.bases[one.key].digest for one in carried)),
        cause=f"{environment_name(env.runtimes)} in one filesystem" + (f" on {suite}" if env.base else ""),
        network=bool(libraries),
        facts={
            "base": base.reference,
            "stock": env.stock,
            "whole": env.base is not None,
            "libraries": list(libraries),
            "variables": _variables(families, suite) if env.base and not env.stock else {},
            "carried": [
                {
                    "family": one.family,
                    "image": world.bases[one.key].reference,
                    "stage": f"carried-{number}",
                    "first": not env.prefix(one, world.families) and one == env.first(one.family),
                    "prefix": env.prefix(one, world.families),
                }
                for number, one in enumerate(reversed(carried))
            ],
        },
    )


def _variables(families: Iterable[str], suite: str) -> Mapping[str, str]:
    """What the runtimes need to be told on an OS that is not the one of their bases."""
    return {name: value for family in families for name, value in catalogue.beside(family)[suite].items()}


def of_shared(apps: Sequence[App], env: Environment, order: str, images: Mapping[str, Image], world: World) -> Image:
    """The shared recipe: the packages of all apps in one environment, and each app's artefact carried over."""
    made = of_environment(env, world)
    base = Base(made.tag, made.digest, "recipe") if made else world.bases[env.runtimes[0].key]
    files = [ContextFile("isolate/launch", world.launcher, executable=True)]
    parts: list[dict[str, Any]] = []
    for app in apps:
        lists = [replace(file, path=f"isolate/lists/{app.name}/{file.path}") for file in _lists(app, world)]
        alone = world.contexts[app.name].self_contained
        sources = [file for file in lists if alone or file.content is not None]
        files += sources
        parts.append(
            {
                "app": app,
                "image": images[app.name].tag,
                "sources": [file.path for file in sources],
                "lists": [f"/{file.path}" for file in lists],
                "self_contained": alone,
                "holds": world.contexts[app.name].root,
                "prefix": env.prefix(env.serving(app), world.families),
            }
        )
    names = " + ".join(app.name for app in apps)
    return _image(
        "isolate/shared",
        "shared.Dockerfile.j2",
        tuple(files),
        world,
        seed=(base.digest, *(images[app.name].digest for app in apps)),
        cause=f"{names} in one {environment_name(env.runtimes)}",
        network=any(brings_packages(app, world) or app.system_packages for app in apps),
        parents=(*([made.tag] if made else []), *(images[app.name].tag for app in apps)),
        families={app.runtime.family for app in apps},
        facts={
            "apps": parts,
            "base": base.reference,
            "order": order,
            "system_packages": list(dict.fromkeys(name for app in apps for name in app.system_packages)),
        },
    )


def _lists(app: App, world: World) -> list[ContextFile]:
    """What asks for an app's packages: the family's own files in its context, and the manifest's `packages`."""
    names = world.families[app.runtime.family].package_files
    return [
        *(file for file in world.contexts[app.name].files if file.path in names),
        *_packages_file("packages.txt", app),
    ]


def _packages_file(path: str, app: App) -> tuple[ContextFile, ...]:
    return (ContextFile(path, "".join(f"{p}\n" for p in app.packages).encode()),) if app.packages else ()


def _image(
    name: str,
    template: str,
    files: tuple[ContextFile, ...],
    world: World,
    *,
    seed: tuple[str, ...],
    cause: str,
    network: bool,
    facts: Mapping[str, object],
    parents: tuple[str, ...] = (),
    families: Collection[str] = (),
) -> Image:
    """Hash what goes in, then write the hash into the label. The host's settings are no part of an image."""
    names = [name for name in world.host if network and PurePosixPath(name).parent.name in ("", *families)]
    host = {PurePosixPath(name).name: world.host[name] for name in names}
    secrets = {PurePosixPath(name).name: world.host[name] for name in names if name in world.secret}
    facts = {**facts, "buildkit": world.buildkit}
    given = {"host": sorted(host), "secrets": sorted(secrets), "cache": _cache(world)}
    nobodys = dict.fromkeys(given, "")
    sum_ = hashlib.sha256(world.render(template, label="", **nobodys, **facts).encode())
    for part in (*seed, *(f"{f.path}\0{hashlib.sha256(f.content or b'').hexdigest()}" for f in files)):
        sum_.update(part.encode() + b"\0")
    digest = sum_.hexdigest()
    return Image(
        tag=f"{name}:{digest[:16]}",
        digest=digest,
        dockerfile=world.render(template, label=digest, **given, **facts),
        files=(*files, *(ContextFile(f"isolate/{p}", text) for p, text in host.items() if p not in secrets)),
        secrets=secrets,
        cause=cause,
        parents=parents,
        network=network,
    )


def _cache(world: World) -> str:
    """The builder's cache of downloads: one manifest's builds share it, since a package may write into it."""
    return f"isolate-{world.owner}" if world.buildkit and world.owner else ""
