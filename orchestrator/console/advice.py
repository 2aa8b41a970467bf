"""What to do next, as commands to copy."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from orchestrator.model import App, Cell, HttpCheck, Manifest
from orchestrator.picture import Picture

MOST = 4
"""Addresses to show; more would bury the rest."""


def commands(drawn: Picture, manifest: Manifest, paths: Sequence[str]) -> list[str]:
    """Ask the services, go on where the run stopped short, look at the logs, clean up."""
    failed = [cell.app for side in drawn.sides.values() if (cell := side.cell) and _ran_and_failed(cell)]
    return [
        *[*_asked(drawn, manifest)][:MOST],
        *_again(drawn, shlex.join(["isolate", "up", *_named(drawn, manifest), *paths])),
        shlex.join(["isolate", "logs", drawn.project, *failed[:1]]),
        shlex.join(["isolate", "down", drawn.project]),
    ]


def _ran_and_failed(cell: Cell) -> bool:
    return cell.outcome == "fail" and cell.phase != "build"


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


def _named(drawn: Picture, manifest: Manifest) -> list[str]:
    """`-p NAME` where the user gave the project another name than its first manifest does."""
    own = next((app.project for app in manifest.apps.values()), "")
    return ["-p", drawn.project] if own not in ("", drawn.project) else []


def _again(drawn: Picture, up: str) -> Iterator[str]:
    """The whole experiment where only a part of it was asked for; another try where nothing was proved."""
    sides = [side.cell.outcome for side in drawn.sides.values() if side.cell]
    outcomes = {*sides, *(cell.outcome for entry in drawn.entries.values() for cell in entry.cells)}
    whole = all(entry.reached for entry in drawn.entries.values())
    if "infrastructure" in outcomes:
        yield "isolate doctor"
    if "flaky" in outcomes:
        yield f"{up} --repeat 5"
    elif "infrastructure" in outcomes or (not whole and "fail" not in sides):
        yield up
