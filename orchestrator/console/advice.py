"""What to do next, as commands to copy."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from orchestrator.console.picture import Picture
from orchestrator.model import App, HttpCheck, Manifest

MOST = 4
"""Addresses to show; more would bury the rest."""


def commands(drawn: Picture, manifest: Manifest, paths: Sequence[str]) -> list[str]:
    """Ask the services, look at the rest, try again where nothing was proved, clean up."""
    verdicts = {entry.reached.verdict.name for entry in drawn.entries.values() if entry.reached}
    up = shlex.join(["isolate", "up", *paths])
    failed = [name for name, side in drawn.sides.items() if side.state == "failed"]
    found = [*_asked(drawn, manifest)][:MOST]
    found += ["isolate doctor", f"{up} --repeat 5"] if "inconclusive" in verdicts else []
    found += [f"{up}"] if not verdicts and not failed and manifest.shared else []
    return [*found, shlex.join(["isolate", "logs", drawn.project, *failed[:1]]), f"isolate down {drawn.project}"]


def _asked(drawn: Picture, manifest: Manifest) -> Iterator[str]:
    for name, side in drawn.sides.items():
        if side.url and side.state == "healthy":
            yield _curl(side.url, manifest.apps[name])


def _curl(url: str, app: App) -> str:
    """The first check that is asked through the address shown."""
    checks = [check for check in app.checks if isinstance(check, HttpCheck) and check.port in (None, app.ports[0])]
    if not checks:
        return f"curl {url}"
    method = [] if checks[0].method == "GET" else ["-X", checks[0].method]
    return shlex.join(["curl", *method, url + checks[0].path])
