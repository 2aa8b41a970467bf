"""The ways out that are cheaper than isolation, each really tried once there is a conflict (SPEC section 4)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from orchestrator import catalogue, judge
from orchestrator.arms.conductor import Conductor
from orchestrator.arms.trials import run
from orchestrator.errors import ManifestError, Unavailable
from orchestrator.events import StepStarted
from orchestrator.judge import Case
from orchestrator.model import Cell, Escape, EscapeName, Kind, Lane, Order, Outcome, Runtime
from orchestrator.plan import Design, Environment, Plan, Trial, World, candidates, further
from orchestrator.plan.environment import SIDE_BY_SIDE, runtime_of
from orchestrator.plan.trials import lanes, shared
from orchestrator.wording import listed

MOST = 20
"""Environments that are tried as a way out."""
AT_RUN_TIME: frozenset[Kind | None] = frozenset({"port", "files"})
"""Kinds that no choice of runtimes or packages can dissolve: the apps meet while they run."""
OF_PACKAGES: frozenset[Kind | None] = frozenset({"packages", "clobber"})


def escapes(conductor: Conductor, plan: Plan, case: Case, kind: Kind | None) -> Iterator[Escape]:
    """Each way out with what came of it; one that cannot apply is `not-run`, with the reason."""
    yield _side_by_side(conductor, plan, case, kind)
    yield _roll_forward(conductor, plan, case, kind)
    yield _other_version(conductor, plan, case, kind)
    yield _order(conductor, plan, case, kind)


def _side_by_side(conductor: Conductor, plan: Plan, case: Case, kind: Kind | None) -> Escape:
    """All declared runtimes in one filesystem."""
    try:
        (env,) = candidates(replace(case.entry, policy=SIDE_BY_SIDE, versions=()), case.apps)
    except ManifestError as error:
        return Escape(SIDE_BY_SIDE, "not-run", error.message)
    if case.entry.policy == SIDE_BY_SIDE:
        return Escape(SIDE_BY_SIDE, "not-run", "the runtimes lie side by side already")
    if len(env.runtimes) == len({runtime.family for runtime in env.runtimes}):
        return Escape(SIDE_BY_SIDE, "not-run", f"all of them declare {env.name}: there is nothing to put beside it")
    if kind in AT_RUN_TIME:
        return Escape(SIDE_BY_SIDE, "not-run", f"with their runtimes apart, they would still share the {kind}")
    return _tried(
        conductor,
        plan,
        case.entry.name,
        SIDE_BY_SIDE,
        {"every declared runtime in one filesystem": _whole(plan, case, env)},
    )


def _roll_forward(conductor: Conductor, plan: Plan, case: Case, kind: Kind | None) -> Escape:
    """The families' own settings by which their newest runtimes serve apps of older ones."""
    if kind in AT_RUN_TIME:
        return Escape("roll-forward", "not-run", f"no runtime changes that they share the {kind}")
    env = _newest(plan, case)
    older = [app for app in case.apps.values() if str(app.runtime) not in map(str, env.runtimes)]
    if not older:
        return Escape("roll-forward", "not-run", f"all of them have {env.name}, the newest there is")
    names = sorted({app.runtime.family for app in older})
    known = [setting for name in names for setting in conductor.families[name].roll_forward]
    if not known:
        has = "has" if len(names) == 1 else "have"
        return Escape("roll-forward", "not-run", f"{listed(names)} {has} no such setting")
    taken = {name for app in case.apps.values() for name in app.environment} | case.entry.environment.keys()
    settings = [one for one in known if taken.isdisjoint(one)]
    if not settings:
        already = any(one.items() <= case.entry.environment.items() for one in known)
        reason = "the entry sets it already" if already else f"{listed(sorted(known[0]))} is set, to something else"
        return Escape("roll-forward", "not-run", reason)
    attempts = {
        f"{env.name} with {' '.join(f'{name}={value}' for name, value in one.items())}": replace(
            _whole(plan, case, env), extra={**case.entry.environment, **one}
        )
        for one in settings
    }
    return _tried(conductor, plan, case.entry.name, "roll-forward", attempts)


def _newest(plan: Plan, case: Case) -> Environment:
    """One runtime of each family: the newest that an app declares or the entry tries."""
    tried = plan.candidates[case.entry.name]
    there = [runtime for env in tried for runtime in env.runtimes] + [app.runtime for app in case.apps.values()]
    by_version = sorted(there, key=lambda runtime: catalogue.order(str(runtime)))
    latest = {runtime.family: runtime for runtime in by_version}
    return replace(tried[0], runtimes=tuple(latest[family] for family in sorted(latest)))


