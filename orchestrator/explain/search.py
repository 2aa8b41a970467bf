"""Finds lines that conflict and none of which can be dropped: among the apps, or among what they install."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator import judge
from orchestrator.arms import Conductor
from orchestrator.explain import demands, text
from orchestrator.explain.parts import Parts
from orchestrator.explain.uv import Resolver
from orchestrator.host import Host
from orchestrator.judge import Case
from orchestrator.minimal import irreducible
from orchestrator.model import Cell, Demand, Explanation, Proof, Verdict
from orchestrator.plan import Plan
from orchestrator.plan.trials import lanes


def explained(conductor: Conductor, plan: Plan, case: Case, verdict: Verdict, settings: Host) -> Explanation:
    """Raises Unavailable where something that it rests on could not be observed."""
    parts = Parts(conductor, plan, case, lanes(case.entry, plan.manifest, plan.world)[0])
    if verdict.kind in {"packages", "clobber"}:
        lists = {name: demands.packages(app, plan.world.contexts[name]) for name, app in case.apps.items()}
        whole = {name: lines for name, lines in lists.items() if lines is not None}
        if len(whole) == len(lists):
            lines = tuple(line for listed in whole.values() for line in listed)
            if lines and (found := _of_lines(parts, verdict, lines, settings)):
                return found
    return _of_apps(parts, verdict)


# --- apps ----------------------------------------------------------------------------------------------------


def _of_apps(parts: Parts, verdict: Verdict) -> Explanation:
    """Which apps cannot share: no environment that was tried serves them, and one serves them without any one."""
    seen: dict[tuple[str, ...], dict[str, list[Cell]]] = {}

    def rows(names: tuple[str, ...]) -> dict[str, list[Cell]]:
        if names not in seen:
            seen[names] = parts.of_apps(names)
        return seen[names]

    def fails(names: tuple[str, ...]) -> bool:
        return bool(names) and not _serving(rows(names))

    kept = irreducible(tuple(parts.case.apps), fails)
    asked = {name: _demand(parts, name, verdict) for name in kept}
    proofs = [Proof("fails", text.failing(rows(kept)))]
    if len(kept) == 1:
        asked |= {"": _of_entry(parts)}
        proofs.append(Proof("passes", f"{kept[0]} passes alone on {parts.case.apps[kept[0]].runtime}", asked[""]))
        others = tuple(name for name in parts.case.apps if name not in kept)
        proofs.append(Proof("passes", text.passing(others, _serving(rows(others))[0]), asked[kept[0]]))
    for name in kept if len(kept) > 1 else ():
        others = tuple(other for other in kept if other != name)
        proofs.append(Proof("passes", text.passing(others, _serving(rows(others))[0]), asked[name]))
    return Explanation(
        demands=tuple(asked.values()),
        because=tuple(text.of_apps(parts, rows(kept), tuple(asked.values()), verdict.kind)),
        certificate=tuple(proofs),
        assumed=tuple(text.assumed(parts.case, verdict)),
    )


def _serving(rows: dict[str, list[Cell]]) -> list[str]:
    return [name for name, cells in rows.items() if _passes(cells)]


def _demand(parts: Parts, name: str, verdict: Verdict) -> Demand:
    """The line of an app that its part in the conflict comes from."""
    app = parts.case.apps[name]
    keys = {"port": "ports", "files": "tmpfs"}
    if verdict.kind in keys and keys[verdict.kind] in app.marks:
        return demands.key(app, keys[verdict.kind])
    return demands.runtime(app)


def _of_entry(parts: Parts) -> Demand:
    """Where one app alone fails, it is the entry that asks too much: the control has seen the app pass without it."""
    entry, (app, *_) = parts.case.entry, parts.case.apps.values()
    return Demand(entry.name, text.of_entry(entry), entry.mark or app.mark)


# --- lines ---------------------------------------------------------------------------------------------------


def _of_lines(parts: Parts, verdict: Verdict, lines: tuple[Demand, ...], settings: Host) -> Explanation | None:
    """Which lines cannot be installed into one environment, or break an app there that its own lines serve.

    None where it is not these lines: what system packages bring, say.
    """
    bad = parts.case.suspects()[0]
    env = next(env for env in parts.plan.candidates[parts.case.entry.name] if env.name == bad.environment)
    resolver = Resolver(env.runtimes[0].version, settings, parts.conductor.memory)
    seen: dict[tuple[Demand, ...], list[Cell]] = {}

    def row(kept: tuple[Demand, ...]) -> list[Cell]:
        """The app that failed, beside nobody: only what is installed differs."""
        if kept not in seen:
            seen[kept] = parts.of_lines(kept, env, (bad.app,))
        return seen[kept]

    def refused(kept: tuple[Demand, ...]) -> bool:
        return any(cell.phase == "build" and cell.outcome == "fail" for cell in row(kept))

    def broken(kept: tuple[Demand, ...]) -> bool:
        return _passes(row(_own(kept, bad.app))) and not _passes(row(kept))

    fails = refused if verdict.kind == "packages" else broken
    quick = _by_uv(lines, resolver) if verdict.kind == "packages" else ()
    if not fails(lines):
        return None
    kept = irreducible(quick if quick and fails(quick) else lines, fails)
    proofs = [Proof("fails", judge.fates(row(kept)))]
    for line in kept:
        rest = tuple(other for other in kept if other != line)
        if verdict.kind == "packages":
            proofs.append(Proof("fails" if refused(rest) else "passes", "the others install", line))
            continue
        asking = tuple(dict.fromkeys(other.app for other in rest) if line.app == bad.app else (bad.app,))
        seen_ = parts.of_lines(rest, env, asking) if asking else []
        proofs.append(Proof("passes" if _passes(seen_) else "fails", text.passing(asking, env.name, seen_), line))
    reason = resolver.refused([line.text for line in kept]) if verdict.kind == "packages" else None
    because = text.of_lines(kept, row(kept)[0], env.name, parts.case, reason)
    return Explanation(kept, tuple(because), tuple(proofs), tuple(text.assumed(parts.case, verdict)))


def _own(lines: Sequence[Demand], app: str) -> tuple[Demand, ...]:
    return tuple(line for line in lines if line.app == app)


def _passes(cells: Sequence[Cell]) -> bool:
    return all(cell.outcome == "pass" for cell in cells)


def _by_uv(lines: tuple[Demand, ...], resolver: Resolver) -> tuple[Demand, ...]:
    """A small set that uv refuses; empty where uv does not know. What it finds is observed afterwards."""

    def refused(kept: tuple[Demand, ...]) -> bool:
        said = resolver.refused([line.text for line in kept])
        return bool(said and said.text)

    return irreducible(lines, refused) if refused(lines) else ()
