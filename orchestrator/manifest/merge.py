"""Several manifests as one, and the rules that look at more than one app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from orchestrator.manifest.hints import suggestion
from orchestrator.manifest.nodes import Problem, Problems
from orchestrator.manifest.source import Source
from orchestrator.model import App, Manifest, Mark, SharedEntry

MOST_APPS = 100


@dataclass(frozen=True, slots=True)
class Part:
    """What one file holds."""

    source: Source
    name: str
    description: str
    apps: Mapping[str, App]
    shared: tuple[SharedEntry, ...]


def merged(parts: Sequence[Part], project: str | None, problems: Problems, *, together: bool) -> Manifest:
    """One manifest, named after the first; together: one more entry that holds all apps. Problems are added."""
    apps: dict[str, App] = {}
    for one in (app for part in parts for app in part.apps.values()):
        if one.name in apps:
            message = f"the app {one.name!r} is here twice, first at {apps[one.name].mark}"
            problems.add(one.mark, message, "rename one of them")
        apps.setdefault(one.name, one)
        if len(apps) > MOST_APPS:
            problems.add(one.mark, f"more than {MOST_APPS} apps", "share them out over several projects")
            problems.settle()
    problems.extend(_dependencies(apps))
    shared = list(_entries(parts))
    if together:
        shared.append(SharedEntry(_free("together", {one.name for one in shared}), apps=tuple(apps)))
    first = parts[0]
    return Manifest(project or first.name, first.source.path, apps, tuple(shared), first.description)


def _entries(parts: Sequence[Part]) -> Iterator[SharedEntry]:
    taken: set[str] = set()
    for part in parts:
        for entry in part.shared:
            name = entry.name if entry.name not in taken else _free(f"{part.name}-{entry.name}", taken)
            taken.add(name)
            yield replace(entry, name=name)


def _free(name: str, taken: set[str]) -> str:
    return next(one for one in (name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)


def _dependencies(apps: Mapping[str, App]) -> Iterator[Problem]:
    for app in apps.values():
        for name, condition in app.depends_on.items():
            mark = _place(app, name)
            if name not in apps:
                message = f"{app.name} depends on {name!r}, and there is no such app"
                yield Problem(mark, message, suggestion(name, apps))
            elif condition == "service_healthy" and not apps[name].is_service:
                yield Problem(mark, f"{name} is a job, it ends", "write condition: service_completed_successfully")
            elif condition == "service_completed_successfully" and apps[name].is_service:
                yield Problem(mark, f"{name} is a service, it does not end", "write condition: service_healthy")
    try:
        TopologicalSorter({app.name: app.depends_on for app in apps.values()}).prepare()
    except CycleError as error:
        ring = error.args[1][::-1]
        yield Problem(_place(apps[ring[0]], ring[1]), f"these wait for each other: {' -> '.join(ring)}")


def _place(app: App, name: str) -> Mark:
    """Where `depends_on` names it, as a key or in a list."""
    listed = list(app.depends_on).index(name)
    return app.marks.get(f"depends_on.{name}") or app.marks[f"depends_on.{listed}"]
