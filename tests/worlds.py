"""Small worlds for unit tests: apps, manifests and a script for the engine in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from orchestrator import catalogue, resources
from orchestrator.arms import Conductor
from orchestrator.engines.memory import Fate, MemoryEngine, serves
from orchestrator.events import Event
from orchestrator.experiment import Options, conduct
from orchestrator.family import Family
from orchestrator.memory import Memory
from orchestrator.model import App, Base, Box, ExitCheck, HttpCheck, Manifest, Mark, Runtime, SharedEntry
from orchestrator.plan import Context, Plan, World, compile_plan
from orchestrator.runtimes import families

MARK = Mark("manifest.yaml", 5, 14)


def service(name: str, runtime: str, **facts: object) -> App:
    family, version = runtime.split("@")
    checks = (HttpCheck("/", status=200),)
    made = {"command": ("serve",), "ports": (8080,), "checks": checks, "mark": MARK, **facts}
    return App(name=name, runtime=Runtime(family, version, source=MARK), **made)  # type: ignore[arg-type]


def job(name: str, runtime: str, **facts: object) -> App:
    return service(name, runtime, **{"ports": (), "checks": (ExitCheck(),), **facts})


def manifest(*apps: App, shared: tuple[SharedEntry, ...] | None = None, name: str = "pair") -> Manifest:
    named = {app.name: app for app in apps}
    entries = (SharedEntry("one-runtime", apps=tuple(named)),) if shared is None else shared
    return Manifest(name, Path("manifest.yaml"), named, entries)


def shown(template: str, **facts: object) -> str:
    """Stands for a rendered Dockerfile where its text does not matter."""
    return f"{template} {sorted(facts.items(), key=str)}"


def world(of: Manifest, **facts: object) -> World:
    """Bases and contexts that are there by assumption."""
    known: Mapping[str, Family] = families()
    versions = {app.runtime.key for app in of.apps.values()} | {v for entry in of.shared for v in entry.versions}
    versions |= {f"debian@{suite}" for suite in catalogue.entries("debian")}
    compiled = {f"{family}@{v}" for family in known for v, one in catalogue.entries(family).items() if one.build_image}
    names = [*versions, *(f"{name}/build" for name in versions & compiled)]
    bases = {name: Base(f"base-{name.replace('@', ':')}", name, "local") for name in names}
    contexts = {name: Context((), "0" * 64) for name in of.apps}
    launcher = (resources.images() / "launch").read_bytes()
    made = {"families": known, "bases": bases, "contexts": contexts, "launcher": launcher, "render": shown, **facts}
    return World(**made)  # type: ignore[arg-type]


def prints(family: str, version: str) -> str:
    """What the family's own version command would print."""
    return {
        "debian": f"{version} 11.1\n",
        "dotnet": f"Microsoft.NETCore.App {version}.2 [/usr/share/dotnet]\n",
        "python": f"Python {version}.1\n",
    }[family]


def environment(box: Box) -> str:
    """What a box is an environment of: `python@3.12`, `side-by-side`."""
    return box.labels["io.isolate.runtime"]


def scripted(
    plan: Plan,
    runs_on: Mapping[str, set[str]],
    clash: frozenset[str] = frozenset(),
    poison: frozenset[str] = frozenset(),
) -> MemoryEngine:
    """An engine on which each app runs on the environments it is given. Side by side each has its own runtime.

    Apps in `clash` fail where another of them runs beside; those in `poison` where another's files are in the image.
    """
    owners = {image.tag: name for name, image in plan.images.items()}
    declared = {name: str(app.runtime) for name, app in plan.manifest.apps.items()}

    def served(box: Box, app: str) -> str:
        return declared[app] if environment(box) == "side-by-side" else environment(box)

    def holds(box: Box) -> dict[str, str]:
        there = {served(box, launch.app) for launch in box.launches if launch.app in declared}
        families = {name.split("@")[0] for name in there}
        return {family: "".join(prints(*name.split("@")) for name in sorted(there)) for family in families}

    def fate(box: Box, app: str) -> Fate:
        if app not in declared:
            return Fate()
        beside = {one.app for one in box.launches} - {app}
        parents = engine.made[box.image].parents if box.image in engine.made else ()
        there = {owners[parent] for parent in parents if parent in owners} - {app}
        broken = (app in clash and beside & clash) or (app in poison and there & poison)
        if served(box, app) in runs_on[app] and not broken:
            return serves(box, app)
        return Fate(exit_code=1, stderr=(f"ModuleNotFoundError: No module named '{app}_needs'",))

    engine = MemoryEngine(fate, holds)
    return engine


def plan(of: Manifest, **facts: object) -> Plan:
    return compile_plan(of, world(of, **facts))


def bases(runtimes: Sequence[Runtime]) -> Mapping[str, Base]:
    return {one.key: Base(f"base-{one}".replace("@", ":"), str(one), "local") for one in runtimes}


def carry_out(drawn: Plan, engine: MemoryEngine, **facts: object) -> tuple[int, list[Event]]:
    """The whole run in memory: its exit code and its events."""
    events: list[Event] = []
    code = conduct(
        Conductor(engine, families(), events.append, bases, memory=Memory(use=False, folder=Path(os.devnull))),
        drawn,
        Options(**facts),
    )  # type: ignore[arg-type]
    return code, events
