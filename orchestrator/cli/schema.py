"""`isolate schema`: the JSON Schemas of what isolate reads and writes."""

from __future__ import annotations

import argparse
from typing import Any

SUMMARY = "print a JSON Schema: of manifests, of the result that --json prints, or of events"
EXAMPLE = "isolate schema > manifest.schema.json\n  isolate schema events"
SCHEMAS = ("manifest", "result", "events")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Of what; of manifests where nothing is said."""
    parser.add_argument("of", nargs="?", choices=SCHEMAS, default="manifest", help="default: manifest")


def run(args: argparse.Namespace) -> int:
    """Prints one JSON document, with or without --json."""
    import json

    print(json.dumps(_schema(args.of), indent=2, ensure_ascii=False))
    return 0


def _schema(of: str) -> dict[str, Any]:
    if of == "manifest":
        from orchestrator.manifest import schema

        return schema()
    from orchestrator.reports import schemas

    return schemas.result() if of == "result" else schemas.events()
