"""Manifest -> the plan of the three arms. Pure: what it needs of the world comes in as values."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from orchestrator.errors import ManifestError, NothingSelected
from orchestrator.family import Family
from orchestrator.model import (
    App,
    Arm,
    Base,
    Box,
    ContextFile,
    Image,
    Launch,
    Limits,
    Manifest,
    Runtime,
    SharedEntry,
)

FIRST_SHARED_PORT = 20001
LABEL = "io.isolate."


@dataclass(frozen=True, slots=True)
class Context:
    """The user's files of one app, and the hash of what they hold."""

    files: tuple[ContextFile, ...]
    digest: str

    def holds(self, name: str) -> bool:
        return any(file.path == name for file in self.files)


@dataclass(frozen=True, slots=True)
class World:
    """What the plan must know beside the manifest.

    bases:    `family@version` -> the image to run on; with `/build` appended, the one to compile on.
    contexts: app -> its files.
    host:     files that reach build steps but never an image: `ca.pem`, `pip.conf`.
    secret:   those of them that hold credentials.
    """

    families: Mapping[str, Family]
    bases: Mapping[str, Base]
    contexts: Mapping[str, Context]
    launcher: bytes
    render: Callable[..., str]
    buildkit: bool = True
    host: Mapping[str, bytes] = field(default_factory=dict)
    secret: frozenset[str] = frozenset()
    run: str = "run"
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """One box of the control or shared arm, and the cells it will fill."""

    entries: tuple[str, ...]
    arm: Arm
    environment: str
    apps: tuple[str, ...]
    order: str | None
    image: Image
    box: Box

    def __str__(self) -> str:
        order = f" {self.order}" if self.order else ""
        return f"{self.arm} {self.environment}{order}: {' + '.join(self.apps)}"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that will be built and run, in order. `str(plan)` is a document."""

    manifest: Manifest
    network: str
    labels: Mapping[str, str]
    images: Mapping[str, Image]
    boxes: Mapping[str, Box]
    trials: tuple[Trial, ...]
    candidates: Mapping[str, tuple[str, ...]]

    def __str__(self) -> str:
        lines = [f"project {self.manifest.name}", f"network {self.network}"]
        for name, box in self.boxes.items():
            app = self.manifest.apps[name]
            lines.append(f"build   {box.image} on {app.runtime}, because {self.images[name].cause}")
            lines.append(f"run     isolated {app.runtime}: {name} as {box.name}")
        for trial in self.trials:
            lines.append(f"build   {trial.image.tag}, because {trial.image.cause}")
            lines.append(f"run     {trial}")
        return "\n".join(lines) + "\n"


def select(manifest: Manifest, apps: Iterable[str] = (), entries: Iterable[str] = ()) -> Manifest:
    """The manifest cut down to these apps (with what they depend on) and shared entries; empty means all.

    Raises NothingSelected where nothing is left, or a name is not there.
    """
    wanted, asked = tuple(apps), tuple(entries)
    for name, known in [*((n, tuple(manifest.apps)) for n in wanted), *((n, _entry_names(manifest)) for n in asked)]:
        if name not in known:
            raise NothingSelected(f"nothing is called {name}", hint=f"there is: {', '.join(known) or 'nothing'}")
    kept = _with_dependencies(manifest, wanted) if wanted else set(manifest.apps)
    if not kept:
        raise NothingSelected("the manifest has no app", where=str(manifest.path))
    shared = [entry for entry in manifest.shared if not asked or entry.name in asked]
    shared = [replace(entry, apps=tuple(a for a in entry.apps if a in kept)) for entry in shared]
    return replace(
        manifest,
        apps={name: app for name, app in manifest.apps.items() if name in kept},
        shared=tuple(entry for entry in shared if entry.apps),
    )


def _entry_names(manifest: Manifest) -> tuple[str, ...]:
    return tuple(entry.name for entry in manifest.shared)


def _with_dependencies(manifest: Manifest, names: Iterable[str]) -> set[str]:
    kept: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in kept:
            kept.add(name)
            todo += manifest.apps[name].depends_on
    return kept


def candidates(entry: SharedEntry, apps: Mapping[str, App]) -> tuple[tuple[Runtime, ...], ...]:
    """The environments one entry tries, newest first: one version of each family present.

    Raises ManifestError for apps of several families: no OS base is known on which they all work.
    """
    runtimes = [apps[name].runtime for name in entry.apps]
    families = sorted({runtime.family for runtime in runtimes})
    if len(families) > 1:
        raise ManifestError(
            f"{entry.name} puts {' and '.join(families)} into one box, and no OS base is known on which they all work",
            where=str(entry.mark or ""),
            hint="give the entry `apps:` of one family, or one entry to each family",
        )
    wanted = set(entry.versions) or {str(runtime) for runtime in runtimes}
    per_family = [sorted((v for v in wanted if v.startswith(f"{f}@")), key=_newest, reverse=True) for f in families]
    declared = {str(runtime): runtime for app in apps.values() for runtime in [app.runtime]}
    return tuple(
        tuple(declared.get(name) or _runtime(name) for name in choice)
        for choice in itertools.product(*per_family)
    )


def _runtime(name: str) -> Runtime:
    family, _, version = name.partition("@")
    return Runtime(family, version)


def _newest(name: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in name.split("@")[1].split("."))


def environment_name(runtimes: Iterable[Runtime]) -> str:
    return "+".join(sorted(map(str, runtimes)))


def needed(manifest: Manifest) -> tuple[Runtime, ...]:
    """Every runtime that a base image is needed for, declared ones first."""
    tried = [runtime for entry in manifest.shared for choice in candidates(entry, manifest.apps) for runtime in choice]
    runtimes = [*(app.runtime for app in manifest.apps.values()), *tried]
    return tuple({str(runtime): runtime for runtime in reversed(runtimes)}.values())[::-1]


def compile_plan(manifest: Manifest, world: World) -> Plan:
    """The plan of all arms. Every image is named by the hash of what goes into it."""
    labels = {
        f"{LABEL}project": manifest.name,
        f"{LABEL}owner": world.owner,
        f"{LABEL}run": world.run,
    }
    network = f"isolate-{manifest.name}"
    images = {name: _app_image(app, world) for name, app in manifest.apps.items()}
    isolated = {
        name: Box(
            name=f"isolate-{manifest.name}-{name}",
            image=images[name].tag,
            arm="isolated",
            launches=(_launch(app, app.ports, manifest, world, {}),),
            limits=app.limits,
            network=network,
            labels={**app.labels, **labels, f"{LABEL}arm": "isolated", f"{LABEL}app": name},
            families=(app.runtime.family,),
            aliases=(name,),
            tmpfs=app.tmpfs,
            asks=_asks((app.runtime,), world),
        )
        for name, app in manifest.apps.items()
    }
    return Plan(
        manifest=manifest,
        network=network,
        labels=labels,
        images=images,
        boxes=isolated,
        trials=tuple(_trials(manifest, world, images, labels, network)),
        candidates={
            entry.name: tuple(environment_name(choice) for choice in candidates(entry, manifest.apps))
            for entry in manifest.shared
        },
    )


def _trials(
    manifest: Manifest, world: World, images: Mapping[str, Image], labels: Mapping[str, str], network: str
) -> Iterator[Trial]:
    """Controls first, each (app, environment) once for all entries that need it; then the shared boxes."""
    alone: dict[tuple[str, str], tuple[tuple[Runtime, ...], list[str]]] = {}
    joint: list[tuple[SharedEntry, tuple[Runtime, ...], str]] = []
    for entry in manifest.shared:
        choices = candidates(entry, manifest.apps)
        for name in entry.apps:
            for choice in dict.fromkeys([(manifest.apps[name].runtime,), *choices]):
                alone.setdefault((name, environment_name(choice)), (choice, []))[1].append(entry.name)
        if len(entry.apps) > 1:
            joint += [(entry, choice, order) for choice in choices for order in _orders(entry, manifest, world)]
    counter = itertools.count(1)

    def trial(arm: Arm, entries: Iterable[str], apps: tuple[str, ...], choice: tuple[Runtime, ...], order: str | None,
              extra: Mapping[str, str]) -> Trial:  # fmt: skip
        image = _shared_image([manifest.apps[a] for a in apps], choice, order or "together", images, world)
        return Trial(
            entries=tuple(entries),
            arm=arm,
            environment=environment_name(choice),
            apps=apps,
            order=order,
            image=image,
            box=Box(
                name=f"isolate-{manifest.name}-{world.run}-{next(counter)}",
                image=image.tag,
                arm=arm,
                launches=tuple(_launches(manifest, apps, arm, world, extra)),
                limits=_sum(manifest.apps[a].limits for a in apps),
                network=network,
                labels={**labels, f"{LABEL}arm": arm, f"{LABEL}app": ",".join(apps)},
                families=tuple(runtime.family for runtime in choice),
                tmpfs=tuple(dict.fromkeys(path for a in apps for path in manifest.apps[a].tmpfs)),
                asks=_asks(choice, world),
            ),
        )

    for (name, _), (choice, entries) in alone.items():
        yield trial("control", entries, (name,), choice, None, {})
    for entry, choice, order in joint:
        yield trial("shared", [entry.name], _in_start_order(entry, manifest), choice, order, entry.environment)


def _orders(entry: SharedEntry, manifest: Manifest, world: World) -> tuple[str, ...]:
    """In-order is another environment only where at least two apps bring packages of their own."""
    bringing = [name for name in entry.apps if _brings_packages(manifest.apps[name], world)]
    if entry.order == "both":
        return ("together", "in-order") if len(bringing) > 1 else ("together",)
    return (entry.order,)


def _brings_packages(app: App, world: World) -> bool:
    files = world.families[app.runtime.family].package_files
    return bool(app.packages) or any(world.contexts[app.name].holds(name) for name in files)


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


def _launches(
    manifest: Manifest, apps: tuple[str, ...], arm: Arm, world: World, extra: Mapping[str, str]
) -> Iterator[Launch]:
    port = itertools.count(FIRST_SHARED_PORT)
    given = {
        name: manifest.apps[name].ports if arm == "control" else tuple(next(port) for _ in manifest.apps[name].ports)
        for name in apps
    }
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


# --- images --------------------------------------------------------------------------------------------------


def _app_image(app: App, world: World) -> Image:
    context = world.contexts[app.name]
    requirements = _brings_packages(app, world)
    build = world.bases.get(f"{app.runtime}/build")
    files = (
        ContextFile("isolate/launch", world.launcher, executable=True),
        *_packages_file("isolate/packages.txt", app),
        *(replace(file, path=str(PurePosixPath("app") / file.path)) for file in context.files),
    )
    base = world.bases[str(app.runtime)]
    return _image(
        f"isolate/{app.name}",
        f"{app.runtime.family}/Dockerfile.j2",
        files,
        world,
        seed=(base.digest, build.digest if build else "", context.digest),
        cause=f"{app.name} ({app.mark.short})",
        network=requirements or bool(app.system_packages),
        facts={
            "app": app,
            "base": base.reference,
            "build_base": build.reference if build else "",
            "has_requirements": context.holds("requirements.txt"),
            "ask": list(world.families[app.runtime.family].version_command),
        },
    )


def _shared_image(
    apps: list[App], choice: tuple[Runtime, ...], order: str, images: Mapping[str, Image], world: World
) -> Image:
    """The shared recipe: the packages of all apps in one environment, and each app's artefact carried over."""
    base = world.bases[str(choice[0])]
    files = [ContextFile("isolate/launch", world.launcher, executable=True)]
    parts = []
    for app in apps:
        lists = _lists(app, world)
        files += [replace(file, path=f"isolate/{app.name}/{file.path}") for file in lists]
        parts.append(
            {
                "app": app,
                "image": images[app.name].tag,
                "sources": [f"isolate/{app.name}/{file.path}" for file in lists],
                "lists": [f"/isolate/{app.name}/{file.path}" for file in lists],
            }
        )
    names = " + ".join(app.name for app in apps)
    return _image(
        "isolate/shared",
        f"{choice[0].family}/shared.Dockerfile.j2",
        tuple(files),
        world,
        seed=(base.digest, *(images[app.name].digest for app in apps)),
        cause=f"{names} in one {environment_name(choice)}",
        network=any(_brings_packages(app, world) or app.system_packages for app in apps),
        parents=tuple(images[app.name].tag for app in apps),
        facts={
            "apps": parts,
            "base": base.reference,
            "order": order,
            "lists": [path for part in parts for path in part["lists"]],
            "system_packages": list(dict.fromkeys(name for app in apps for name in app.system_packages)),
        },
    )


def _lists(app: App, world: World) -> list[ContextFile]:
    """What asks for an app's packages: the family's own files in its context, and the manifest's `packages`."""
    names = world.families[app.runtime.family].package_files
    return [*(file for file in world.contexts[app.name].files if file.path in names), *_packages_file("packages.txt", app)]


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
) -> Image:
    """Hash what goes in, then write the hash into the label. The host's settings are no part of an image."""
    host = world.host if network else {}
    secrets = {name: content for name, content in host.items() if name in world.secret}
    facts = {**facts, "buildkit": world.buildkit, "secret": bool(secrets)}
    given = {"ca": "ca.pem" in host, "pip_conf": "pip.conf" in host}
    sum_ = hashlib.sha256(world.render(template, label="", ca=False, pip_conf=False, **facts).encode())
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
