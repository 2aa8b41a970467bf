"""`isolate images`: the images isolate made or builds on, and where they come from."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from orchestrator.errors import NothingSelected, Unavailable

if TYPE_CHECKING:
    from orchestrator.cli._images import Mine
    from orchestrator.engines import Engine

SUMMARY = "list and remove base images, app images and shared environments"
EXAMPLE = "isolate images\n  isolate images prune --dry-run"


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
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON document")


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where an image could not be removed, 3 where a tag names none of ours, 75 while a run goes on."""
    from orchestrator.cli._answer import answer, table
    from orchestrator.cli._images import day, mine, size, unused, wanted
    from orchestrator.running import open_engine

    removes = args.action in {"rm", "prune"}
    if removes and not args.dry_run and (why := wanted()):
        raise Unavailable(why, hint="wait for it")
    engine = open_engine()
    known = list(mine(engine.images()))
    if removes:
        chosen = _named(known, args.tags) if args.action == "rm" else unused(known, bases=args.bases)
        return _remove(args, engine, chosen)
    rows = [(one.name, one.what, one.source, size(one.held.size), day(one.held.created)) for one in known]
    document = {"images": [_entry(one) for one in known]}
    return answer(args, document, table([("IMAGE", "WHAT", "SOURCE", "SIZE", "CREATED"), *rows]))


def _entry(one: Mine) -> dict[str, Any]:
    held = {"id": one.held.id, "size": one.held.size, "created": one.held.created, "used": one.held.used}
    return {"name": one.name, "what": one.what, "source": one.source, **held}


def _named(known: Sequence[Mine], tags: Sequence[str]) -> list[Mine]:
    ours = {one.name: one for one in known if one.source != "registry"}
    for tag in tags:
        if tag not in ours:
            raise NothingSelected(f"{tag} is no image that isolate made", hint="isolate images shows them")
    return [ours[tag] for tag in tags]


def _remove(args: argparse.Namespace, engine: Engine, chosen: Sequence[Mine]) -> int:
    from orchestrator.cli._answer import answer
    from orchestrator.cli._images import remove
    from orchestrator.sanitise import one_line

    gone, left = remove(engine, chosen, dry=args.dry_run)
    removed = [one.name for one in gone]
    verb = "would remove" if args.dry_run else "removed"
    lines = [*(f"{verb} {name}" for name in removed), *(f"could not remove {one_line(reason)}" for reason in left)]
    document = {"removed": removed, "left": left, "dry_run": args.dry_run}
    return answer(args, document, lines or ["nothing to remove"], exit_code=int(bool(left)))
