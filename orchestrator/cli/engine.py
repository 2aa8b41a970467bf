"""`isolate engine`: the engine in use, and isolate's own where no other answers."""

from __future__ import annotations

import argparse
import sys
from typing import Any

SUMMARY = "start, stop and show the engine; isolate's own where no other answers"
EXAMPLE = "isolate engine start"


def arguments(parser: argparse.ArgumentParser) -> None:
    """One action, each with its own options."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("install", help="unpack the engine's programs beside what is installed (Debian, root)")
    start = actions.add_parser("start", help="start isolate's own engine, unless one answers already")
    start.add_argument("--install", action="store_true", help="install first what is missing for that")
    start.add_argument(
        "--build-memory", metavar="SIZE", help="what all its builds together may take (8G, or half of the machine's)"
    )
    stop = actions.add_parser("stop", help="stop isolate's own engine and its containers")
    stop.add_argument("--purge", action="store_true", help="also delete its images, containers and volumes")
    actions.add_parser("status", help="which engine is in use, and how isolate's own is doing")
    env = actions.add_parser("env", help="print DOCKER_HOST=... of the engine in use")
    env.add_argument("--shell", action="store_true", help='lines for eval "$(isolate engine env --shell)"')
    for name in ("install", "start", "stop"):
        actions.choices[name].add_argument("--dry-run", action="store_true", help="say what it would do; do nothing")
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON document")


def run(args: argparse.Namespace) -> int:
    """Prints one JSON document with --json, else lines for people (`env`: for shells). Raises Unavailable."""
    from orchestrator.cli._answer import answer

    actions = {"install": _install, "start": _start, "stop": _stop, "status": _status, "env": _env}
    document, lines = actions[args.action](args)
    return answer(args, {"engine": document}, lines)


Said = tuple[dict[str, Any], list[str]]


def _install(args: argparse.Namespace) -> Said:
    from orchestrator.engines import private

    if args.dry_run:
        lacking = private.lacking()
        return {"lacking": lacking, "dry_run": True}, [f"would fetch {', '.join(lacking) or 'nothing'}"]
    packages = dict(private.install())
    return {"packages": packages}, [f"{name} {version}" for name, version in packages.items()]


def _start(args: argparse.Namespace) -> Said:
    from orchestrator.engines import private
    from orchestrator.engines.locate import locate

    if args.dry_run:
        used = locate()
        words = f"nothing: {used.url} ({used.found_by}) answers" if used else "isolate's own engine"
        return {"url": used.url if used else None, "dry_run": True}, [f"would start {words}"]
    if args.install and (lacking := private.lacking()):
        print(f"fetching {', '.join(lacking)} with apt ...", file=sys.stderr)
        private.install()
    found = private.start(_bytes(args.build_memory))
    return {"url": found.url, "found_by": found.found_by}, [f"{found.url} ({found.found_by})"]


def _bytes(size: str | None) -> int:
    from orchestrator.errors import UsageError
    from orchestrator.manifest.meanings import LEAST_MEMORY, size_in_bytes

    if size is None:
        return 0
    try:
        found = int(size_in_bytes(size))
    except (ValueError, OverflowError):
        found = 0
    if found < LEAST_MEMORY:
        raise UsageError(
            f"--build-memory {size} is not a size of memory", hint="isolate engine start --build-memory 8G"
        )
    return found


def _stop(args: argparse.Namespace) -> Said:
    from orchestrator.engines import private

    runs, boxes = private.status().pid is not None, _running_boxes()
    with_them = f", and with it {', '.join(boxes)}" if boxes else ""
    if args.dry_run:
        words = f"would stop it{with_them}" if runs else "isolate's own engine is not running"
        return {"stopped": False, "boxes": boxes, "dry_run": True}, [words]
    stopped = private.stop(purge=args.purge)
    words = f"stopped{with_them}" if stopped else "isolate's own engine was not running"
    return {"stopped": stopped, "boxes": boxes}, [words]


def _running_boxes() -> list[str]:
    """Names of the boxes that run on isolate's own engine."""
    from orchestrator import places
    from orchestrator.engines.locate import Endpoint, answers

    own = Endpoint(f"unix://{places.engine_socket()}", "private engine")
    if not answers(own):
        return []
    from orchestrator.engines.docker import DockerEngine
    from orchestrator.labels import PROJECT

    return [box.name for box in DockerEngine(own.url).found({PROJECT: ""}) if box.status == "running"]


def _status(_: argparse.Namespace) -> Said:
    from orchestrator.engines import private
    from orchestrator.engines.locate import locate
    from orchestrator.errors import Unavailable

    own = private.status()
    try:
        used, why = locate(), "isolate engine start"
    except Unavailable as error:
        used, why = None, error.message
    state = f"pid {own.pid}, version {own.version}" if own.pid else "not running"
    document = {
        "in_use": {"url": used.url, "found_by": used.found_by} if used else None,
        "private": {"url": own.url, "pid": own.pid, "version": own.version, "root": str(own.root), "disk": own.disk},
    }
    return document, [
        f"in use         {used.url} ({used.found_by})" if used else f"in use         none; {why}",
        f"isolate's own  {state}",
        f"its data       {own.root} ({own.disk / 2**20:.0f} MiB)",
    ]


def _env(args: argparse.Namespace) -> Said:
    import shlex

    from orchestrator.engines import private
    from orchestrator.engines.locate import locate
    from orchestrator.errors import Unavailable

    if not (used := locate()):
        raise Unavailable("no engine answers", hint="isolate engine start")
    if not args.shell:
        return {"DOCKER_HOST": used.url}, [f"DOCKER_HOST={used.url}"]
    variables = private.client_environment(used.url)
    return variables, [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
