"""`isolate up`: the whole experiment."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.experiment import Options
    from orchestrator.model import Manifest

SUMMARY = "run every app on its own runtime, then put them into one environment and see what happens"
EXAMPLE = "isolate up apps/dotnet/manifest.yaml"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Selection, how far to go, and how hard to look."""
    selection(parser)
    parser.add_argument(
        "--arm",
        choices=("isolated", "control", "shared"),
        default="shared",
        help="stop after this arm: isolated (each app on its own runtime), control (each alone in the shared recipe)",
    )
    parser.add_argument("--dry-run", action="store_true", help="print the plan; touch nothing")


def selection(parser: argparse.ArgumentParser) -> None:
    """What is run, and how; `explain` has the same."""
    parser.add_argument("manifests", nargs="+", metavar="MANIFEST")
    parser.add_argument("-p", "--project", metavar="NAME", help="the project's name, instead of the manifest's")
    parser.add_argument("--shared", action="append", default=[], metavar="NAME", help="only this shared entry")
    parser.add_argument("--app", action="append", default=[], metavar="NAME", help="only this app, and what it needs")
    parser.add_argument("--together", action="store_true", help="one more shared entry over the apps of all manifests")
    how(parser)


def how(parser: argparse.ArgumentParser) -> None:
    """How hard it is looked at, and where bases come from."""
    parser.add_argument("--keep-going", action="store_true", help="also when an app is broken on its own runtime")
    parser.add_argument(
        "--remembered", action="store_true", help="do not observe again what an earlier run has; say so, and from when"
    )
    parser.add_argument("--repeat", type=_count, metavar="N", help="runs of a failing environment in all (2; 3 in CI)")
    parser.add_argument(
        "--limit", action="append", default=[], metavar="K=V", help="raise a cap: memory=2G, cpus=2, pids=512"
    )
    parser.add_argument(
        "--base", choices=("auto", "local", "registry", "recipe"), default="auto", help="where base images come from"
    )
    parser.add_argument(
        "--build-network",
        choices=("default", "none", "host"),
        default="default",
        help="the network of builds that need one, in Docker's words; all others have none",
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of runs, 1 or more")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Exit codes of SPEC section 5."""
    from orchestrator import console, running
    from orchestrator.cli._answer import print_json
    from orchestrator.running.signals import undisturbed

    chosen = manifest(args)
    if args.arm == "isolated":
        chosen = replace(chosen, shared=())
    if args.dry_run:
        return dry(args, chosen)
    with undisturbed(running.ADVICE.format(chosen.name)):
        with console.progress(args.progress) as show:
            code, events = running.carry_out(chosen, options(args, args.arm), show)
        if args.json:
            print_json(running.document_of(events))
        else:
            console.summary(events, chosen, args.manifests)
        return code


def manifest(args: argparse.Namespace) -> Manifest:
    """What `selection` chose."""
    from orchestrator import running

    return running.manifest(
        args.manifests,
        project=args.project,
        together=args.together,
        apps=args.app,
        shared=args.shared,
        limits=args.limit,
    )


def options(args: argparse.Namespace, arm: str = "shared") -> Options:
    """What the command line chose."""
    from orchestrator import running

    return running.options(
        arm,
        args.repeat,
        args.base,
        keep_going=args.keep_going,
        remembered=args.remembered,
        build_network=args.build_network,
    )


def dry(args: argparse.Namespace, chosen: Manifest) -> int:
    """Prints the plan that would be carried out; touches no engine."""
    from orchestrator import running
    from orchestrator.cli._answer import answer

    drawn = running.draft(chosen)
    return answer(args, {"plan": str(drawn).splitlines(), "dry_run": True}, str(drawn).splitlines())