def _other_version(conductor: Conductor, plan: Plan, case: Case, kind: Kind | None) -> Escape:
    """Every version of the catalogue that was not tried, newest first, and of several families every combination."""
    if kind in AT_RUN_TIME:
        return Escape("other-version", "not-run", f"no version changes that they share the {kind}")
    base, contested = _newest(plan, case), _contested(case)
    tried = {tuple(env.runtimes) for env in plan.candidates[case.entry.name]}
    there = {str(one): one for env in plan.candidates[case.entry.name] for one in env.runtimes}
    choices = [_versions(one, there) if one.family in contested else [one] for one in base.runtimes]
    others = [choice for choice in itertools.product(*choices) if choice not in tried]
    if not others:
        return Escape("other-version", "not-run", f"the catalogue has no other version of {listed(contested)}")
    envs = [replace(base, runtimes=choice) for choice in others[:MOST]]
    attempts = {env.name: _whole(plan, case, env) for env in envs}
    found = _tried(conductor, plan, case.entry.name, "other-version", attempts)
    left = len(others) - len(envs)
    return replace(found, detail=f"{found.detail}; {left} older combinations were not tried") if left else found


def _versions(runtime: Runtime, there: Mapping[str, Runtime]) -> list[Runtime]:
    """All of its family, newest first, with the images that the entry has for them."""
    names = {f"{runtime.family}@{version}" for version in catalogue.entries(runtime.family)}
    names |= {name for name in there if name.startswith(f"{runtime.family}@")}
    return [there.get(name) or runtime_of(name) for name in sorted(names, key=catalogue.order, reverse=True)]


def _contested(case: Case) -> list[str]:
    """The families of which apps declare several versions; all, where none is."""
    declared = {(app.runtime.family, app.runtime.version) for app in case.apps.values()}
    families = [family for family, _ in declared]
    return sorted({family for family in families if families.count(family) > 1}) or sorted(set(families))


def _order(conductor: Conductor, plan: Plan, case: Case, kind: Kind | None) -> Escape:
    """Packages put in one app after the other, first or last one first."""
    if kind not in OF_PACKAGES:
        return Escape("order", "not-run", "it is not the packages that they conflict about")
    every: Order = "both"
    if len(all_lanes := lanes(replace(case.entry, order=every), plan.manifest, plan.world)) < 2:
        return Escape("order", "not-run", "fewer than two of them bring packages into one place")
    env = next(env for env in plan.candidates[case.entry.name] if env.name == case.suspects()[0].environment)
    decisive = case.suspects()[0].order
    others = [lane for lane in all_lanes if lane not in (decisive, "together")]
    seen = {_in_words(lane, env): case.lane(env.name, lane) for lane in others}
    if all(seen.values()):
        return _summed("order", seen)
    return _tried(
        conductor,
        plan,
        case.entry.name,
        "order",
        {_in_words(lane, env): _whole(plan, case, env, lane) for lane in others},
    )


def _in_words(lane: Lane, env: Environment) -> str:
    return f"{env.name}, {judge.HOW[lane]}"


def _whole(plan: Plan, case: Case, env: Environment, lane: Lane | None = None) -> Design:
    """All apps of the entry in that environment; no entry's own cells come of it."""
    usual = lanes(case.entry, plan.manifest, plan.world)[0]
    return replace(shared(case.entry, plan.manifest, env, lane or usual), entries=())


def _tried(conductor: Conductor, plan: Plan, entry: str, name: EscapeName, attempts: Mapping[str, Design]) -> Escape:
    """Run all of these."""
    conductor.emit(StepStarted(entry, f"trying {name}"))
    possible, missing = dict[str, Trial](), list[str]()
    for words, design in attempts.items():
        try:
            (possible[words],) = further(plan, [design], _with_bases(conductor, plan, design.environment))
        except Unavailable as error:
            missing.append(f"{words}: {error.message}")
    rows = run(conductor, plan, tuple(possible.values()))
    return _summed(name, dict(zip(possible, rows, strict=True)), missing)


def _with_bases(conductor: Conductor, plan: Plan, env: Environment) -> World:
    """Raises Unavailable where a base cannot be had."""
    wanted = [runtime for runtime in env.runtimes if runtime.key not in plan.world.bases]
    return replace(plan.world, bases={**plan.world.bases, **(conductor.bases(wanted) if wanted else {})})


def _summed(name: EscapeName, rows: Mapping[str, Sequence[Cell]], missing: Sequence[str] = ()) -> Escape:
    """What the attempts come to: one that serves all is the way out; one that is not known leaves it open."""
    cells = tuple(cell for row in rows.values() for cell in row)
    if serving := [words for words, row in rows.items() if all(cell.outcome == "pass" for cell in row)]:
        return Escape(name, "pass", f"{listed(serving)}: all of them pass", cells)
    unknown = [row for row in rows.values() if not any(cell.outcome == "fail" for cell in row)]
    outcome: Outcome = "infrastructure" if unknown or missing else "fail"
    return Escape(name, outcome, "; ".join([*_told(rows), *missing]), cells)


def _told(rows: Mapping[str, Sequence[Cell]]) -> Iterator[str]:
    """Attempts that end the same way are told as one, with the words of the first."""
    alike: dict[tuple[object, ...], list[str]] = {}
    for words, row in rows.items():
        fates = tuple((cell.app, cell.outcome, cell.phase, cell.exit_code) for cell in row)
        alike.setdefault(fates, []).append(words)
    for several in alike.values():
        bad = [cell for cell in rows[several[0]] if cell.outcome != "pass"]
        first = f" (quoted from {several[0]})" if len(several) > 1 else ""
        yield f"{listed(several)}: {judge.fates(bad)}{first}"
