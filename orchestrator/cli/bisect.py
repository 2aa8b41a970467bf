"""`isolate bisect`: the first version that breaks an app."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.errors import NothingSelected, UsageError

if TYPE_CHECKING:
    from orchestrator.model import Manifest

SUMMARY = "find the first version that breaks an app, in few boxes"
EXAMPLE = "isolate bisect apps/python/manifest.yaml legacy --runtime python 3.8..3.13"
HERE = "manifest.yaml"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which app, between which versions."""
    from orchestrator.cli import _search

    parser.add_argument(
        "words", nargs="+", metavar="[MANIFEST] APP", help=f"the app; its manifest is ./{HERE} if unsaid"
    )
    parser.add_argument(
        "--runtime",
        nargs=2,
        metavar=("FAMILY", "RANGE"),
        help="python 3.8..3.13; the whole catalogue of the app's family where nothing is said",
    )
    _search.arguments(parser)


def run(args: argparse.Namespace) -> int:
    """0 where the answer is known, whatever it is; 1 the app is broken on its own runtime; 75 a box proves nothing."""
    from orchestrator.cli import _search
    from orchestrator.plan.environment import runtime_of
    from orchestrator.searches import bisect, versions

    args.manifests, args.app = _words(args.words)
    chosen = _search.manifest(args)
    app = _app(chosen, args.app)
    family, span = args.runtime or (app.runtime.family, "..")
    if family != app.runtime.family:
        own = app.runtime.family
        raise UsageError(f"{app.name} runs on {own}, not on {family}", hint=f"--runtime {own} ..")
    names = versions.between(family, span, [str(app.runtime)])
    runtimes = [app.runtime if name == str(app.runtime) else runtime_of(name) for name in names]
    return _search.run(args, chosen, partial(_conduct, bisect, app.name, runtimes), _drawn)


def _words(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The manifest and the app; a manifest alone means its only app."""
    if len(words) > 2:
        raise UsageError(f"{words[2]!r} is one word too many", hint=EXAMPLE)
    if len(words) == 1 and not Path(words[0]).is_file():
        return [HERE], [words[0]]
    return [words[0]], list(words[1:])


def _app(chosen: Manifest, named: Sequence[str]) -> Any:
    if not named and len(chosen.apps) != 1:
        raise NothingSelected("which app?", hint=f"there is: {', '.join(chosen.apps)}")
    return chosen.apps[named[0] if named else next(iter(chosen.apps))]


def _conduct(bisect: Any, app: str, runtimes: Sequence[Any], conductor: Any, drawn: Any, options: Any) -> int:
    return int(bisect.conduct(conductor, drawn, options, app, runtimes))


def _drawn(events: Sequence[Any]) -> Any:
    from orchestrator.console.found import bisection

    return bisection(events)
