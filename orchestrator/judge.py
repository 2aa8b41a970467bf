"""Evidence -> verdict, kind, reasons. It follows the design of the experiment (SPEC section 4) and never guesses.

Where a shared box has failed and the kind is not plain yet, `question` says what to observe next: each answer leaves
fewer kinds, and a kind that no observation leads to is not claimed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from orchestrator.matching import matches
from orchestrator.model import App, Cell, Expect, Kind, Lane, Probe, SharedEntry, Verdict
from orchestrator.wording import listed

UNKNOWN = frozenset({"infrastructure", "flaky", "not-run"})
Finding = Literal["installed", "written"]
Question = Probe | Finding
HOW: Mapping[str, str] = {
    "together": "in one call",
    "in-order": "one app after the other",
    "reversed": "one app after the other, the last one first",
}
VERBS: Mapping[str, str] = {"build": "cannot be installed", "start": "cannot start", "check": "answers wrongly"}


@dataclass(frozen=True, slots=True)
class Case:
    """Everything observed for one shared entry. `candidates` names the environments tried, newest first.

    findings: what a look into the failing box, or at what its apps wrote, brought: a sentence each.
    """

    entry: SharedEntry
    apps: Mapping[str, App]
    candidates: tuple[str, ...]
    cells: tuple[Cell, ...]
    findings: Mapping[Finding, tuple[str, ...]] = field(default_factory=dict)

    def isolated(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.arm == "isolated"]

    def control(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.arm == "control" and cell.probe is None]

    def own(self) -> list[Cell]:
        """The fairness control: each app alone in the shared recipe, at its declared version."""
        return [cell for cell in self.control() if cell.environment == str(self.apps[cell.app].runtime)]

    def alone(self, environment: str) -> list[Cell]:
        """Each app alone on what it gets there; where runtimes lie side by side, that is its own."""
        if self.entry.policy == "side-by-side":
            return self.own()
        return [cell for cell in self.control() if cell.environment == environment]

    def lane(self, environment: str, lane: Lane) -> list[Cell]:
        """The shared box of one order."""
        shared = (cell for cell in self.cells if cell.arm == "shared" and cell.probe is None)
        return [cell for cell in shared if (cell.environment, cell.order) == (environment, lane)]

    def together(self, environment: str) -> list[Cell]:
        """The decisive shared cells: `together` wherever it was run, else the manifest's order."""
        return self.lane(environment, "together") or self.lane(environment, "in-order")

    def probed(self, probe: Probe) -> list[Cell]:
        return [cell for cell in self.cells if cell.probe == probe]


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
    because = [f"{together} at {best}{_on(case)}"]
    because += [f"{name} declares {case.apps[name].runtime} and passes at {best}" for name in moved]
    because += _hazards(case, best)
    return Verdict("no-conflict", because=tuple(because), works_at=works, moved=moved)


def _hazards(case: Case, environment: str) -> Iterator[str]:
    """One call installs what serves all; one app after the other does not."""
    lanes: tuple[Lane, ...] = ("in-order", "reversed")
    for lane in lanes:
        for cell in (cell for cell in case.lane(environment, lane) if cell.outcome == "fail"):
            yield f"a hazard: installed {HOW[lane]}, {cell.app} {VERBS.get(cell.phase, 'fails')}{_proof(cell)}"


def _conflict(case: Case) -> Verdict:
    fair = _fair(case)
    open_ = [name for name in case.candidates if not any(cell.outcome == "fail" for cell in case.alone(name))]
    unknown = [cell for name in open_ for cell in case.alone(name) if cell.outcome in UNKNOWN]
    if not fair and unknown:
        return Verdict("inconclusive", because=(f"{unknown[0].app} alone at {unknown[0].environment} is not known",))
    unclear = [cell for cell in case.cells if cell.probe and cell.outcome in UNKNOWN]
    if unclear:
        return _unsettled(unclear, "control") or Verdict("inconclusive")
    because = [line for name in case.candidates for line in _reasons(case, name)]
    because += [line for cell in case.cells if cell.probe for line in _answer(case, cell)]
    because += [line for lines in case.findings.values() for line in lines]
    because += _strangers(case)
    failing = [cell for name in (fair[:1] or case.candidates) for cell in _failing(case, name)]
    app = failing[0].app if failing else None
    return Verdict("conflict", _kind(case), tuple(dict.fromkeys(because)), app=app)


