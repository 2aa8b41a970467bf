"""`isolate explain`: an irreducible set of lines that conflicts, with its certificate."""

from __future__ import annotations

import argparse

SUMMARY = "name the lines that conflict, none of which can be dropped, and show it by observation"
EXAMPLE = "isolate explain apps/pydantic/manifest.yaml"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to explain, and how."""
    from orchestrator.cli.up import selection

    selection(parser)


def run(args: argparse.Namespace) -> int:
    """0 where every conflict is explained and where there is none; 1 an app is broken; 75 nothing was proved.

    What was started for it is removed; what `up` has left stays as it is.
    """
    from orchestrator import console, explain, running
    from orchestrator.cli._answer import print_json
    from orchestrator.cli.up import manifest, options
    from orchestrator.errors import NothingSelected

    chosen = manifest(args)
    if not chosen.shared:
        raise NothingSelected("there is no shared entry to explain", hint="add one under `shared:`, or leave it out")
    with console.progress(args.progress) as show:
        code, events = running.borrow(chosen, "explain", options(args), show, explain.conduct)
    if args.json:
        print_json(running.document_of(events))
    else:
        console.explanation(events)
    return code
