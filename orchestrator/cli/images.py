"""`isolate images`: the images isolate made or builds on, and where they come from."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.errors import NothingSelected

if TYPE_CHECKING:
    from orchestrator.engines import Engine, Held

SUMMARY = "list and remove base images, app images and shared environments"
EXAMPLE = "isolate images\n  isolate images prune --dry-run"
BASE, IMAGE = "io.isolate.base", "io.isolate.image"


@dataclass(frozen=True, slots=True)
class Mine:
    """One image that isolate made (source `built` or `recipe`), or an official one it builds on (`registry`).

    name: its tag; where it has none, its id. Removing by that name takes nobody else's tag away.
    """

    name: str
    what: str
    source: str
    held: Held


def arguments(parser: argparse.ArgumentParser) -> None:
    """`ls` is what no action means."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("ls", help="list them (the default)")
    remove = actions.add_parser("rm", help="remove some by their tags")
    remove.add_argument("tags", nargs="+", metavar="TAG")
    prune = actions.add_parser("prune", help="remove those that no box uses")
    prune.add_argument("--bases", action="store_true", help="base images as well; making them again takes minutes")
    for action in (remove, prune):
        action.add_argument("--dry-run", action="store_true", help="say what would be removed; touch nothing")


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where an image could not be removed, 3 where a tag names none of ours."""
    from orchestrator.cli._answer import answer, table
    from orchestrator.cli._run import open_engine

    engine = open_engine()
    known = list(mine(engine.images()))
    if args.action in {"rm", "prune"}:
        chosen = _named(known, args.tags) if args.action == "rm" else _unused(known, bases=args.bases)
        return _remove(args, engine, chosen)
    rows = [(one.name, one.what, one.source, size(one.held.size), day(one.held.created)) for one in known]
    document = [
        {
            "name": one.name,
            "id": one.held.id,
            "what": one.what,
            "source": one.source,
            "size": one.held.size,
            "created": one.held.created,
            "used": one.held.used,
        }
        for one in known
    ]
    return answer(args, {"images": document}, table([("IMAGE", "WHAT", "SOURCE", "SIZE", "CREATED"), *rows]))


def mine(images: Iterable[Held]) -> Iterator[Mine]:
    """Ours by label and by name: an image built upon one of ours inherits the label, but is its maker's own."""
    official = _official()
    for held in sorted(images, key=lambda one: one.tags or (one.id,)):
        label = IMAGE if IMAGE in held.labels else BASE
        digest = held.labels.get(label, "")
        for tag in held.tags:
            if tag in official:
                yield Mine(tag, f"base of {official[tag]}", "registry", held)
            elif digest and tag.startswith("isolate/") and tag.endswith(digest[:16]):
                yield Mine(tag, _what(tag), "recipe" if label == BASE else "built", held)
        if digest and not held.tags:
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


def _named(known: Sequence[Mine], tags: Sequence[str]) -> list[Mine]:
    ours = {one.name: one for one in known if one.source != "registry"}
    for tag in tags:
        if tag not in ours:
            raise NothingSelected(f"{tag} is no image that isolate made", hint="isolate images shows them")
    return [ours[tag] for tag in tags]


def _unused(known: Sequence[Mine], *, bases: bool) -> list[Mine]:
    sources = {"built", "recipe"} if bases else {"built"}
    return [one for one in known if one.source in sources and not one.held.used]


def _remove(args: argparse.Namespace, engine: Engine, chosen: Sequence[Mine]) -> int:
    from orchestrator.cli._answer import answer
    from orchestrator.sanitise import one_line

    reasons = {one.name: "" if args.dry_run else engine.remove_image(one.name) for one in chosen}
    removed = [name for name, reason in reasons.items() if not reason]
    left = [f"{name}: {reason}" for name, reason in reasons.items() if reason]
    verb = "would remove" if args.dry_run else "removed"
    lines = [*(f"{verb} {name}" for name in removed), *(f"could not remove {one_line(reason)}" for reason in left)]
    document = {"removed": removed, "left": left, "dry_run": args.dry_run}
    return answer(args, document, lines or ["nothing to remove"], exit_code=int(bool(left)))


def size(count: int) -> str:
    """Bytes for people, in MB of a million as the engine's own tools have it."""
    return f"{count / 1e6:.1f} MB" if count < 1e9 else f"{count / 1e9:.2f} GB"


def day(created: int) -> str:
    """Seconds since 1970 -> `2026-11-23`."""
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(created, UTC):%Y-%m-%d}"
