"""`isolate matrix`: every app on every version."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import Any

SUMMARY = "observe every app on every version, and compare that with what the apps claim"
EXAMPLE = "isolate matrix apps/python/manifest.yaml --versions 3.8..3.13"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which apps, which versions, and the form of the answer."""
    from orchestrator.cli import _search

    _search.what(parser)
    parser.add_argument("--markdown", action="store_true", help="print the grid as a table in Markdown")
    _search.arguments(parser)


def run(args: argparse.Namespace) -> int:
    """0 where every cell is settled, whether it passes or fails; 1 an app is broken; 75 a cell proves nothing.

    What was started for it is removed.
    """
    from orchestrator.cli import _search
    from orchestrator.searches import matrix, versions

    chosen = _search.manifest(args)
    runtimes = versions.asked(args.versions, chosen.apps)
    return _search.run(args, chosen, partial(_conduct, matrix, runtimes), _markdown if args.markdown else _drawn)


def _conduct(matrix: Any, runtimes: Sequence[Any], conductor: Any, drawn: Any, options: Any) -> int:
    return int(matrix.conduct(conductor, drawn, options, runtimes))


def _drawn(events: Sequence[Any]) -> Any:
    from orchestrator.console.matrix import matrix

    return matrix(events)


def _markdown(events: Sequence[Any]) -> str:
    from orchestrator.events import GridDrawn
    from orchestrator.reports.markdown import grid

    return "".join(grid(event.grid) for event in events if isinstance(event, GridDrawn))