def _fair(case: Case) -> list[str]:
    """The environments at which every app passes alone, newest first."""
    return [name for name in case.candidates if _all_pass(case.alone(name))]


# --- the kind ------------------------------------------------------------------------------------------------


def question(case: Case) -> Question | None:
    """What has to be observed before the kind of a conflict can be told; None where it can, or nothing would help.

    alone-on-base:          does the app fail alone, on the entry's OS base?
    alone-there:            does it fail alone, in the very image, variables and ports of the box that failed?
    alone-with-environment: does it fail alone, in its own environment, once the entry's variables are set?
    distinct-ports:         do all pass in that box, once each has a port of its own?
    written:                which paths do several of the apps write?
    installed:              which packages and files are others than alone?
    """
    if judge(case).name != "conflict" or not _fair(case):
        return None
    refused = any(cell.phase == "build" for cell in suspects(case))
    if case.entry.base and not case.probed("alone-on-base"):
        return "alone-on-base"
    if refused or _any_fails(case.probed("alone-on-base")):
        return None
    if not case.probed("alone-there"):
        return "alone-there"
    if not _any_fails(case.probed("alone-there")):
        if case.entry.ports == "as-declared" and not case.probed("distinct-ports"):
            return "distinct-ports"
        known = _all_pass(case.probed("distinct-ports")) or "written" in case.findings
        return None if known else "written"
    if case.entry.environment and not case.probed("alone-with-environment"):
        return "alone-with-environment"
    known = _any_fails(case.probed("alone-with-environment")) or "installed" in case.findings
    return None if known else "installed"


def suspects(case: Case) -> list[Cell]:
    """What failed in the shared box at the newest environment where every app passes alone."""
    return [cell for name in _fair(case)[:1] for cell in _failing(case, name)]


def _kind(case: Case) -> Kind | None:
    """SPEC section 4: from what was put where, never from what a log says."""
    if not _fair(case):
        return "runtime"
    if _any_fails(case.probed("alone-on-base")):
        return "os-library"
    if any(cell.phase == "build" for cell in suspects(case)):
        return "packages"
    if _any_fails(case.probed("alone-with-environment")):
        return "runtime"
    if _any_fails(case.probed("alone-there")):
        return "clobber"
    if case.probed("distinct-ports") and _all_pass(case.probed("distinct-ports")):
        return "port"
    return "files" if case.findings.get("written") else None


def _answer(case: Case, cell: Cell) -> Iterator[str]:
    """What one observation of the diagnosis adds to the reasons."""
    passes = cell.outcome == "pass"
    match cell.probe:
        case "alone-on-base" if not passes:
            own = case.apps[cell.app].runtime
            yield f"alone on {cell.base} {cell.app} fails as well, and on the base of {own} it passes{_proof(cell)}"
        case "alone-there" if passes:
            yield f"alone in the very same image {cell.app} passes: what breaks it runs beside it"
        case "alone-there":
            yield f"alone in the very same image {cell.app} fails as well: what breaks it was put there"
        case "alone-with-environment" if not passes:
            names = " ".join(f"{name}={value}" for name, value in case.entry.environment.items())
            yield f"alone with {names} {cell.app} fails as well, and without it passes{_proof(cell)}"
        case "distinct-ports" if passes and any(cell.app == one.app for one in suspects(case)):
            yield f"with a port of its own {cell.app} passes in the same box"


def _strangers(case: Case) -> Iterator[str]:
    """A shared box that fails otherwise than the control grid has seen is not passed off as the same failure."""
    for name in case.candidates:
        alone = {cell.app: cell for cell in case.alone(name)}
        for cell in (one for one in _failing(case, name) if name not in _fair(case) and one.phase != "build"):
            known, beside = alone.get(cell.app), ", ".join(cell.beside)
            if known and known.outcome == "pass":
                yield f"beside {beside} {cell.app} fails at {name}, and alone it passes there"
            elif known and (known.phase, known.exit_code) != (cell.phase, cell.exit_code):
                yield f"alone at {name} {cell.app} fails otherwise: it {VERBS.get(known.phase, 'fails')}{_proof(known)}"


