"""`isolate pack`: the fewest shared environments that serve all apps."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from orchestrator.errors import NothingSelected, UsageError

if TYPE_CHECKING:
    from orchestrator.model import Manifest

SUMMARY = "find the fewest shared environments that serve all apps, each of them built and run"
EXAMPLE = "isolate pack apps/two-pins/manifest.yaml"
MOST = 20
"""Apps that are packed exactly."""
CHECKS = 12


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which apps, which versions, what if, and how far the proof is checked."""
    from orchestrator.cli import _search

    _search.what(parser)
    parser.add_argument(
        "--what-if",
        action="append",
        default=[],
        metavar="APP=RUNTIME",
        help="as if the app declared that: legacy=python@3.12; what is known is not observed again",
    )
    parser.add_argument(
        "--checks",
        type=int,
        default=CHECKS,
        metavar="N",
        help=f"boxes more ({CHECKS}) that try whether adding an app repairs a set that fails",
    )
    _search.arguments(parser)


def run(args: argparse.Namespace) -> int:
    """0 where all are served; 1 an app is broken, or passes in none of the environments; 75 a box proves nothing.

    What was started for it is removed.
    """
    from orchestrator.cli import _search
    from orchestrator.searches import pack, versions

    chosen = _supposed(_search.manifest(args), args.what_if)
    if not chosen.apps:
        raise NothingSelected("there is nothing to pack")
    if len(chosen.apps) > MOST:
        raise UsageError(
            f"{len(chosen.apps)} apps are more than {MOST}, and no answer would be exact", hint="--app NAME"
        )
    args.remembered = args.remembered or bool(args.what_if)
    runtimes = versions.asked(args.versions, chosen.apps)
    return _search.run(args, chosen, partial(_conduct, pack, runtimes, max(args.checks, 0)), _drawn)


def _supposed(of: Manifest, words: Sequence[str]) -> Manifest:
    """The manifest as if some apps declared another runtime; raises UsageError for one that is not known."""
    from orchestrator import catalogue
    from orchestrator.plan.environment import runtime_of

    apps = dict(of.apps)
    for word in words:
        name, _, runtime = word.partition("=")
        family, _, version = runtime.partition("@")
        if name not in apps:
            raise UsageError(f"--what-if {word}: there is no app {name!r}", hint=f"there is: {', '.join(apps)}")
        if family != apps[name].runtime.family or version not in catalogue.entries(family):
            known = ", ".join(
                f"{apps[name].runtime.family}@{one}" for one in catalogue.entries(apps[name].runtime.family)
            )
            raise UsageError(f"--what-if {word}: {name} cannot run on {runtime!r}", hint=f"known: {known}")
        apps[name] = replace(apps[name], runtime=runtime_of(runtime))
    return replace(of, apps=apps)


def _conduct(pack: Any, runtimes: Sequence[Any], checks: int, conductor: Any, drawn: Any, options: Any) -> int:
    return int(pack.conduct(conductor, drawn, options, runtimes, checks))


def _drawn(events: Sequence[Any]) -> Any:
    from orchestrator.console.found import packing

    return packing(events)
