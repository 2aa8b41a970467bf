"""How every verb answers: one JSON document with --json, else lines for people."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def answer(args: argparse.Namespace, document: Mapping[str, Any], lines: Iterable[str], exit_code: int = 0) -> int:
    """Prints to stdout and returns exit_code; the document gets the schema and the code around it."""
    if args.json:
        from orchestrator.reports.document import SCHEMA

        print_json({"schema": SCHEMA, **document, "exit_code": exit_code})
    else:
        print("".join(f"{line}\n" for line in lines), end="", flush=True)
    return exit_code


def print_json(document: Mapping[str, Any]) -> None:
    """One document to stdout."""
    import json

    from orchestrator.sanitise import in_json

    print(in_json(json.dumps(document, indent=2)))


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows of one width each, the first being their headings; what apps and users wrote is made harmless."""
    from orchestrator.sanitise import one_line

    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
