"""Runs as they were told: (seconds, event) lists with lines that the runtimes really print."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from orchestrator.events import (
    AppObserved,
    AppReady,
    BaseResolved,
    BoxStarted,
    BuildEnded,
    BuildLine,
    BuildStarted,
    CellObserved,
    EngineReady,
    Event,
    Planned,
    PlannedTrial,
    RunEnded,
    RunStarted,
    VerdictReached,
)
from orchestrator.judge import Case, as_expected, judge
from orchestrator.model import (
    App,
    Cell,
    Check,
    CheckResult,
    Expect,
    HttpCheck,
    Manifest,
    Mark,
    Matcher,
    Phase,
    Runtime,
    SharedEntry,
)

Story = list[tuple[float, Event]]
DOTNET = {
    "invoice": "The framework 'Microsoft.NETCore.App', version '2.2.0' was not found.",
    "telemetry": "The specified framework 'Microsoft.AspNetCore.App', version '3.1.0' was not found.",
}
PYTHON = {
    "legacy": "ModuleNotFoundError: No module named 'imp'",
    "modern": "SyntaxError: invalid syntax",
}


def app(name: str, runtime: str, line: int, *checks: Check, ports: tuple[int, ...] = (8080,)) -> App:
    family, _, version = runtime.partition("@")
    mark = Mark("manifest.yaml", line, 3)
    at = Mark("manifest.yaml", line + 1, 14)
    return App(
        name,
        Runtime(family, version, source=at),
        ("run",),
        mark,
        ports=ports,
        checks=checks or (HttpCheck("/"),),
        marks={"build": Mark("manifest.yaml", line + 2, 12)},
    )


def manifest(name: str, apps: list[App], shared: tuple[SharedEntry, ...] | None = None, description: str = "") -> Manifest:
    entry = SharedEntry("one-runtime", apps=tuple(one.name for one in apps))
    return Manifest(
        name, Path("manifest.yaml"), {one.name: one for one in apps}, (entry,) if shared is None else shared, description
    )


def image(name: str) -> str:
    return f"isolate/{name}:0123456789abcdef"


def opening(of: Manifest, versions: dict[str, str], *, source: str = "local") -> Story:
    """Up to the isolated apps that are built and up."""
    told: Story = [
        (
            0.0,
            RunStarted(
                of.name,
                "20260101-000000-abcd",
                "0.1.0",
                {name: str(one.runtime) for name, one in of.apps.items()},
                {entry.name: entry.policy for entry in of.shared},
            ),
        ),
        (0.1, EngineReady("docker", "26.1.5", "buildkit")),
    ]
    told += [
        (0.2, BaseResolved(str(one.runtime), f"isolate-base/{one.runtime}", source)) for one in of.apps.values()
    ]
    return told


def builds(of: Manifest, lines: tuple[str, ...]) -> Story:
    told: Story = []
    for name, one in of.apps.items():
        told.append((0.4, BuildStarted(image(name), f"{name} ({one.mark.short})")))
        told += [(0.8 + 0.7 * number, BuildLine(image(name), line)) for number, line in enumerate(lines)]
        told.append((4.0, BuildEnded(image(name), f"{name} ({one.mark.short})", "built", 3.6)))
    return sorted(told, key=lambda pair: pair[0])


def side_by_side(of: Manifest, versions: dict[str, str]) -> Story:
    told: Story = []
    for number, (name, one) in enumerate(of.apps.items()):
        url = f"http://127.0.0.1:{32801 + number}" if one.is_service else None
        told.append((4.1, BoxStarted(f"isolate-{of.name}-{name}", "isolated", (name,))))
        told.append((5.0 + number, AppReady(name, url, 0.9 + number)))
        state = "healthy" if one.is_service else "exited"
        checks = tuple(CheckResult(check.name, passed=True) for check in one.checks)
        told.append((6.5, AppObserved(name, str(one.runtime), versions[name], image(name), state, url, checks)))
        told.append((6.5, CellObserved(None, Cell(name, "isolated", str(one.runtime), "pass", observed=versions[name]))))
    return sorted(told, key=lambda pair: pair[0])


def others(
    of: Manifest,
    fails: dict[tuple[str, str], tuple[Phase, int | None, str]],
    versions: dict[str, str],
    entry: SharedEntry,
    orders: tuple[str, ...] = ("together",),
) -> Story:
    """The control and shared arms: `fails` maps (app, environment) to phase, exit code and quote."""
    told: Story = []
    plan: list[PlannedTrial] = []
    at = 7.0
    for arm, environment, apps, order in [
        *(("control", e, (a,), None) for a in entry.apps for e in versions),
        *(("shared", e, entry.apps, order) for e in versions for order in orders),
    ]:
        tag = image("shared") + str(len(plan))
        plan.append(PlannedTrial((entry.name,), arm, environment, apps, order, tag, f"box-{len(plan)}"))  # type: ignore[arg-type]
        told.append((at, BuildStarted(tag, f"{' + '.join(apps)} in one {environment}")))
        told.append((at + 0.2, BuildLine(tag, "STEP [stage-0 4/6] COPY --from=app /apps /apps")))
        told.append((at + 0.9, BuildEnded(tag, f"{' + '.join(apps)} in one {environment}", "built", 0.9)))
        told.append((at + 1.0, BoxStarted(f"box-{len(plan) - 1}", arm, apps)))  # type: ignore[arg-type]
        for name in apps:
            phase, code, quote = fails.get((name, environment), ("done", None, ""))
            cell = Cell(
                name,
                arm,  # type: ignore[arg-type]
                environment,
                "fail" if quote else "pass",
                tuple(other for other in apps if other != name),
                order,
                phase=phase,
                exit_code=code,
                quote=quote,
                observed=versions[environment],
            )
            told.append((at + 2.0, CellObserved(entry.name, cell)))
        at += 0.8
    planned = Planned({name: image(name) for name in of.apps}, tuple(plan))
    return [(0.3, planned), *told]


def judged(of: Manifest, story: Story, entry: SharedEntry, candidates: tuple[str, ...]) -> Story:
    """The verdict that the judge reaches, and the end."""
    cells = tuple(
        event.cell for _, event in story if isinstance(event, CellObserved) and event.entry in (None, entry.name)
    )
    verdict = judge(Case(entry, of.apps, candidates, cells))
    held = as_expected(entry.expect, verdict, cells) if entry.expect else None
    return [
        (15.0, VerdictReached(entry.name, entry.policy, verdict, entry.expect, held)),
        (15.1, RunEnded(verdict.name, 0, 15.1, "/home/me/.local/state/isolate/runs/20260101-000000-abcd")),
    ]


def told(*parts: Story) -> Story:
    return sorted((pair for part in parts for pair in part), key=lambda pair: pair[0])


def dotnet() -> tuple[Manifest, Story]:
    expect = Expect("conflict", "runtime", because=Matcher("was not found"), mark=Mark("manifest.yaml", 23, 5))
    entry = SharedEntry("one-runtime", apps=("invoice", "telemetry"), expect=expect)
    of = manifest(
        "dotnet-2.2-vs-3.1".replace(".", "-"),
        [
            app("invoice", "dotnet@2.2", 4, HttpCheck("/total", json={"total": "13.87"}, has_json=True)),
            app("telemetry", "dotnet@3.1", 13, HttpCheck("/stream", body=Matcher("done"))),
        ],
        (entry,),
        "Two C# programs, two .NET Core runtimes, one machine.",
    )
    versions = {"invoice": "2.2.2", "telemetry": "3.1.2"}
    fails: dict[tuple[str, str], tuple[Phase, int | None, str]] = {
        ("invoice", "dotnet@3.1"): ("start", 150, DOTNET["invoice"]),
        ("telemetry", "dotnet@2.2"): ("start", 150, DOTNET["telemetry"]),
    }
    lines = (
        "STEP [build 3/6] COPY *.csproj ./",
        "STEP [build 4/6] RUN dotnet restore",
        "  Restore completed in 1.15 sec for /src/Invoice.csproj.",
        "STEP [build 6/6] RUN dotnet publish -c Release -o /app",
    )
    story = told(
        opening(of, versions),
        builds(of, lines),
        side_by_side(of, versions),
        others(of, fails, {"dotnet@3.1": "3.1.2", "dotnet@2.2": "2.2.2"}, entry),
    )
    return of, [*story, *judged(of, story, entry, ("dotnet@3.1", "dotnet@2.2"))]


def python(orders: tuple[str, ...] = ("together",)) -> tuple[Manifest, Story]:
    entry = SharedEntry("one-runtime", apps=("legacy", "modern"))
    of = manifest(
        "python-3-8-vs-3-12",
        [app("legacy", "python@3.8", 4, ports=()), app("modern", "python@3.12", 13)],
        (entry,),
        "A Celery of 2020 and the syntax of 2023.",
    )
    versions = {"legacy": "3.8.18", "modern": "3.12.1"}
    fails: dict[tuple[str, str], tuple[Phase, int | None, str]] = {
        ("legacy", "python@3.12"): ("check", 1, f"exit 0: exit 1, not 0: {PYTHON['legacy']}"),
        ("modern", "python@3.8"): ("start", 1, PYTHON["modern"]),
    }
    story = told(
        opening(of, versions, source="registry"),
        builds(of, ("STEP [2/5] RUN pip install -r requirements.txt", "Collecting celery==4.4.7")),
        side_by_side(of, versions),
        others(of, fails, {"python@3.12": "3.12.1", "python@3.8": "3.8.18"}, entry, orders),
    )
    return of, [*story, *judged(of, story, entry, ("python@3.12", "python@3.8"))]


def no_conflict() -> tuple[Manifest, Story]:
    entry = SharedEntry("one-runtime", apps=("old", "new"), expect=Expect("conflict", mark=Mark("manifest.yaml", 20, 5)))
    of = manifest("both-fine", [app("old", "python@3.8", 3), app("new", "python@3.12", 9)], (entry,))
    versions = {"old": "3.8.18", "new": "3.12.1"}
    story = told(
        opening(of, versions),
        builds(of, ()),
        side_by_side(of, versions),
        others(of, {}, {"python@3.12": "3.12.1", "python@3.8": "3.8.18"}, entry),
    )
    return of, [*story, *judged(of, story, entry, ("python@3.12", "python@3.8"))]


def broken_build() -> tuple[Manifest, Story]:
    """pip refuses one app's own requirements."""
    of = manifest("one-broken", [app("shop", "python@3.8", 3), app("fine", "python@3.12", 9)])
    (entry,) = of.shared
    tail = (
        "STEP [1/4] FROM isolate-base/python:3.8",
        "STEP [2/4] COPY app/requirements.txt isolate/",
        "STEP [3/4] RUN python -m pip install -r isolate/requirements.txt",
        "ERROR: Ignored the following versions that require a different python version: 5.0 Requires-Python >=3.10",
        "ERROR: Could not find a version that satisfies the requirement Django==5.0.6 (from versions: 1.1.3, 4.2.16)",
        "ERROR: No matching distribution found for Django==5.0.6",
        'ERROR: process "/bin/sh -c python -m pip install" did not complete successfully: exit code: 1',
    )
    quote = tail[5]
    lost = Cell("shop", "isolated", "python@3.8", "fail", phase="build", exit_code=1, quote=quote)
    fine = [
        (at, event)
        for at, event in told(builds(of, ()), side_by_side(of, {"shop": "", "fine": "3.12.1"}))
        if "shop" not in str(event)
    ]
    story: Story = told(
        opening(of, {}),
        [(0.4, BuildStarted(image("shop"), "shop (manifest.yaml:3)"))],
        [(3.0, BuildEnded(image("shop"), "shop (manifest.yaml:3)", "refused", 2.6, tail))],
        [(3.1, AppObserved("shop", "python@3.8", None, image("shop"), "failed", None, (), tail))],
        [(3.1, CellObserved(None, lost, tail))],
        fine,
        [
            (7.0, CellObserved(entry.name, Cell(name, arm, env, "not-run", beside, order)))
            for env in ("python@3.12", "python@3.8")
            for arm, order, names in (("control", None, ("shop",)), ("control", None, ("fine",)), ("shared", "together", entry.apps))
            for name in names
            for beside in (tuple(other for other in names if other != name),)
        ],
    )
    return of, [*story, *judged(of, story, entry, ("python@3.12", "python@3.8"))]