# --- words ---------------------------------------------------------------------------------------------------


def _on(case: Case) -> str:
    return f" on {case.entry.base}" if case.entry.base else ""


def _joint(case: Case, environment: str) -> list[Cell]:
    """One app alone is its own shared environment: nothing is put beside it."""
    return case.together(environment) or (case.alone(environment) if len(case.apps) == 1 else [])


def _failing(case: Case, environment: str) -> list[Cell]:
    return [cell for cell in _joint(case, environment) if cell.outcome == "fail"]


def _all_pass(cells: Sequence[Cell]) -> bool:
    return bool(cells) and all(cell.outcome == "pass" for cell in cells)


def _any_fails(cells: Sequence[Cell]) -> bool:
    return any(cell.outcome == "fail" for cell in cells)


def _moves(app: App, environment: str) -> bool:
    return environment != "side-by-side" and str(app.runtime) not in environment.split("+")


def _reasons(case: Case, environment: str) -> Iterator[str]:
    """A sentence for each app that fails there; a joint install that is refused is one, unless an app is to blame."""
    cells = _failing(case, environment)
    refused = [cell for cell in cells if cell.phase == "build"]
    to_blame = {cell.app for cell in case.alone(environment) if cell.outcome == "fail"}
    if refused and not to_blame:
        names = listed([cell.app for cell in refused])
        yield f"{names} cannot be installed together at {environment}{_on(case)}{_proof(refused[0])}"
    for cell in cells:
        if cell.phase != "build" or cell.app in to_blame:
            yield _sentence(case, cell)


def _sentence(case: Case, cell: Cell) -> str:
    runtime = case.apps[cell.app].runtime
    verb = VERBS.get(cell.phase, "fails")
    if not _moves(case.apps[cell.app], cell.environment):
        beside = f" beside {', '.join(cell.beside)}" if cell.beside else ""
        on = f", on {cell.base}" if cell.base else ""
        return f"{cell.app} {verb} on its own {runtime}{beside}{on}{_proof(cell)}"
    if any(known.app == cell.app and known.outcome == "pass" for known in case.alone(cell.environment)):
        beside = ", ".join(cell.beside) + (f" on {cell.base}" if cell.base else "")
        return f"{cell.app} passes alone at {cell.environment}, and beside {beside} it {verb}{_proof(cell)}"
    where = f" ({runtime.source.short})" if runtime.source else ""
    holds = cell.observed or cell.environment
    needs = f"{cell.app} needs {runtime.family} {runtime.version}{where} and the box holds {holds}"
    return f"{needs}: {cell.app} {verb}{_proof(cell)}"


def fates(cells: Sequence[Cell]) -> str:
    """`invoice answers wrongly: ...`, of cells of one box that do not pass; a refused install is told once."""
    told: dict[str, list[str]] = {}
    for cell in cells:
        verb = VERBS.get(cell.phase, "fails") if cell.outcome == "fail" else f"is not known ({cell.outcome})"
        told.setdefault(f"{verb}{_proof(cell)}", []).append(cell.app)
    return "; ".join(f"{listed(names)} {words}" for words, names in told.items())


def _proof(cell: Cell) -> str:
    code = f" (exit {cell.exit_code})" if cell.exit_code is not None else ""
    return f"{code}: {cell.quote}" if cell.quote else code


def as_expected(expect: Expect, verdict: Verdict, cells: Sequence[Cell]) -> bool:
    """Does what was proved match what the manifest said? `because` is matched against the captured text."""
    failing = {cell.app for cell in cells if cell.arm == "shared" and cell.outcome == "fail"} | {verdict.app}
    texts = [*verdict.because, *(cell.quote for cell in cells if cell.outcome != "pass" and cell.arm == "shared")]
    return (
        expect.verdict in (None, verdict.name)
        and expect.kind in (None, verdict.kind)
        and (expect.app is None or expect.app in failing)
        and (expect.because is None or any(matches(expect.because, text) for text in texts))
    )
