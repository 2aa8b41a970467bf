"""`isolate validate`: are these manifests right?"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestrator.model import Manifest

SUMMARY = "check manifests; touches no engine"
EXAMPLE = "isolate validate manifest.yaml"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Manifests, merged as `up` merges them."""
    parser.add_argument("manifests", nargs="+", type=Path, metavar="MANIFEST")
    parser.add_argument("-p", "--project", help="name the project differently")
    parser.add_argument("--together", action="store_true", help="add a shared entry over all apps")


def run(args: argparse.Namespace) -> int:
    """Prints what was understood; raises ManifestError, also for what `up` could not try, or not send."""
    from orchestrator.cli._answer import answer
    from orchestrator.contexts import survey
    from orchestrator.files import load
    from orchestrator.plan import needed

    manifest = load(args.manifests, project=args.project, together=args.together)
    needed(manifest)
    for app in manifest.apps.values():
        survey(app)
    return answer(args, document(manifest), lines(manifest))


def lines(manifest: Manifest) -> list[str]:
    """A summary, and every app with its runtime and where that is declared."""
    wide = max(len(name) for name in manifest.apps)
    apps = [f"  {a.name:<{wide}}  {a.runtime}  ({a.runtime.source})" for a in manifest.apps.values()]
    return [f"ok: {_count(manifest.apps, 'app')}, {_count(manifest.shared, 'shared entry', 'shared entries')}", *apps]


def document(manifest: Manifest) -> dict[str, Any]:
    """The same for programs."""
    return {
        "valid": True,
        "project": manifest.name,
        "apps": {
            name: {"runtime": {"declared": str(app.runtime), "source": str(app.runtime.source)}}
            for name, app in manifest.apps.items()
        },
        "shared": [{"name": one.name, "policy": one.policy, "apps": list(one.apps)} for one in manifest.shared],
    }


def _count(things: Any, one: str, many: str = "") -> str:
    return f"{len(things)} {one if len(things) == 1 else many or one + 's'}"
