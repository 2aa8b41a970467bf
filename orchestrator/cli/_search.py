"""What `matrix`, `pack` and `bisect` share: their options, and a run that leaves nothing up."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestrator.model import Manifest

Draw = Callable[[Sequence[Any]], Any]
"""Events -> text as it is, or something for rich to draw."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How hard to look, and where bases come from."""
    from orchestrator.cli.up import how

    parser.add_argument("-p", "--project", metavar="NAME", help="the project's name, instead of the manifest's")
    how(parser)
    parser.set_defaults(shared=[], together=False)


def what(parser: argparse.ArgumentParser) -> None:
    """Which apps, and which versions."""
    parser.add_argument("manifests", nargs="+", metavar="MANIFEST")
    parser.add_argument("--app", action="append", default=[], metavar="NAME", help="only this app, and what it needs")
    parser.add_argument(
        "--versions",
        action="append",
        default=[],
        metavar="RANGE",
        help="3.8..3.13, 3.8,3.12 or python@3.8..3.13; the declared versions where nothing is said",
    )


def manifest(args: argparse.Namespace) -> Manifest:
    """The apps alone: a search looks at environments that no shared entry names."""
    from orchestrator.cli import up

    return replace(up.manifest(args), shared=())


def run(args: argparse.Namespace, chosen: Manifest, act: Callable[..., int], draw: Draw) -> int:
    """Search, put away what was started, print; `act` is given conductor, plan and options."""
    import sys

    from orchestrator import console, running
    from orchestrator.cli._answer import print_json
    from orchestrator.cli.up import options
    from orchestrator.console.terminal import screen, show
    from orchestrator.events import Failed

    with console.progress(args.progress) as tell:
        code, events = running.borrow(
            chosen,
            args.verb,
            options(args, "isolated"),
            tell,
            lambda conductor, drawn, chosen, _: act(conductor, drawn, chosen),
        )
    if args.json:
        print_json(running.document_of(events))
        return code
    drawn = draw(events)
    if isinstance(drawn, str):
        print(drawn, end="")
    else:
        show(screen(sys.stdout), drawn)
    for failed in (event for event in events if isinstance(event, Failed)):
        print(f"error: {failed.message}\nhint: the same with --remembered goes on from there", file=sys.stderr)
    return code
