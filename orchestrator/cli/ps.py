"""`isolate ps`: the boxes there are."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from orchestrator.labels import PREFIX, PROJECT

if TYPE_CHECKING:
    from orchestrator.engines import Found

SUMMARY = "show the boxes: app, arm, runtime, state, URL"
EXAMPLE = "isolate ps\n  isolate ps apps/dotnet/manifest.yaml"
HEADINGS = ("PROJECT", "APP", "ARM", "RUNTIME", "STATUS", "URL")


def arguments(parser: argparse.ArgumentParser) -> None:
    """One project, or all."""
    from orchestrator.cli import _names

    parser.add_argument("project_or_manifest", nargs="?", metavar=_names.WORD, help="a manifest, or a project's name")
    _names.option(parser)


def run(args: argparse.Namespace) -> int:
    """Exit code 0, also where there is none."""
    from orchestrator.cli import _project
    from orchestrator.cli._answer import answer, table
    from orchestrator.running import open_engine

    engine, word = open_engine(), args.project_or_manifest
    named = {PROJECT: args.project or ""}
    labels = _project.resolve(engine, word, args.project).labels if word else named
    rows = [_row(box) for box in sorted(engine.found(labels), key=lambda box: box.name)]
    shown = [(r["project"], r["app"], r["arm"], r["runtime"], r["status"], r["url"] or "") for r in rows]
    return answer(args, {"boxes": rows}, table([HEADINGS, *shown]))


def _row(box: Found) -> dict[str, Any]:
    labels = {name: box.labels.get(f"{PREFIX}{name}", "") for name in ("project", "app", "arm", "runtime")}
    return {"name": box.name, **labels, "state": box.status, "status": box.detail, "url": next(iter(box.urls), None)}
