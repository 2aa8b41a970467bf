"""A folder -> its apps: the services of its Compose file, or the folder itself, or the folders in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from shlex import quote

from orchestrator.manifest.runtime import Known
from orchestrator.proposals.app import app
from orchestrator.proposals.compose import Service, services
from orchestrator.proposals.names import fit, project_name
from orchestrator.proposals.runtimes import named
from orchestrator.proposals.sources import sources
from orchestrator.proposals.tree import COMPOSE, Tree
from orchestrator.proposals.values import Proposal, ProposedApp

DEEPEST = 3
"""Folders between the one asked about and an app in it."""
MOST_APPS = 40
CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")


@dataclass(frozen=True, slots=True)
class Listed:
    """The services of a Compose file, and the file as shown."""

    file: str
    services: tuple[Service, ...]


def propose(tree: Tree, name: str, known: Known) -> Proposal:
    """name: what the folder is called. No app at all where nothing in it names a runtime."""
    listed = _compose(tree)
    apps, notes = _composed(tree, listed, known) if listed else ({}, [])
    if not apps:
        apps, more = _walked(tree, name, known)
        notes += more
    return Proposal(project_name(name), _settled(apps), (*notes, *tree.cut))


def _compose(tree: Tree) -> Listed | None:
    root = tree.places[""]
    file = next((one for one in COMPOSE if one in root.texts), None)
    return Listed(file, services(root.texts[file])) if file else None


def _composed(tree: Tree, listed: Listed, known: Known) -> tuple[dict[str, ProposedApp], list[str]]:
    """The services that isolate can run, under their names, and why the others are left out."""
    apps: dict[str, ProposedApp] = {}
    names: dict[str, str] = {}
    notes = []
    for one in listed.services:
        where = f"{listed.file}:{one.line} {one.name}"
        place = tree.places.get(one.build) if one.build is not None else None
        found = app(sources(tree, place, one, listed.file), known) if place else None
        if found:
            names[one.name] = fit(one.name, apps)
            apps[names[one.name]] = replace(found, name=names[one.name])
        elif one.image and one.build is None:
            notes.append(f"not taken over: {where} is the image {one.image}; isolate runs what it builds from sources")
        else:
            notes.append(f"not taken over: {where}: its build context is no folder here that names a runtime")
    return {key: _renamed(one, names, listed.file) for key, one in apps.items()}, notes


def _renamed(one: ProposedApp, names: Mapping[str, str], file: str) -> ProposedApp:
    gone = [name for name in one.depends_on if name not in names]
    kept = {names[name]: condition for name, condition in one.depends_on.items() if name in names}
    notes = (f"{file} says that it depends on {', '.join(gone)}, which is not here",) if gone else ()
    return replace(one, depends_on=kept, notes=(*one.notes, *notes))


def _walked(tree: Tree, name: str, known: Known) -> tuple[dict[str, ProposedApp], list[str]]:
    """The folder itself where it says how it is started, or where no folder below does; else those."""
    root = app(sources(tree, tree.places[""]), known)
    below = list(_below(tree, known))
    started = [one for one in below if one.start]
    if root and (root.start or not started):
        others = [f"{one.folder} looks like an app, too: isolate init {quote(one.folder)}" for one in started]
        return {fit(name): replace(root, name=fit(name))}, others[:MOST_APPS]
    apps: dict[str, ProposedApp] = {}
    for one in (started or below)[:MOST_APPS]:
        key = fit(one.folder.rpartition("/")[2], apps)
        apps[key] = replace(one, name=key)
    left = [f"left out: {one.folder} names {one.chosen.family}, and no file says how it is started" for one in below]
    notes = [note for note, one in zip(left, below, strict=True) if started and not one.start]
    notes += [f"left out: {len(started) - MOST_APPS} more apps"] if len(started) > MOST_APPS else []
    return apps, notes


def _below(tree: Tree, known: Known) -> Iterator[ProposedApp]:
    """Apps in the folders below; what lies in an app's folder belongs to it."""
    taken: list[str] = []
    for place in tree.places.values():
        inside = any(place.path.startswith(f"{one}/") for one in taken)
        if place.path and not inside and place.path.count("/") < DEEPEST and named(place, known.families):
            found = app(sources(tree, place), known)
            if found:
                taken += [place.path] if found.start else []
                yield found


def _settled(apps: Mapping[str, ProposedApp]) -> Mapping[str, ProposedApp]:
    """Conditions that a manifest admits: services get healthy, jobs complete."""

    def condition(name: str, asked: str) -> str:
        serves = bool(apps[name].ports)
        wrong = (asked == "service_healthy" and not serves) or (asked == "service_completed_successfully" and serves)
        return asked if asked in CONDITIONS and not wrong else "service_started"

    return {
        key: replace(one, depends_on={name: condition(name, asked) for name, asked in one.depends_on.items()})
        for key, one in apps.items()
    }
