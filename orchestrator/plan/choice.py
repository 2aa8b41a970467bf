"""Which apps, and which environments: the selection, the candidates, the bases they need."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import replace

from orchestrator.errors import ManifestError, NothingSelected
from orchestrator.model import App, Manifest, Runtime, SharedEntry


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
    shared = [_cut(entry, kept) for entry in manifest.shared if not asked or entry.name in asked]
    if asked and not any(shared):
        raise NothingSelected(f"of {', '.join(asked)} no two apps are left to share anything")
    return replace(
        manifest,
        apps={name: app for name, app in manifest.apps.items() if name in kept},
        shared=tuple(entry for entry in shared if entry),
    )


def _cut(entry: SharedEntry, kept: set[str]) -> SharedEntry | None:
    """What is left of an entry: nothing where nobody shares any more; what was expected of all is not of some."""
    left = tuple(name for name in entry.apps if name in kept)
    if left == entry.apps:
        return entry
    return replace(entry, apps=left, expect=None) if len(left) > 1 else None


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

    Where several apps declare one version with different images, it means the first one's, in the entry's order.
    Raises ManifestError for apps of several families: no OS base is known on which they all work.
    """
    if entry.untried:
        return ()
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
    everybodys = [*runtimes, *(app.runtime for app in apps.values())]
    declared = {str(runtime): runtime for runtime in reversed(everybodys)}
    return tuple(
        tuple(declared.get(name) or _runtime(name) for name in choice) for choice in itertools.product(*per_family)
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
    return tuple({runtime.key: runtime for runtime in reversed(runtimes)}.values())[::-1]
