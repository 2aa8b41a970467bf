"""The sentences of a verdict: each tells something that was observed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orchestrator.judge.case import Case
from orchestrator.judge.words import HOW, proof, verb
from orchestrator.model import Cell, Lane
from orchestrator.wording import listed


def of_environment(case: Case, environment: str) -> Iterator[str]:
    """A sentence for each app that fails there; a joint install that is refused is one, unless an app is to blame."""
    cells = case.failing(environment)
    refused = [cell for cell in cells if cell.phase == "build"]
    alone = [cell for cell in case.alone(environment) if cell.outcome == "fail"]
    to_blame = {cell.app for cell in alone if cell.phase == "build"}
    if refused and not to_blame:
        yield from (_sentence(case, cell) for cell in alone)
        names = listed([cell.app for cell in refused])
        yield f"{names} cannot be installed together at {environment}{on_base(case)}{proof(refused[0])}"
    for cell in cells:
        if cell.phase != "build" or cell.app in to_blame:
            yield _sentence(case, cell)


def _sentence(case: Case, cell: Cell) -> str:
    runtime = case.apps[cell.app].runtime
    if not case.moves(cell.app, cell.environment):
        beside = f" beside {', '.join(cell.beside)}" if cell.beside else ""
        on = f", on {cell.base}" if cell.base else ""
        return f"{cell.app} {verb(cell)} on its own {runtime}{beside}{on}{proof(cell)}"
    if any(known.app == cell.app and known.outcome == "pass" for known in case.alone(cell.environment)):
        beside = ", ".join(cell.beside) + (f" on {cell.base}" if cell.base else "")
        return f"{cell.app} passes alone at {cell.environment}, and beside {beside} it {verb(cell)}{proof(cell)}"
    where = f" ({runtime.source.short})" if runtime.source else ""
    holds = cell.observed or cell.environment
    needs = f"{cell.app} needs {runtime.family} {runtime.version}{where} and the box holds {holds}"
    return f"{needs}: {cell.app} {verb(cell)}{proof(cell)}"


def of_probe(case: Case, cell: Cell) -> Iterator[str]:
    """What one observation of the diagnosis adds to the reasons."""
    passes = cell.outcome == "pass"
    if cell.outcome not in {"pass", "fail"}:
        yield f"the kind is not known: {cell.app} {cell.probe}: {cell.outcome}{proof(cell)}"
        return
    match cell.probe:
        case "alone-on-base" if not passes:
            own = case.apps[cell.app].runtime
            yield f"alone on {cell.base} {cell.app} fails as well; on the base of {own} it passes"
        case "alone-there" if passes:
            yield f"alone in the very same image {cell.app} passes: what breaks it runs beside it"
        case "alone-there":
            yield f"alone in the very same image {cell.app} fails as well: what breaks it was put there"
        case "without-environment" if passes:
            names = " ".join(f"{name}={value}" for name, value in case.entry.environment.items())
            yield f"alone in the very same image, without {names}, {cell.app} passes"
        case "distinct-ports" if passes and any(cell.app == one.app for one in case.suspects()):
            yield f"with a port of its own {cell.app} passes in the same box"


def of_strangers(case: Case) -> Iterator[str]:
    """A shared box that fails otherwise than the control grid has seen is not passed off as the same failure.

    What was quoted alone is not quoted here: an expectation about it must not find it.
    """
    for name in case.candidates:
        alone = {cell.app: cell for cell in case.alone(name)}
        for cell in (one for one in case.failing(name) if name not in case.fair() and one.phase != "build"):
            known, beside = alone.get(cell.app), ", ".join(cell.beside)
            if known and known.outcome == "pass":
                yield f"beside {beside} {cell.app} fails at {name}, and alone it passes there"
            elif known and _told(known) != _told(cell):
                code = f" (exit {known.exit_code})" if known.exit_code is not None else ""
                yield f"alone at {name} {cell.app} fails for another reason: it {verb(known)}{code}"


def _told(cell: Cell) -> tuple[object, ...]:
    """What a failure is known by: ports, times and addresses in its words differ from run to run."""
    return cell.phase, cell.exit_code, re.sub(r"\b[0-9A-F]{8,}\b|@[0-9a-f]+\b|\d+", "#", cell.quote)


def hazards(case: Case, environment: str) -> Iterator[str]:
    """One call installs what serves all; one app after the other does not."""
    lanes: tuple[Lane, ...] = ("in-order", "reversed")
    for lane in lanes:
        for cell in (cell for cell in case.lane(environment, lane) if cell.outcome == "fail"):
            yield f"a hazard: installed {HOW[lane]}, {cell.app} {verb(cell)}{proof(cell)}"


def on_base(case: Case) -> str:
    return f" on {case.base()}" if case.base() else ""
