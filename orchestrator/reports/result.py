"""Events -> the result document, schema `isolate/result/v1` (SPEC section 7)."""

from __future__ import annotations

from collections.abc import Iterable

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
from orchestrator.model import Cell, Demand, Escape, Explanation, Policy
from orchestrator.reports.document import (
    SCHEMA,
    AppSeen,
    ErrorDocument,
    EscapeSeen,
    ExplainedSeen,
    Failure,
    Line,
    RunDocument,
    SharedSeen,
)
from orchestrator.reports.found import of_bisected, of_cell, of_checks, of_grid, of_packed


def result(events: Iterable[Event]) -> RunDocument:
    """The document of one run; where it ended before its verdicts, with the error."""
    document = _blank()
    cells: dict[str | None, list[Cell]] = {}
    policies: dict[str, Policy] = {}
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
                _add(document, event)
            case Failed():
                document["error"] = {"message": event.message, "where": event.where, "hint": event.hint}
                document["exit_code"] = event.exit_code
            case RunEnded():
                document["verdict"], document["exit_code"] = event.verdict, event.exit_code
                document["seconds"], document["folder"] = event.seconds, event.folder
            case _:
                pass
    alone = {cell.app: of_cell(cell) for cell in cells.get(None, [])}
    document["apps"] = {
        name: {**app, "cell": alone[name]} if name in alone else app for name, app in document["apps"].items()
    }
    document["shared"] += [_unjudged(name, policy, cells[name]) for name, policy in policies.items() if cells.get(name)]
    return document


def _blank() -> RunDocument:
    """A run of which nothing is known yet."""
    return {
        "schema": SCHEMA,
        "project": None,
        "tool": {"version": __version__},
        "engine": None,
        "apps": {},
        "shared": [],
        "verdict": None,
        "exit_code": None,
    }


def _add(document: RunDocument, event: GridDrawn | EnvironmentsPacked | VersionBisected) -> None:
    """What a search has found is a key of its own."""
    match event:
        case GridDrawn():
            document["matrix"] = of_grid(event.grid)
        case EnvironmentsPacked():
            document["pack"] = of_packed(event.packed)
        case VersionBisected():
            document["bisect"] = of_bisected(event.bisected)


def error(failure: IsolateError) -> ErrorDocument:
    """The document of a command that failed before anything was observed."""
    also = [_error(other) for other in failure.others]
    return {"schema": SCHEMA, "error": {**_error(failure), "also": also}, "exit_code": failure.exit_code}


def _error(failure: IsolateError) -> Failure:
    return {"message": failure.message, "where": failure.where, "hint": failure.hint}


def _app(event: AppObserved) -> AppSeen:
    return {
        "runtime": {"declared": event.runtime, "observed": event.observed},
        "image": event.image,
        "state": event.state,
        "url": event.url,
        "checks": of_checks(event.checks),
    }


def _shared(event: VerdictReached, cells: Iterable[Cell]) -> SharedSeen:
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


def _escape(escape: Escape) -> EscapeSeen:
    cells = [of_cell(cell) for cell in escape.cells]
    return {"name": escape.name, "outcome": escape.outcome, "detail": escape.detail, "cells": cells}


def _explanation(why: Explanation) -> ExplainedSeen:
    return {
        "lines": [_demand(one) for one in why.demands],
        "because": list(why.because),
        "certificate": [
            {"without": _demand(one.without) if one.without else None, "outcome": one.outcome, "detail": one.detail}
            for one in why.certificate
        ],
        "assumed": list(why.assumed),
    }


def _demand(one: Demand) -> Line:
    return {"app": one.app, "text": one.text, "where": str(one.mark)}


def _unjudged(name: str, policy: Policy, cells: Iterable[Cell]) -> SharedSeen:
    """An entry whose run stopped short of a verdict: what was seen, all the same."""
    return {
        "name": name,
        "policy": policy,
        "verdict": None,
        "kind": None,
        "because": [],
        "app": None,
        "cells": [of_cell(cell) for cell in cells],
        "escapes": [],
        "works_at": [],
        "moved": {},
        "as_expected": None,
    }
