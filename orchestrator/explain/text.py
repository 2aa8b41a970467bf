"""How an explanation reads: a few patterns of sentences, as uv tells why it found no solution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from orchestrator import judge, signs
from orchestrator.explain.demands import place, said
from orchestrator.explain.parts import Parts
from orchestrator.judge import Case
from orchestrator.memory import Said
from orchestrator.model import Cell, Demand, Kind, SharedEntry, Verdict
from orchestrator.wording import listed

Rows = Mapping[str, Sequence[Cell]]
BESIDE: Mapping[Kind | None, str] = {
    "port": "ask for one port in one network",
    "files": "write the same files",
    None: "run beside one another, and what they share there was not found",
}


def of_apps(parts: Parts, rows: Rows, asked: Sequence[Demand], kind: Kind | None) -> Iterator[str]:
    """One sentence for each environment that was tried, and what follows from them."""
    everybody = _apps(next(iter(rows.values())))
    for number, (name, cells) in enumerate(rows.items()):
        bad = _to_blame(parts.case, name, cells)
        because = f"{'And because' if number else 'Because'} "
        if kind in BESIDE:
            lines = listed([f"{one.app} ({place(one.mark)})" for one in asked])
            how = "; ".join(parts.case.findings.get("written", ())) or f"{lines} {BESIDE[kind]}"
            yield f"{because}{how}, {_ends(bad)}."
        else:
            needs = " and ".join(_need(parts, cell) for cell in bad)
            yield f"{because}{needs}, {name} does not serve {listed([cell.app for cell in bad])}."
    if len(rows) > 1:
        yield f"No other environment was asked about: none of {listed(list(rows))} serves {everybody}."


def _to_blame(case: Case, environment: str, cells: Sequence[Cell]) -> list[Cell]:
    """Those that fail; of a joint install that is refused, those that alone are refused as well."""
    bad = [cell for cell in cells if cell.outcome == "fail"]
    alone = {cell.app for cell in case.alone(environment) if cell.outcome == "fail"}
    return [cell for cell in bad if cell.app in alone] or bad


def _need(parts: Parts, cell: Cell) -> str:
    app, entry = parts.case.apps[cell.app], parts.case.entry
    family = parts.conductor.families[app.runtime.family]
    mark = app.runtime.source or app.mark
    holds = f"the box holds {cell.observed or cell.environment}" + (f" on {entry.base}" if entry.base else "")
    holds += f" with {_variables(entry)}" if entry.environment else ""
    meaning = f", since {why}" if (why := signs.meaning(cell.quote, family)) else ""
    needs = f"{cell.app} needs {app.runtime.family} {app.runtime.version} ({place(mark)})"
    joined = "but" if parts.case.moves(cell.app, cell.environment) else "and although"
    return f"{needs} {joined} {holds}, {'where ' if joined == 'but' else ''}{_ends([cell])}{meaning}"


def _ends(cells: Sequence[Cell]) -> str:
    return judge.fates(cells).rstrip(".")


def _variables(entry: SharedEntry) -> str:
    return " ".join(f"{name}={value}" for name, value in entry.environment.items())


def of_entry(entry: SharedEntry) -> str:
    """What an entry itself demands of its environment."""
    parts = {"versions": listed(entry.versions), "base": entry.base or "", "environment": _variables(entry)}
    said_ = "; ".join(f"{name} {text}" for name, text in parts.items() if text)
    return said_ or f"policy {entry.policy}"


def _apps(cells: Sequence[Cell]) -> str:
    names = [cell.app for cell in cells]
    return f"both {listed(names)}" if len(names) == 2 else listed(names)


def of_lines(kept: Sequence[Demand], bad: Cell, environment: str, case: Case, resolver: Said | None) -> Iterator[str]:
    """What the lines ask for, what became of them, and how the resolver or the files tell it."""
    asked = " and ".join(map(said, kept))
    if bad.phase == "build":
        yield f"Because {asked}, one environment of {environment} cannot hold them: {bad.quote}"
    else:
        changed = "; ".join(case.findings.get("installed", ())) or "what they install is in each other's way"
        yield f"Because {asked}, and {changed}, {_ends([bad])}."
    if resolver and resolver.text:
        says = f"said the same at {resolver.remembered}" if resolver.remembered else "says the same"
        yield f"The resolver {says}: {resolver.text}"


def failing(rows: Rows) -> str:
    """`at dotnet@3.1 invoice cannot start ...; at dotnet@2.2 telemetry ...`."""
    bad = {name: [cell for cell in cells if cell.outcome == "fail"] for name, cells in rows.items()}
    return "; ".join(f"{_at(name)} {judge.fates(cells)}" for name, cells in bad.items())


def passing(names: Sequence[str], environment: str, cells: Sequence[Cell] = ()) -> str:
    """Who passes; where cells do not, what became of them instead."""
    if bad := [cell for cell in cells if cell.outcome != "pass"]:
        return judge.fates(bad)
    return f"{listed(names)} pass{'' if len(names) > 1 else 'es'} {_at(environment)}"


def _at(environment: str) -> str:
    return "side by side" if environment == "side-by-side" else f"at {environment}"


def assumed(case: Case, verdict: Verdict) -> Iterator[str]:
    """What the explanation rests on beside what was observed."""
    yield "an app works when its checks hold"
    if verdict.kind in {"packages", "clobber"}:
        yield "the package index answers as it did when it was asked"
        yield "a line's own dependencies come with it, and are not told apart from it"
    else:
        yield f"asked about: {listed(case.candidates)}; isolate up tries other versions as a way out"
