"""Which images on an engine are isolate's own, and what they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.labels import BASE

if TYPE_CHECKING:
    from orchestrator.engines import Engine, Held


@dataclass(frozen=True, slots=True)
class Mine:
    """One image that isolate made (source `built` or `recipe`), or an official one it builds on (`registry`).

    name: its tag; where it has none, its id. Removing by that name takes nobody else's tag away.
    """

    name: str
    what: str
    source: str
    held: Held


def mine(images: Iterable[Held]) -> Iterator[Mine]:
    """Ours by label and by name: an image built upon one of ours inherits the label, but is its maker's own."""
    from orchestrator.diagnosis import leftovers

    official, images = _official(), list(images)
    left = {one.id for one in leftovers.left_over(images)}
    for held in sorted(images, key=lambda one: one.tags or (one.id,)):
        label, digest = leftovers.mark(held)
        for tag in held.tags:
            if tag in official:
                yield Mine(tag, f"base of {official[tag]}", "registry", held)
            elif digest and tag.startswith("isolate/") and tag.endswith(digest[:16]):
                yield Mine(tag, _what(tag), "recipe" if label == BASE else "built", held)
        if held.id in left:
            yield Mine(held.id, "left over from a build", "recipe" if label == BASE else "built", held)


def _what(tag: str) -> str:
    name, _, version = tag.removeprefix("isolate/").partition(":")
    if not name.startswith("base-"):
        return "shared environment" if name == "shared" else f"app {name}"
    family, _, role = name.removeprefix("base-").partition("-")
    return f"base of {family}@{version.rpartition('-')[0]}{' (build)' if role else ''}"


def _official() -> dict[str, str]:
    """The catalogue's official images -> what they are the base of."""
    from orchestrator import catalogue
    from orchestrator.runtimes import families

    entries = [entry for family in families() for entry in catalogue.entries(family).values()]
    built = {entry.build_image: f"{entry.family}@{entry.version} (build)" for entry in entries if entry.build_image}
    return built | {entry.image: f"{entry.family}@{entry.version}" for entry in entries}


def unused(known: Iterable[Mine], *, bases: bool, gone: frozenset[str] = frozenset()) -> list[Mine]:
    """Those we made that no container has, but those that are gone or about to go."""
    sources = {"built", "recipe"} if bases else {"built"}
    return [one for one in known if one.source in sources and not one.held.users - gone]


def wanted() -> str:
    """Why all images stay for now; empty where no run is under way."""
    from orchestrator import locks

    busy = locks.busy()
    return f"a run of {busy[0]} is under way, and may be about to use an image" if busy else ""


def remove(engine: Engine, chosen: Sequence[Mine], *, dry: bool) -> tuple[list[Mine], list[str]]:
    """Those that are gone, or would be; and why the others are not: a run may have begun since they were chosen."""
    reasons = [(one, "" if dry else wanted() or engine.remove_image(one.name)) for one in chosen]
    return [one for one, why in reasons if not why], [f"{one.name}: {why}" for one, why in reasons if why]


def size(count: int) -> str:
    """Bytes for people, in MB of a million as the engine's own tools have it."""
    return f"{count / 1e6:.1f} MB" if count < 1e9 else f"{count / 1e9:.2f} GB"


def day(created: int) -> str:
    """Seconds since 1970 -> `2026-11-23`."""
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(created, UTC):%Y-%m-%d}"
