"""`isolate schema`: the manifest's JSON Schema."""

from __future__ import annotations

import argparse

SUMMARY = "print the JSON Schema of manifests"
EXAMPLE = "isolate schema > manifest.schema.json"


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(_: argparse.Namespace) -> int:
    """Prints one JSON document, with or without --json."""
    import json

    from orchestrator.manifest import schema

    print(json.dumps(schema(), indent=2, ensure_ascii=False))
    return 0
