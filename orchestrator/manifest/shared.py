"""The entries of `shared`, with their apps and versions spelled out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orchestrator.manifest.checks import matcher
from orchestrator.manifest.fields import Fields
from orchestrator.manifest.hints import known_are, suggestion
from orchestrator.manifest.nodes import Problems, shown
from orchestrator.manifest.runtime import Known
from orchestrator.model import App, Expect, SharedEntry


def entries(record: Fields, apps: Mapping[str, App], known: Known, problems: Problems) -> tuple[SharedEntry, ...]:
    """The entries of one manifest; without the key, the one that everybody wants. Problems are added."""
    if "shared" not in record.values:
        return (SharedEntry("one-runtime", apps=tuple(apps)),)
    found = [_entry(one, apps, known, problems) for one in record.get("shared")]
    _refuse_twins(record, found, problems)
    return tuple(found)


def _refuse_twins(record: Fields, found: list[SharedEntry], problems: Problems) -> None:
    seen = set()
    for place, one in enumerate(found):
        if one.name in seen:
            hint = "give it a `name` of its own"
            problems.add(record.mark("shared", place, "name"), f"two shared entries are called {one.name!r}", hint)
        seen.add(one.name)


def _entry(record: Fields, apps: Mapping[str, App], known: Known, problems: Problems) -> SharedEntry:
    policy = record.get("policy", "one-runtime")
    chosen = record.get("apps", tuple(apps))
    _refuse_strangers(record, chosen, apps, problems)
    versions = tuple(_versions(record, [apps[name] for name in chosen if name in apps], known, problems))
    if policy == "side-by-side" and versions:
        _refuse_missing(record, {str(apps[name].runtime) for name in chosen if name in apps}, versions, problems)
    return SharedEntry(
        name=record.get("name", policy),
        policy=policy,
        apps=chosen,
        versions=versions,
        order=record.get("order", "both"),
        environment=record.get("environment", {}),
        base=record.get("base"),
        ports=record.get("ports", "distinct"),
        expect=_expect(record, chosen, problems),
        mark=record.node.mark,
    )


def _refuse_strangers(record: Fields, chosen: tuple[str, ...], apps: Mapping[str, App], problems: Problems) -> None:
    for place, name in enumerate(chosen):
        if name not in apps:
            problems.add(record.mark("apps", place), f"there is no app {name!r}", suggestion(name, apps))


def _refuse_missing(record: Fields, declared: set[str], versions: tuple[str, ...], problems: Problems) -> None:
    """Side by side each app has its own runtime, so all of them have to be there."""
    if missing := sorted(declared.difference(versions)):
        message = f"side by side every app has its own runtime, and {', '.join(missing)} is not among these"
        problems.add(record.mark("versions"), message, "leave `versions` out: every declared one is put in")


def _versions(record: Fields, apps: list[App], known: Known, problems: Problems) -> Iterator[str]:
    families = sorted({app.runtime.family for app in apps})
    declared = {str(app.runtime) for app in apps}
    for place, text in enumerate(record.get("versions", ())):
        mark = record.mark("versions", place)
        family, _, version = text.rpartition("@")
        if not family and len(families) != 1:
            choices = " or ".join(f"{one}@{text}" for one in families)
            problems.add(mark, f"{text!r} of which family?", f"write {choices}")
            continue
        full = f"{family or families[0]}@{version}"
        if family and family not in families:
            problems.add(mark, f"no app of this entry runs on {family}", f"they run on {', '.join(families)}")
        elif full not in declared and version not in known.versions.get(family or families[0], ()):
            listed = known_are(list(known.versions.get(family or families[0], ())))
            problems.add(mark, f"{full} is not in the catalogue", listed)
        yield full


def _expect(record: Fields, chosen: tuple[str, ...], problems: Problems) -> Expect | None:
    asked: Fields | None = record.get("expect")
    if asked is None:
        return None
    verdict, kind, app = (asked.get(key) for key in ("verdict", "kind", "app"))
    if kind and verdict not in {None, "conflict"}:
        problems.add(asked.mark("kind"), f"only a conflict has a kind, {shown(verdict)} has none", "remove `kind`")
    if app and app not in chosen:
        problems.add(asked.mark("app"), f"this entry has no app {app!r}", suggestion(app, chosen))
    return Expect(verdict, kind, app, matcher(asked.get("because")), asked.node.mark)
