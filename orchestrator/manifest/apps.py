"""One record of `apps` -> App, and the rules that look at more than one of its keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from orchestrator.family import Family
from orchestrator.manifest import checks
from orchestrator.manifest.fields import Fields
from orchestrator.manifest.nodes import Items, Keys, Node, Problem, Problems, Wrong, shown
from orchestrator.manifest.runtime import Known, found, written
from orchestrator.manifest.source import Folder, Source
from orchestrator.model import App, Condition, Healthcheck, Limits, Mark, Runtime

LONGEST_COMMAND = 60_000
"""Characters of its JSON; builders read lines of 64 KiB."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One manifest being read: its file, its name, what is known, and the problems found so far."""

    source: Source
    project: str
    known: Known
    problems: Problems


def app(name: str, record: Fields, mark: Mark, reading: Reading) -> App | None:
    """The app whose name stands at `mark`, or None where its runtime is not clear. Problems are added."""
    folder = _folder(record, reading)
    runtime = _runtime(record, mark, folder, reading)
    if runtime is None:
        return None
    family = reading.known.families[runtime.family]
    marks = {**_marks(record.node), **_package_files(record, folder, reading.source, family)}
    one = _app(App(name, runtime, record.get("command"), mark, project=reading.project, marks=marks), record, folder)
    reading.problems.extend(_rules(one, record, family))
    return one


def _app(bare: App, record: Fields, folder: Folder | None) -> App:
    ports = record.get("ports", ())
    return replace(
        bare,
        build=folder.path if folder else None,
        environment=record.get("environment", {}),
        ports=ports,
        healthcheck=_healthcheck(record),
        depends_on=_depends_on(record),
        limits=_limits(record),
        checks=checks.checks(record.get("checks", ()), service=bool(ports)),
        packages=record.get("packages", ()),
        system_packages=record.get("system_packages", ()),
        working_dir=record.get("working_dir", ""),
        labels=record.get("labels", {}),
        tmpfs=record.get("tmpfs", ()),
    )


def _folder(record: Fields, reading: Reading) -> Folder | None:
    build = record.get("build")
    if build is None:
        return None
    families = reading.known.families.values()
    patterns = {pattern for family in families for pattern in (*family.declarations, *family.package_files)}
    folder = reading.source.look(build, sorted(patterns))
    if folder.problem:
        reading.problems.add(record.mark("build"), folder.problem, "build is a folder inside the manifest's: ./invoice")
    return folder


def _runtime(record: Fields, mark: Mark, folder: Folder | None, reading: Reading) -> Runtime | None:
    value = record.get("runtime")
    place = mark if value is None else record.mark("runtime")
    try:
        if value is not None:
            return written(value, place, reading.known)
        return found(folder, str(reading.source.path.parent / record.get("build", "")), reading.known)
    except Wrong as wrong:
        reading.problems.add(place, wrong.message, wrong.hint)
        return None


def _healthcheck(record: Fields) -> Healthcheck:
    timings: Fields | None = record.get("healthcheck")
    return Healthcheck(**timings.values) if timings else Healthcheck()


def _limits(record: Fields) -> Limits:
    limits: Fields | None = record.get("deploy") and record.get("deploy").get("resources").get("limits")
    names = {"cpus": "nano_cpus", "memory": "memory", "pids": "pids"}
    return Limits(**{names[key]: value for key, value in limits.values.items()}) if limits else Limits()


def _depends_on(record: Fields) -> Mapping[str, Condition]:
    asked: Any = record.get("depends_on", ())
    if isinstance(asked, dict):
        return {name: one.get("condition") for name, one in asked.items()}
    return dict.fromkeys(asked, "service_started")


def _marks(node: Keys) -> dict[str, Mark]:
    """Where each key stands, and what is below it: `packages.0`, `environment.CULTURE`."""
    return dict(node.marks) | {
        f"{key}.{name}": mark for key, value in node.entries.items() for name, mark in _below(value)
    }


def _below(node: Node) -> Iterator[tuple[str, Mark]]:
    if isinstance(node, Items):
        yield from ((str(place), item.mark) for place, item in enumerate(node.items))
    elif isinstance(node, Keys):
        yield from node.marks.items()


def _package_files(record: Fields, folder: Folder | None, source: Source, family: Family) -> dict[str, Mark]:
    names = [n for n in (folder.texts if folder else ()) if any(fnmatchcase(n, p) for p in family.package_files)]
    return {name: Mark(str(source.path.parent / record.get("build") / name), 1, 1) for name in names}


def _rules(app: App, record: Fields, family: Family) -> Iterator[Problem]:
    if len(json.dumps(app.command)) > LONGEST_COMMAND:
        yield Problem(record.mark("command"), "this command is too long", "put it into a file of the app's")
    yield from checks.program(app.command, record.mark("command", 0))
    yield from checks.problems(app, record)
    for place, package in enumerate(app.packages):
        if not family.package.fullmatch(package):
            message = f"{shown(package)} is not a package of {family.name}"
            yield Problem(record.mark("packages", place), message, family.package_hint)
    for place, path in enumerate(app.tmpfs):
        if f"{path}/".startswith("/apps/") and not path.startswith(f"{app.home}/"):
            yield Problem(record.mark("tmpfs", place), f"{path} is not the app's own", f"choose one below {app.home}")
