"""`isolate down`: remove everything that was made for a project, by its labels."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from orchestrator.errors import UsageError
from orchestrator.labels import OWNER, PROJECT

if TYPE_CHECKING:
    from orchestrator.engines import Engine, Found, Swept

SUMMARY = "remove everything isolate made for a project, by its labels; images stay"
EXAMPLE = "isolate down apps/dotnet/manifest.yaml\n  isolate down --all"
QUIET_SECONDS = 0.2
AFTER_A_DEATH_SECONDS = 2.0
"""A request of a client that was killed may complete after we looked; making a container takes the engine 0.1 s."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which projects, or all."""
    from orchestrator.cli import _names

    parser.add_argument("projects", nargs="*", metavar=_names.WORD, help="manifests, or names of projects")
    parser.add_argument("--all", action="store_true", help="every project")
    parser.add_argument("--dry-run", action="store_true", help="say what would be removed; touch nothing")
    _names.option(parser)


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where something could not be removed; nothing to remove is no failure."""
    from orchestrator.cli._answer import answer
    from orchestrator.running import open_engine
    from orchestrator.running.sweep import merged, sweep

    if args.all == bool(args.projects):
        raise UsageError("name projects, or --all", hint="isolate ps shows them")
    engine = open_engine()
    chosen = [{PROJECT: ""}] if args.all else [*filter(None, (_owned(engine, word, args) for word in args.projects))]
    found = [engine.holdings(one) for one in chosen]
    sweeps = (sweep(engine, one, calm(engine, one, there)) for one, there in zip(chosen, found, strict=True))
    swept = merged(map(named, found) if args.dry_run else sweeps)
    removed = kinds(swept)
    document = {"removed": removed, "left": list(swept.left), "dry_run": args.dry_run}
    return answer(args, document, lines(removed, swept.left, dry=args.dry_run), exit_code=int(bool(swept.left)))


def _owned(engine: Engine, word: str, args: argparse.Namespace) -> Mapping[str, str] | None:
    """What all of a project carries, its owner's mark too; None where nothing is there.

    A name alone would stand for whoever comes to bear it while we look, so what comes late is looked at first.
    """
    from orchestrator.cli import _project

    labels = _project.resolve(engine, word, args.project).labels
    if OWNER not in labels and not args.dry_run:
        time.sleep(calm(engine, labels))
        labels = _project.resolve(engine, word, args.project).labels
    return labels if OWNER in labels else None


def calm(engine: Engine, labels: Mapping[str, str], found: Iterable[Found] = ()) -> float:
    """The same as `quiet`; where a run is known to have died, its last request is waited for first."""
    from orchestrator import runs
    from orchestrator.running.sweep import settle

    if any(map(runs.died, _meant(labels, found))):
        settle(engine, labels)
    return quiet(labels, found)


def quiet(labels: Mapping[str, str], found: Iterable[Found] = ()) -> float:
    """How long nothing new must come, in seconds: longer unless every run of what is meant is known to have ended."""
    from orchestrator import runs

    return QUIET_SECONDS if all(map(runs.over, _meant(labels, found))) else AFTER_A_DEATH_SECONDS


def _meant(labels: Mapping[str, str], found: Iterable[Found]) -> set[str]:
    """The projects, by name; an empty one for any."""
    own = {labels[PROJECT]} if PROJECT in labels else set()
    return own | {one.labels.get(PROJECT, "") for one in found} or {""}


def named(found: Sequence[Found]) -> Swept:
    """What would be removed, by name."""
    from orchestrator.engines import Swept

    return Swept(*(tuple(one.name for one in found if one.kind == kind) for kind in ("container", "network", "volume")))


def kinds(swept: Swept) -> dict[str, list[str]]:
    """What was removed, for the document."""
    return {kind: list(getattr(swept, kind)) for kind in ("containers", "networks", "volumes")}


def lines(removed: Mapping[str, list[str]], left: Iterable[str], *, dry: bool) -> list[str]:
    """The same for people, and what could not be removed."""
    from orchestrator.sanitise import one_line

    verb = "would remove" if dry else "removed"
    told = [f"{verb} {kind[:-1]} {one_line(name)}" for kind, names in removed.items() for name in names]
    told += [f"could not remove {one_line(reason)}" for reason in left]
    return told or ["nothing to remove"]
