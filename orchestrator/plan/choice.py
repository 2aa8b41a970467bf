"""Which apps: the selection, and the bases it needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from orchestrator.errors import ManifestError, NothingSelected
from orchestrator.model import Manifest, Runtime, SharedEntry
from orchestrator.plan.environment import candidates


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


def divided(manifest: Manifest) -> Manifest:
    """The entry that nobody wrote, over apps of which no box can hold all, becomes one for each family with several."""
    shared = [part for entry in manifest.shared for part in _divided(entry, manifest)]
    return replace(manifest, shared=tuple(shared))


def _divided(entry: SharedEntry, manifest: Manifest) -> Iterable[SharedEntry]:
    try:
        candidates(entry, manifest.apps)
    except ManifestError:
        if entry.mark is None:
            families = dict.fromkeys(manifest.apps[name].runtime.family for name in entry.apps)
            parts = {f: tuple(n for n in entry.apps if manifest.apps[n].runtime.family == f) for f in families}
            return [replace(entry, name=f"{entry.name}-{f}", apps=apps) for f, apps in parts.items() if len(apps) > 1]
    return [entry]


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


def needed(manifest: Manifest) -> tuple[Runtime, ...]:
    """Every runtime, and OS base, that an image is needed for, declared ones first."""
    tried = [env for entry in manifest.shared for env in candidates(entry, manifest.apps)]
    runtimes = [*(app.runtime for app in manifest.apps.values()), *(one for env in tried for one in env.runtimes)]
    systems = [env.base for env in tried if env.base]
    return tuple({runtime.key: runtime for runtime in reversed([*runtimes, *systems])}.values())[::-1]
