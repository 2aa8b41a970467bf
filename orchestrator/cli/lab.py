"""`isolate lab`: hands-on labs, for learners, for those who teach, and for those who write them."""

from __future__ import annotations

import argparse
from importlib import import_module

SUMMARY = "hands-on labs: break a shared environment, see why, isolate, prove it"
EXAMPLE = "isolate lab list\n  isolate lab start one-server\n  isolate lab check"
LEARNER = {
    "list": "the labs in the order of the course, and how far you are",
    "start": "begin a lab in a folder of its own, or go on where you left it",
    "text": "what this step asks for, once more",
    "check": "look whether the step is done",
    "hint": "one more hint; after the last one the idea of the solution",
    "solve": "lay the solution over your files; yours are set aside",
    "reset": "your files as they were when the step began; yours are set aside",
    "next": "go on with the next step, or with the next lab",
    "status": "where you are",
    "watch": "check again whenever a file changes; single keys for the rest",
    "serve": "the same as a page in your browser, on this machine alone",
}
TEACHER = {
    "prepare": "fetch and build, while there is a network, all that the labs need",
    "selftest": "every check fails before its step's solution and passes after it",
    "new": "write the skeleton of a lab",
    "schema": "print the JSON Schema of lab.yaml",
}
EXAMPLES = {"start": " one-server", "selftest": " one-server", "new": " my-lab", "schema": " > lab.schema.json"}
FROM_ANYWHERE = ("list", "start", "serve", "prepare", "selftest", "new")


def arguments(parser: argparse.ArgumentParser) -> None:
    """One action, each with its own options."""
    from orchestrator.cli import PROGRESS

    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, summary in {**LEARNER, **TEACHER}.items():
        action = actions.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=f"example:\n  isolate lab {name}{EXAMPLES.get(name, '')}\n",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON document")
        action.add_argument("--progress", choices=PROGRESS, default=argparse.SUPPRESS, help="how to tell what goes on")
        if name in FROM_ANYWHERE:
            action.add_argument("--labs", metavar="DIR", help="a folder of labs, instead of isolate's own")
    actions.choices["start"].add_argument("name", metavar="NAME")
    actions.choices["start"].add_argument(
        "--in", dest="parent", metavar="DIR", help="where its folder goes (~/isolate-labs)"
    )
    actions.choices["new"].add_argument("name", metavar="NAME")
    for name in ("prepare", "selftest"):
        actions.choices[name].add_argument("names", nargs="*", metavar="NAME", help="all where none is named")
    actions.choices["selftest"].add_argument("--step", metavar="NAME", help="only the step of that name")
    actions.choices["prepare"].add_argument("--dry-run", action="store_true", help="say what is needed; do nothing")
    serve = actions.choices["serve"]
    serve.add_argument(
        "--port", type=int, default=0, metavar="N", help="on 127.0.0.1; any free one where none is named"
    )
    serve.add_argument("--no-browser", action="store_true", help="print the address; open nothing")


def run(args: argparse.Namespace) -> int:
    """Exit codes: 0; 1 a check does not hold; 2 usage; 3 no such lab, or none was begun; 75 and 130 as everywhere."""
    side = "_learner" if args.action in LEARNER else "_teacher"
    module = {"watch": "_watching", "serve": "_serving"}.get(args.action, side)
    act = import_module(f"orchestrator.cli.{module}")
    return int(getattr(act, f"{args.action}_")(args))
