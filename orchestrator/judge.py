"""Evidence -> verdict, kind, reasons. It follows the design of the experiment (SPEC section 4) and never guesses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.matching import matches
from orchestrator.model import App, Cell, Expect, Kind, SharedEntry, Verdict

UNKNOWN = frozenset({"infrastructure", "flaky", "not-run"})


@dataclass(frozen=True, slots=True)
class Case:
    """Everything observed for one shared entry. `candidates` names the environments tried, newest first."""

    entry: SharedEntry
    apps: Mapping[str, App]
    candidates: tuple[str, ...]
    cells: tuple[Cell, ...]

    def isolated(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.arm == "isolated"]

    def own(self) -> list[Cell]:
        """The fairness control: each app alone in the shared recipe, at its declared version."""
        return [c for c in self.cells if c.arm == "control" and c.environment == str(self.apps[c.app].runtime)]

    def alone(self, environment: str) -> list[Cell]:
        return [cell for cell in self.cells if cell.arm == "control" and cell.environment == environment]

    def together(self, environment: str) -> list[Cell]:
        """The decisive shared cells: `together` wherever it was run."""
        shared = [cell for cell in self.cells if cell.arm == "shared" and cell.environment == environment]
        return [cell for cell in shared if cell.order != "in-order"] or shared


def judge(case: Case) -> Verdict:
    """The table of SPEC section 4, row by row."""
    return (
        _broken(case.isolated())
        or _unsettled(case.isolated(), "isolated")
        or _unfair(case.own())
        or _unsettled(case.own(), "control")
        or _no_conflict(case)
        or _unsettled([cell for name in case.candidates for cell in _joint(case, name)], "shared")
        or _conflict(case)
    )


def _broken(cells: Sequence[Cell]) -> Verdict | None:
    failing = [cell for cell in cells if cell.outcome == "fail"]
    if not failing:
        return None
    because = tuple(f"{cell.app} fails on its own runtime, {cell.environment}{_proof(cell)}" for cell in failing)
    return Verdict("broken", because=because, app=failing[0].app)


def _unfair(cells: Sequence[Cell]) -> Verdict | None:
    failing = [cell for cell in cells if cell.outcome == "fail"]
    if not failing:
        return None
    because = tuple(
        f"the shared recipe is unfair: alone in it, {c.app} fails on its own {c.environment}{_proof(c)}"
        for c in failing
    )
    return Verdict("inconclusive", because=because, app=failing[0].app)


def _unsettled(cells: Sequence[Cell], arm: str) -> Verdict | None:
    unknown = [cell for cell in cells if cell.outcome in UNKNOWN]
    if not unknown:
        return None
    because = tuple(f"{c.app} in the {arm} arm at {c.environment}: {c.outcome}{_proof(c)}" for c in unknown)
    return Verdict("inconclusive", because=because)


def _no_conflict(case: Case) -> Verdict | None:
    works = tuple(name for name in case.candidates if _all_pass(_joint(case, name)))
    if not works:
        return None
    best = works[0]
    moved = {name: best for name, app in case.apps.items() if _moves(app, best)}
    together = (
        f"{' and '.join(case.apps)} pass together" if len(case.apps) > 1 else f"{case.entry.apps[0]} passes alone"
    )
    because = [f"{together} at {best}"]
    because += [f"{name} declares {case.apps[name].runtime} and passes at {best}" for name in moved]
    return Verdict("no-conflict", because=tuple(because), works_at=works, moved=moved)


def _conflict(case: Case) -> Verdict:
    fair = [name for name in case.candidates if _all_pass(case.alone(name))]
    open_ = [name for name in case.candidates if not any(cell.outcome == "fail" for cell in case.alone(name))]
    unknown = [cell for name in open_ for cell in case.alone(name) if cell.outcome in UNKNOWN]
    if not fair and unknown:
        return Verdict("inconclusive", because=(f"{unknown[0].app} alone at {unknown[0].environment} is not known",))
    telling = case.together(fair[0]) if fair else []
    kind: Kind = "runtime" if not fair else _kind(telling)
    because = tuple(dict.fromkeys(_sentence(case, cell) for name in case.candidates for cell in _failing(case, name)))
    failing = [cell for name in (fair[:1] or case.candidates) for cell in _failing(case, name)]
    return Verdict("conflict", kind, because, app=failing[0].app if failing else None)


def _kind(cells: Sequence[Cell]) -> Kind:
    """Every app passes alone here: either the joint install was refused, or it went through and broke one."""
    return "packages" if any(cell.phase == "build" for cell in cells if cell.outcome == "fail") else "clobber"


def _joint(case: Case, environment: str) -> list[Cell]:
    """One app alone is its own shared environment: nothing is put beside it."""
    return case.together(environment) or (case.alone(environment) if len(case.apps) == 1 else [])


def _failing(case: Case, environment: str) -> list[Cell]:
    return [cell for cell in _joint(case, environment) if cell.outcome == "fail"]


def _all_pass(cells: Sequence[Cell]) -> bool:
    return bool(cells) and all(cell.outcome == "pass" for cell in cells)


def _moves(app: App, environment: str) -> bool:
    return str(app.runtime) not in environment.split("+")


def _sentence(case: Case, cell: Cell) -> str:
    runtime = case.apps[cell.app].runtime
    verb = {"build": "cannot be installed", "start": "cannot start", "check": "answers wrongly"}.get(
        cell.phase, "fails"
    )
    if not _moves(case.apps[cell.app], cell.environment):
        beside = f" beside {', '.join(cell.beside)}" if cell.beside else ""
        return f"{cell.app} {verb} on its own {cell.environment}{beside}{_proof(cell)}"
    where = f" ({runtime.source.short})" if runtime.source else ""
    holds = cell.observed or cell.environment
    needs = f"{cell.app} needs {runtime.family} {runtime.version}{where} and the box holds {holds}"
    return f"{needs}: {cell.app} {verb}{_proof(cell)}"


def _proof(cell: Cell) -> str:
    code = f" (exit {cell.exit_code})" if cell.exit_code is not None else ""
    return f"{code}: {cell.quote}" if cell.quote else code


def as_expected(expect: Expect, verdict: Verdict, cells: Sequence[Cell]) -> bool:
    """Does what was proved match what the manifest said? `because` is matched against the captured text."""
    failing = {cell.app for cell in cells if cell.arm == "shared" and cell.outcome == "fail"} | {verdict.app}
    texts = [*verdict.because, *(cell.quote for cell in cells if cell.outcome != "pass" and cell.arm != "isolated")]
    return (
        expect.verdict in (None, verdict.name)
        and expect.kind in (None, verdict.kind)
        and (expect.app is None or expect.app in failing)
        and (expect.because is None or any(matches(expect.because, text) for text in texts))
    )
