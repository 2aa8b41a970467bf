"""Runs that the page has to tell: every scenario, what searches find, and what hostile apps say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import scenarios
from orchestrator.events import (
    AppObserved,
    CellObserved,
    EnvironmentsPacked,
    EscapeTried,
    Event,
    Explained,
    Failed,
    GridDrawn,
    Removed,
    RunEnded,
    VerdictReached,
    VersionBisected,
)
from orchestrator.model import (
    Bin,
    Bisected,
    Cell,
    CheckResult,
    Claim,
    Demand,
    Escape,
    Explanation,
    Grid,
    Mark,
    Packed,
    Proof,
    Row,
    SharedEntry,
)
from orchestrator.record import Recorded
from orchestrator.reports import Run
from worlds import manifest, service

MARK = Mark("/home/me/apps/manifest.yaml", 7, 3)
LOGS = {"build isolate/shop": "STEP [1/4] FROM base\n", "shared dotnet@3.1 together invoice": "no framework\n"}


def run(story: scenarios.Story, logs: Mapping[str, str] = LOGS) -> Run:
    return Run(tuple(Recorded(at, event) for at, event in story), logs)


def of(scenario: Callable[[], scenarios.Run]) -> Run:
    return run(scenario()[1])


def after(*events: Event, scenario: Callable[[], scenarios.Run] = scenarios.packages) -> Run:
    """The scenario, and that before its end."""
    story = scenario()[1]
    return run([*story[:-1], *((14.0, event) for event in events), story[-1]])


def cell(app: str, environment: str, quote: str = "") -> Cell:
    fails = {"outcome": "fail", "phase": "start", "exit_code": 1, "quote": quote} if quote else {}
    return replace(Cell(app, "control", environment, "pass"), **fails)  # type: ignore[arg-type]


def explained() -> Run:
    """Why there is a conflict, and ways out."""
    old, new = Demand("old", "pydantic<2", MARK), Demand("new", "pydantic>=2", replace(MARK, line=9))
    proofs = (Proof("fails", "refused by pip"), Proof("passes", "installs", old), Proof("passes", "installs", new))
    why = Explanation((old, new), ("old wants pydantic<2, new wants pydantic>=2",), proofs, ("the index of today",))
    ways = Escape("side-by-side", "pass", "each with its own packages"), Escape("order", "fail", "the last one wins")
    tried = [EscapeTried("one-runtime", way) for way in ways]
    return after(*tried, Explained("one-runtime", why))


def matrix() -> Run:
    names = tuple(f"python@3.{minor}" for minor in (8, 9, 10, 11, 12, 13))
    cells = tuple(
        cell("legacy", name, "" if number < 4 else "No module named 'imp'") for number, name in enumerate(names)
    )
    row = Row("legacy", "python@3.8", cells, cells[0], (Claim(">=3.8", MARK, names),), over=names[4:])
    other = Row("modern", "python@3.12", tuple(cell("modern", name) for name in names[2:]), None)
    return searched(GridDrawn(Grid(names, (row, other))))


def packed() -> Run:
    one = Bin("python@3.8", ("legacy",), (cell("legacy", "python@3.8"),))
    two = Bin("python@3.12", ("modern",), (cell("modern", "python@3.12"),))
    no = Bin("python@3.12", ("legacy", "modern"), (cell("legacy", "python@3.12", "No module named 'imp'"),))
    lost = (cell("odd", "python@3.8", "SyntaxError"),)
    return searched(
        EnvironmentsPacked(Packed(("python@3.8", "python@3.12"), (one, two), lost, (no,), True, (), (), 0, 7))
    )


def bisected() -> Run:
    cells = cell("legacy", "python@3.8"), cell("legacy", "python@3.12", "No module named 'imp'")
    found = Bisected("legacy", "python@3.8", "breaks", "python@3.12", None, True, cells, ("python@3.9",), 4)
    return searched(VersionBisected(found))


def searched(found: Event) -> Run:
    """A search has an entry of its own, and reaches no verdict."""
    story = scenarios.python()[1]
    alone = [(at, event) for at, event in story if at < 7]
    seen = CellObserved("search", cell("legacy", "python@3.12", "No module named 'imp'"))
    return run([*alone, (8.0, seen), (9.0, found), (9.1, RunEnded(None, 0, 9.1))])


def failed() -> Run:
    """No base could be had; then nothing else is told."""
    story = scenarios.dotnet()[1][:2]
    lost = Failed("no base for dotnet@2.2", "manifest.yaml:5", "isolate doctor", 75, ("tried the registry: refused",))
    return run([*story, (3.0, lost), (3.1, RunEnded(None, 75, 3.1))])


def large() -> Run:
    """Eight apps, six versions, two orders, several entries."""
    apps = [service(f"app-number-{number}-with-a-long-name", f"python@3.{8 + number % 6}") for number in range(8)]
    entry = SharedEntry("one-runtime", apps=tuple(app.name for app in apps))
    made = manifest(*apps, shared=(entry,), name="large")
    versions = {f"python@3.{minor}": f"3.{minor}.1" for minor in (13, 12, 11, 10, 9, 8)}
    fails = {(apps[3].name, name): scenarios.fail("ImportError: " + "no " * 40) for name in versions}
    story = scenarios.told(made, versions, fails, orders=("together", "in-order"))[1]
    others = (
        replace(entry, name="roll-forward", environment={"A": "b"}),
        replace(entry, name="beside", policy="side-by-side"),
    )
    verdict = next(event for _, event in story if isinstance(event, VerdictReached))
    more = [(15.0, replace(verdict, entry=one.name, policy=one.policy)) for one in others]
    first = replace(story[0][1], shared=(entry, *others))  # type: ignore[type-var]
    return run([(0.0, first), *story[1:-1], *more, story[-1]])  # type: ignore[list-item]


def remembered() -> Run:
    def known(_: float, event: Event) -> Event:
        if isinstance(event, CellObserved) and event.entry:
            return replace(event, cell=replace(event.cell, remembered="2026-01-01T00:00:00+00:00", runs=2, seconds=1.5))
        return event

    return run(scenarios.mended(scenarios.python(), known)[1])


def left_behind() -> Run:
    return after(Removed(containers=("a",), left=("b: in use",)))


def cut_short() -> Run:
    """A killed run: verdict and end are missing."""
    return run(scenarios.dotnet()[1][:-4])


def saying(payload: str) -> Run:
    """Everything that a stranger can say, in a run or in a manifest, is the payload."""
    checks = (CheckResult(payload, False, payload), CheckResult("GET /", True, payload))
    demand = Demand("old", payload, replace(MARK, file=payload))
    why = Explanation((demand,), (payload,), (Proof("fails", payload), Proof("passes", payload, demand)), (payload,))

    def said(event: Event) -> Event:
        match event:
            case CellObserved():
                return replace(event, cell=replace(event.cell, checks=checks), tail=(payload, "x", payload))
            case AppObserved():
                return replace(event, checks=checks, tail=(payload, payload))
        return event

    story = [(at, said(event)) for at, event in scenarios.hostile(payload)[1]]
    start = replace(story[0][1], description=payload, manifest=payload, began=payload)  # type: ignore[type-var]
    more = (
        EscapeTried("one-runtime", Escape("order", "fail", payload)),
        Explained("one-runtime", why),
        Failed(payload, payload, payload, 70, (payload,)),
        Removed(left=(payload,)),
    )
    told = [(0.0, start), *story[1:-1], *((14.0, event) for event in more), story[-1]]
    return run(told, {payload[:300]: payload, "isolated invoice": f"{payload}\n" * 3})  # type: ignore[arg-type]


STORIES: Mapping[str, Callable[[], Run]] = {
    "dotnet": lambda: of(scenarios.dotnet),
    "python": lambda: of(scenarios.python),
    "no-conflict": lambda: of(scenarios.no_conflict),
    "packages": lambda: of(scenarios.packages),
    "broken": lambda: of(scenarios.broken_build),
    "inconclusive": lambda: of(scenarios.unsettled),
    "isolated-only": lambda: of(scenarios.isolated_only),
    "many": lambda: of(scenarios.many),
    "explained": explained,
    "matrix": matrix,
    "packed": packed,
    "bisected": bisected,
    "failed": failed,
    "large": large,
    "remembered": remembered,
    "left-behind": left_behind,
    "cut-short": cut_short,
    "empty": lambda: run([], {}),
}