def unsettled() -> tuple[Manifest, Story]:
    """The network is gone while the control arm builds."""
    of, story = python()
    gone = "Temporary failure in name resolution"
    mended: Story = []
    for at, event in story:
        match event:
            case CellObserved(entry=str(), cell=cell) if cell.environment == "python@3.8":
                lost = replace(cell, outcome="infrastructure", phase="build", exit_code=1, quote=gone, observed=None)
                mended.append((at, replace(event, cell=lost)))
            case VerdictReached() | RunEnded():
                pass
            case _:
                mended.append((at, event))
    return of, [*mended, *judged(of, mended, of.shared[0], ("python@3.12", "python@3.8"))]


def hostile(payload: str) -> tuple[Manifest, Story]:
    """Whatever an app or a build can print is the payload."""
    of, story = dotnet()
    mended: Story = []
    for at, event in story:
        match event:
            case BuildLine():
                mended.append((at, replace(event, text=payload)))
            case AppObserved(app="invoice"):
                mended.append((at, replace(event, state="failed", observed=payload, tail=(payload, payload))))
            case CellObserved(cell=cell) if cell.app == "invoice":
                mended.append((at, replace(event, cell=replace(cell, outcome="fail", phase="start", quote=payload))))
            case VerdictReached(verdict=verdict):
                mended.append((at, replace(event, verdict=replace(verdict, because=(payload,)))))
            case _:
                mended.append((at, event))
    return of, mended


def isolated_only() -> tuple[Manifest, Story]:
    of, story = dotnet()
    kept = [(at, e) for at, e in story if at < 7 and not isinstance(e, Planned | VerdictReached)]
    return of, [*kept, (7.0, RunEnded(None, 0, 7.0))]


def many(count: int = 50) -> tuple[Manifest, Story]:
    apps = [app(f"app-{number}", "python@3.12", 3 + number) for number in range(count)]
    of = manifest("many", apps, ())
    versions = {one.name: "3.12.1" for one in apps}
    return of, told(opening(of, versions), builds(of, ("STEP [2/4] COPY app .",)), side_by_side(of, versions))
