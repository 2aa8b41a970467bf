"""`isolate prune`: remove what runs that died left behind, and images that nothing uses."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from orchestrator.errors import UsageError
from orchestrator.labels import OWNER, PROJECT

if TYPE_CHECKING:
    from orchestrator.diagnosis.leftovers import Left
    from orchestrator.engines import Engine, Swept

SUMMARY = "remove what runs that died left behind; what `up` left up on purpose stays"
EXAMPLE = "isolate prune --dry-run\n  isolate prune --images"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whose leftovers, and whether images too."""
    from orchestrator.cli import _names

    parser.add_argument(
        "projects", nargs="*", metavar=_names.WORD, help="manifests or projects; all where none is named"
    )
    parser.add_argument("--images", action="store_true", help="images of apps and shared environments that no box uses")
    parser.add_argument(
        "--bases", action="store_true", help="with --images: bases as well; making them again takes minutes"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be removed; touch nothing")
    _names.option(parser)


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where something could not be removed; nothing to remove is no failure."""
    from orchestrator.cli import _project
    from orchestrator.running import open_engine

    _sensible(args)
    engine = open_engine()
    words = [_project.labelled(word, args.project) for word in args.projects] or [{PROJECT: ""}]
    owners = {(one.labels[PROJECT], one.labels.get(OWNER)) for w in words for one in engine.holdings(w)}
    found = [
        pair for name in sorted({name for name, _ in owners}) for pair in _pruned(engine, name, owners, args.dry_run)
    ]
    return _answer(args, engine, [left for left, _ in found], [swept for _, swept in found])


def _sensible(args: argparse.Namespace) -> None:
    from orchestrator.cli import _images
    from orchestrator.errors import Unavailable

    if args.bases and not args.images:
        raise UsageError("--bases goes with --images", hint="isolate prune --images --bases --dry-run")
    if args.images and (why := _images.wanted()):
        raise Unavailable(why, hint="wait for it, or leave out --images")


def _pruned(
    engine: Engine, project: str, owners: Collection[tuple[str, str | None]], dry: bool
) -> Iterator[tuple[Left, Swept]]:
    """What each owner had left of an idle project, and what is removed of it, or would be."""
    from orchestrator import locks
    from orchestrator.cli import down
    from orchestrator.diagnosis import leftovers
    from orchestrator.running.sweep import merged, sweep

    with locks.idle(project) as idle:
        quiet = down.calm(engine, {PROJECT: project}) if idle and not dry else 0.0
        for left in leftovers.of(engine, project) if idle else ():
            if (project, left.owner) in owners:
                sweeps = () if dry else (sweep(engine, one, quiet) for one in left.sweeps)
                yield left, down.named(left.dead) if dry else merged(sweeps)


def _answer(args: argparse.Namespace, engine: Engine, left: Sequence[Left], swept: Sequence[Swept]) -> int:
    from orchestrator.cli import _images, down
    from orchestrator.cli._answer import answer
    from orchestrator.running.sweep import merged

    gone = frozenset(one.id for each in left for one in each.dead)
    unused = _images.unused(_images.mine(engine.images()), bases=args.bases, gone=gone) if args.images else []
    images, still = _images.remove(engine, unused, dry=args.dry_run)
    everything = merged(swept)
    removed = {**down.kinds(everything), "images": [one.name for one in images]}
    could_not = [*everything.left, *still]
    size = sum({one.held.id: one.held.size for one in images}.values())
    unknown = {each.project: [one.name for one in each.strange] for each in left if each.strange}
    document = {"removed": removed, "left": could_not, "unknown": unknown, "size": size, "dry_run": args.dry_run}
    lines = [*down.lines(removed, could_not, dry=args.dry_run), *_also(size, unknown)]
    return answer(args, document, lines, exit_code=int(bool(could_not)))


def _also(size: int, unknown: Mapping[str, Sequence[str]]) -> Iterator[str]:
    from orchestrator.cli import _images
    from orchestrator.sanitise import one_line

    if size:
        yield f"images of {_images.size(size)}; what they share with others stays on the disk"
    for project, names in unknown.items():
        told = f"left alone {', '.join(names)}: of a run that is not recorded here; isolate down {project} removes it"
        yield one_line(told)
