"""Events -> the result document, schema `isolate/result/v1` (SPEC section 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from orchestrator import __version__
from orchestrator.errors import IsolateError
from orchestrator.events import (
    AppObserved,
    CellObserved,
    EngineReady,
    EnvironmentsPacked,
    EscapeTried,
    Event,
    Explained,
    Failed,
    GridDrawn,
    RunEnded,
    RunStarted,
    VerdictReached,
    VersionBisected,
)
from orchestrator.model import Cell, Demand, Escape, Explanation
from orchestrator.reports.found import found, of_cell

SCHEMA = "isolate/result/v1"


def result(events: Iterable[Event]) -> dict[str, Any]:
    """The document of one run; where it ended before the experiment, the error alone."""
    document: dict[str, Any] = {"schema": SCHEMA, "project": None, "tool": {"version": __version__}, "engine": None}
    document |= {"apps": {}, "shared": [], "verdict": None, "exit_code": None}
    cells: dict[str | None, list[Cell]] = {}
    policies: dict[str, str] = {}
    for event in events:
        match event:
            case RunStarted():
                document["project"], document["run"] = event.project, event.run
                policies = {entry.name: entry.policy for entry in event.shared}
            case EngineReady():
                document["engine"] = {"kind": event.kind, "version": event.version}
            case AppObserved():
                document["apps"][event.app] = _app(event)
            case CellObserved():
                cells.setdefault(event.entry, []).append(event.cell)
            case VerdictReached():
                document["shared"].append(_shared(event, cells.get(event.entry, [])))
                policies.pop(event.entry, None)
            case EscapeTried():
                entry = next(one for one in document["shared"] if one["name"] == event.entry)
                entry["escapes"].append(_escape(event.escape))
            case Explained():
                entry = next(one for one in document["shared"] if one["name"] == event.entry)
                entry["explanation"] = _explanation(event.explanation)
            case GridDrawn() | EnvironmentsPacked() | VersionBisected():
                document |= found(event)
            case Failed():
                document["error"] = {"message": event.message, "where": event.where, "hint": event.hint}
                document["exit_code"] = event.exit_code
            case RunEnded():
                document["verdict"], document["exit_code"] = event.verdict, event.exit_code
                document["seconds"], document["folder"] = event.seconds, event.folder
            case _:
                pass
    document["shared"] += [_unjudged(name, policy, cells[name]) for name, policy in policies.items() if cells.get(name)]
    return document


def error(failure: IsolateError) -> dict[str, Any]:
    """The document of a command that failed before anything was observed."""
    told = {**_error(failure), "also": [_error(other) for other in failure.others]}
    return {"schema": SCHEMA, "error": told, "exit_code": failure.exit_code}


def _error(failure: IsolateError) -> dict[str, str]:
    return {"message": failure.message, "where": failure.where, "hint": failure.hint}


def _app(event: AppObserved) -> dict[str, Any]:
    return {
        "runtime": {"declared": event.runtime, "observed": event.observed},
        "image": event.image,
        "state": event.state,
        "url": event.url,
        "checks": [asdict(check) for check in event.checks],
    }


def _shared(event: VerdictReached, cells: Iterable[Cell]) -> dict[str, Any]:
    verdict = event.verdict
    return {
        "name": event.entry,
        "policy": event.policy,
        "verdict": verdict.name,
        "kind": verdict.kind,
        "because": list(verdict.because),
        "app": verdict.app,
        "cells": [of_cell(cell) for cell in cells],
        "escapes": [],
        "works_at": list(verdict.works_at),
        "moved": dict(verdict.moved),
        "as_expected": event.as_expected,
    }


def _escape(escape: Escape) -> dict[str, Any]:
    cells = [of_cell(cell) for cell in escape.cells]
    return {"name": escape.name, "outcome": escape.outcome, "detail": escape.detail, "cells": cells}


def _explanation(why: Explanation) -> dict[str, Any]:
    return {
        "lines": [_demand(one) for one in why.demands],
        "because": list(why.because),
        "certificate": [
            {"without": _demand(one.without) if one.without else None, "outcome": one.outcome, "detail": one.detail}
            for one in why.certificate
        ],
        "assumed": list(why.assumed),
    }


def _demand(one: Demand) -> dict[str, str]:
    return {"app": one.app, "text": one.text, "where": str(one.mark)}


def _unjudged(name: str, policy: str, cells: Iterable[Cell]) -> dict[str, Any]:
    """An entry whose run stopped short of a verdict: what was seen, all the same."""
    blank = dict.fromkeys(("verdict", "kind", "app", "as_expected"))
    lists: dict[str, Any] = {"because": [], "escapes": [], "works_at": [], "moved": {}}
    return {"name": name, "policy": policy, **blank, **lists, "cells": [of_cell(cell) for cell in cells]}
