"""Runs as they were told: (seconds, event) lists, with lines that the runtimes and installers really print."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from operator import itemgetter

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
    EnvironmentsPacked,
    EscapeTried,
    Event,
    Explained,
    Failed,
    GridDrawn,
    Planned,
    PlannedTrial,
    Removed,
    RunEnded,
    RunStarted,
    StepStarted,
    VerdictReached,
    VersionBisected,
)
from orchestrator.expectation import missed
from orchestrator.judge import Case, judge
from orchestrator.model import (
    App,
    Bin,
    Bisected,
    Cell,
    CheckResult,
    Claim,
    Demand,
    Escape,
    Expect,
    Explanation,
    Grid,
    HttpCheck,
    Manifest,
    Mark,
    Matcher,
    Packed,
    Proof,
    Row,
    SharedEntry,
)
from worlds import job, manifest, service

Story = list[tuple[float, Event]]
PYTHONS = {"python@3.12": "3.12.1", "python@3.8": "3.8.18"}
Run = tuple[Manifest, Story]
OK = Cell("", "isolated", "", "pass")
DOTNET_STEPS = (
    "STEP [build 4/6] RUN dotnet restore",
    "  Restore completed in 1.15 sec for /src/Invoice.csproj.",
    "",
    "STEP [build 6/6] RUN dotnet publish -c Release -o /app",
)
PIP_REFUSES = (
    "STEP [1/4] FROM isolate-base/python:3.8",
    "STEP [2/4] COPY app/requirements.txt isolate/",
    "STEP [3/4] RUN python -m pip install -r isolate/requirements.txt",
    "ERROR: Ignored the following versions that require a different python version: 5.0 Requires-Python >=3.10",
    "ERROR: Could not find a version that satisfies the requirement Django==5.0.6 (from versions: 1.1.3, 4.2.16)",
    "ERROR: No matching distribution found for Django==5.0.6",
    'ERROR: process "/bin/sh -c python -m pip install" did not complete successfully: exit code: 1',
)
EXPECTED = Mark("manifest.yaml", 23, 5)
PAYLOADS = {
    "escape codes": "\x1b[31mred\x1b[0m \x1b]0;owned\x07 \x1b[2J \x9b2J",
    "carriage return and backspace": "harmless\rEVIL\b\b\b\b",
    "rich markup": "[red]red[/red] [link=http://evil.example]click[/link] [/nothing] :skull:",
    "bidirectional": "\u202egnp.exe \u2066hidden\u2069",
    "CI commands": "::error::owned\n::set-output name=a::b\n##[command]ls",
    "many lines": "\n" * 10_000 + "end",
    "a megabyte": "A" * 1_000_000,
    "a lone surrogate": "\ud800",
    "percent and braces": "%s {0} {{7*7}}",
}
"""What apps and builds may print."""


def fail(quote: str, exit_code: int | None = 1, **facts: object) -> Cell:
    return replace(OK, **{"outcome": "fail", "phase": "start", "exit_code": exit_code, "quote": quote, **facts})  # type: ignore[arg-type]


def at_line(app: App, line: int) -> App:
    declared = replace(app.runtime, source=Mark("manifest.yaml", line + 1, 14))
    marks = {"build": Mark("manifest.yaml", line + 2, 12)}
    return replace(app, mark=Mark("manifest.yaml", line, 3), runtime=declared, marks=marks)


def image(name: str) -> str:
    return f"isolate/{name}:0123456789abcdef"


def label(app: App) -> str:
    return f"{app.name} ({app.mark.short})"


def opening(of: Manifest, source: str = "local") -> Story:
    apps = {name: str(app.runtime) for name, app in of.apps.items()}
    bases = [BaseResolved(runtime, f"base of {runtime}", source) for runtime in apps.values()]
    started = RunStarted(of.name, "20260101-000000-abcd", "0.1.0", apps, of.shared, of.description)
    return [(0.0, started), (0.1, EngineReady("docker", "26.1.5", "buildkit")), *((0.2, base) for base in bases)]


def side_by_side(
    of: Manifest, versions: Mapping[str, str], steps: tuple[str, ...] = ()
) -> Iterator[tuple[float, Event]]:
    """Every app is built, started and healthy, one after the other by half a second."""
    for number, app in enumerate(of.apps.values()):
        late, own = number / 2, str(app.runtime)
        url = f"http://127.0.0.1:{32801 + number}" if app.is_service else None
        yield 0.4, BuildStarted(image(app.name), label(app))
        yield from ((0.8 + 0.7 * step, BuildLine(image(app.name), text)) for step, text in enumerate(steps))
        yield 4.0, BuildEnded(image(app.name), label(app), "built", 3.6)
        yield 4.1, BoxStarted(f"isolate-{of.name}_{app.name}", "isolated", (app.name,))
        yield 5.0 + late, AppReady(app.name, url, 0.9 + late)
        state, observed = "healthy" if app.is_service else "exited", versions[own]
        yield 6.0 + late, AppObserved(app.name, own, observed, image(app.name), state, url, ())  # type: ignore[arg-type]
        yield 6.0 + late, CellObserved(None, replace(OK, app=app.name, environment=own, observed=observed))


def trials(entry: SharedEntry, environments: Mapping[str, str], orders: tuple[str, ...]) -> list[PlannedTrial]:
    alone = [("control", place, (app,), None) for place in environments for app in entry.apps]
    joint = [("shared", place, entry.apps, order) for place in environments for order in orders]
    return [
        PlannedTrial((entry.name,), arm, place, apps, order, f"{image('shared')}{number}", f"box-{number}")  # type: ignore[arg-type]
        for number, (arm, place, apps, order) in enumerate([*alone, *joint])
    ]


def others(
    entry: SharedEntry, versions: Mapping[str, str], fails: Mapping[tuple[str, str], Cell], orders: tuple[str, ...]
) -> Iterator[tuple[float, Event]]:
    """The control and shared arms; `fails` maps (app, environment) to the cell that is seen there."""
    planned = trials(entry, versions, orders)
    yield 0.3, Planned({name: image(name) for name in entry.apps}, tuple(planned))
    for number, trial in enumerate(planned):
        at, cause = 7.0 + 0.8 * number, f"{' + '.join(trial.apps)} in one {trial.environment}"
        yield at, BuildStarted(trial.image, cause)
        yield at + 0.2, BuildLine(trial.image, "STEP [stage-0 4/6] COPY --from=app /apps /apps")
        yield at + 0.9, BuildEnded(trial.image, cause, "built", 0.9)
        yield at + 1.0, BoxStarted(trial.box, trial.arm, trial.apps)
        for name in trial.apps:
            cell = replace(
                fails.get((name, trial.environment), OK),
                app=name,
                arm=trial.arm,
                environment=trial.environment,
                beside=tuple(other for other in trial.apps if other != name),
                order=trial.order,
                observed=versions[trial.environment],
            )
            yield at + 2.0, CellObserved(entry.name, cell)


def judged(of: Manifest, story: Story, environments: Iterable[str]) -> Story:
    """The story in order, and the verdict that the judge reaches."""
    (entry,) = of.shared
    cells = tuple(event.cell for _, event in story if isinstance(event, CellObserved))
    verdict = judge(Case(entry, of.apps, tuple(environments), cells))
    wrong = missed(entry.expect, verdict, cells) if entry.expect else ()
    held = not wrong if entry.expect else None
    reached = VerdictReached(entry.name, entry.policy, verdict, entry.expect, held, entry.apps, wrong)
    ended = RunEnded(verdict.name, int(held is False), 15.1, "/home/me/runs/20260101-000000-abcd")
    return [*sorted(story, key=itemgetter(0)), (15.0, reached), (15.1, ended)]


def told(
    of: Manifest,
    versions: Mapping[str, str],
    fails: Mapping[tuple[str, str], Cell],
    steps: tuple[str, ...] = (),
    orders: tuple[str, ...] = ("together",),
) -> Run:
    """`versions` maps each environment, newest first, to the version that its box answers."""
    (entry,) = of.shared
    story = [*opening(of), *side_by_side(of, versions, steps), *others(entry, versions, fails, orders)]
    return of, judged(of, story, versions)


# --- the runs ------------------------------------------------------------------------------------------------


def dotnet() -> Run:
    """A conflict that the manifest expects."""
    invoice = at_line(service("invoice", "dotnet@2.2", checks=(HttpCheck("/total"),)), 4)
    telemetry = at_line(service("telemetry", "dotnet@3.1", checks=(HttpCheck("/stream?from=0&to=9"),)), 13)
    expect = Expect("conflict", "runtime", because=Matcher("was not found"), mark=EXPECTED)
    entry = SharedEntry("one-runtime", apps=("invoice", "telemetry"), expect=expect)
    of = replace(
        manifest(invoice, telemetry, shared=(entry,), name="dotnet-pair"),
        description="Two C# programs, two .NET Core runtimes, one machine.",
    )
    fails = {
        ("invoice", "dotnet@3.1"): fail("The framework 'Microsoft.NETCore.App', version '2.2.0' was not found.", 150),
        ("telemetry", "dotnet@2.2"): fail(
            "The specified framework 'Microsoft.AspNetCore.App', version '3.1.0' was not found.", 150
        ),
    }
    return told(of, {"dotnet@3.1": "3.1.2", "dotnet@2.2": "2.2.2"}, fails, DOTNET_STEPS)


def python() -> Run:
    """A service and a job, in both orders of installing, that nobody expects anything of."""
    legacy, modern = at_line(job("legacy", "python@3.8"), 4), at_line(service("modern", "python@3.12"), 13)
    missing = "exit 0: exit 1, not 0: ModuleNotFoundError: No module named 'imp'"
    fails = {
        ("legacy", "python@3.12"): fail(missing, 1, phase="check"),
        ("modern", "python@3.8"): fail("SyntaxError: invalid syntax", 1),
    }
    return told(manifest(legacy, modern, name="pythons"), PYTHONS, fails, orders=("together", "in-order"))


def no_conflict() -> Run:
    """The manifest expects a conflict, and there is none."""
    entry = SharedEntry("one-runtime", apps=("old", "new"), expect=Expect("conflict", mark=EXPECTED))
    old, new = at_line(service("old", "python@3.8"), 3), at_line(service("new", "python@3.12"), 9)
    return told(manifest(old, new, shared=(entry,), name="both-fine"), PYTHONS, {})


def packages() -> Run:
    """Both run at 3.12, but not with each other's packages."""
    entry = SharedEntry("one-runtime", apps=("old", "new"), environment={"PIP_NO_INPUT": "1"})
    of = manifest(service("old", "python@3.12"), service("new", "python@3.12"), shared=(entry,), name="two-pydantics")
    refused = "ERROR: Cannot install pydantic==1.10.21 and pydantic==2.7.4 because these package versions conflict"

    def joint(_: float, event: Event) -> Event:
        if isinstance(event, CellObserved) and event.cell.beside:
            return replace(event, cell=replace(event.cell, outcome="fail", phase="build", exit_code=1, quote=refused))
        return event

    return mended(told(of, {"python@3.12": "3.12.1"}, {}), joint)


def broken_build() -> Run:
    """The installer refuses one app's own requirements; nothing is shared any more."""
    shop, fine = at_line(service("shop", "python@3.8"), 3), at_line(service("fine", "python@3.12"), 9)

    def refused(_: float, event: Event) -> Event | None:
        match event:
            case BuildEnded(image=tag) if tag == image("shop"):
                return replace(event, outcome="refused", tail=PIP_REFUSES)
            case AppObserved(app="shop"):
                return replace(event, state="failed", observed=None, url=None, tail=PIP_REFUSES)
            case CellObserved(entry=None, cell=cell) if cell.app == "shop":
                return replace(event, cell=replace(cell, outcome="fail", phase="build", quote=PIP_REFUSES[5]))
            case CellObserved(entry=str(), cell=cell):
                return replace(event, cell=replace(cell, outcome="not-run"))
            case BoxStarted(apps=("shop",)) | AppReady(app="shop") | BoxStarted(arm="control" | "shared"):
                return None
            case BuildStarted(cause=cause) | BuildEnded(cause=cause) if " in one " in cause:
                return None
        return event

    return mended(told(manifest(shop, fine, name="one-broken"), PYTHONS, {}), refused)


def unsettled() -> Run:
    """The network is gone while the boxes of 3.8 are built, and one box of 3.12 cannot make up its mind."""

    def gone(_: float, event: Event) -> Event:
        match event:
            case CellObserved(entry=str(), cell=cell) if cell.environment == "python@3.8":
                lost = "Temporary failure in name resolution"
                return replace(event, cell=replace(cell, outcome="infrastructure", phase="build", quote=lost))
            case CellObserved(entry=str(), cell=cell) if cell.app == "legacy":
                return replace(event, cell=replace(cell, outcome="flaky", quote=f"flaky 1/2: {cell.quote}"))
        return event

    return mended(python(), gone)


def isolated_only() -> Run:
    """`--arm isolated`: the run ends before anything is shared."""
    of, story = dotnet()
    return of, [*((at, event) for at, event in story if at < 7), (7.0, RunEnded(None, 0, 7.0))]


def many() -> Run:
    """Twenty apps and no shared entry."""
    of = manifest(*(service(f"app-{number}", "python@3.12") for number in range(20)), shared=(), name="many")
    story = sorted([*opening(of), *side_by_side(of, PYTHONS)], key=itemgetter(0))
    return of, [*story, (15.9, RunEnded(None, 0, 15.9))]


def hostile(payload: str) -> Run:
    """Whatever an app, a build or a box can print is the payload."""

    def said(_: float, event: Event) -> Event:
        match event:
            case BuildLine():
                return replace(event, text=payload)
            case AppObserved(app="invoice"):
                return replace(event, state="failed", observed=payload, tail=(payload, payload))
            case CellObserved(cell=cell) if cell.app == "invoice":
                return replace(event, cell=replace(cell, outcome="fail", phase="start", quote=payload))
            case VerdictReached(verdict=verdict):
                return replace(event, verdict=replace(verdict, because=(payload,)))
        return event

    of, story = dotnet()
    return of, [(at, said(at, event)) for at, event in story]


def expecting(run: Run, expect: Expect) -> Run:
    """The same run of a manifest that expects this."""
    of, story = run
    cells = [event.cell for _, event in story if isinstance(event, CellObserved)]

    def changed(event: Event) -> Event:
        match event:
            case RunStarted():
                return replace(event, shared=tuple(replace(one, expect=expect) for one in event.shared))
            case VerdictReached():
                wrong = missed(expect, event.verdict, cells)
                return replace(event, expect=expect, as_expected=not wrong, missed=wrong)
        return event

    return of, [(at, changed(event)) for at, event in story]


def searched() -> Run:
    """What no other story tells: how long steps took, ways out, an explanation, and all that the searches find."""
    of, story = dotnet()
    story = [(at, _timed(event)) for at, event in story]
    cell = fail("was not found", 150, app="invoice", environment="dotnet@3.1", checks=(CheckResult("GET /", True),))
    line = Demand("invoice", "runtime: dotnet@2.2", EXPECTED)
    why = Explanation((line,), ("because",), (Proof("fails", "all of them"), Proof("passes", "", line)), ("nothing",))
    claim = Claim("netcoreapp2.2", EXPECTED, ("dotnet@2.2",))
    row = Row("invoice", "dotnet@2.2", (cell,), cell, (claim,), ("dotnet@3.1",), ("dotnet@2.2",))
    env = Bin("dotnet@3.1", ("invoice",), (cell,))
    packed = Packed(("dotnet@3.1",), (env,), (cell,), (env,), True, ("repaired",), ("apart",), 2, 3)
    found = Bisected("invoice", "dotnet@2.2", "breaks", "dotnet@3.1", None, True, (cell,), ("dotnet@3.0",), 4)
    told: list[Event] = [
        StepStarted("one-runtime", "asks why"),
        EscapeTried("one-runtime", Escape("order", "fail", "the other order", (cell,)), 4.2),
        EscapeTried("one-runtime", Escape("roll-forward", "not-run", "there is no such setting")),
        Explained("one-runtime", why),
        GridDrawn(Grid(("dotnet@3.1",), (row,))),
        EnvironmentsPacked(packed),
        VersionBisected(found),
        Removed(("box",), ("net",), ("volume",), ("left",)),
    ]
    return of, [*story[:-1], *((15.05, event) for event in told), story[-1]]


def _timed(event: Event) -> Event:
    """The base of 2.2 is made, boxes take a second, and one of them is remembered."""
    match event:
        case BaseResolved(runtime="dotnet@2.2"):
            return replace(event, source="recipe", seconds=61.5, tried=("registry: no answer",))
        case CellObserved(entry=str(), cell=Cell(arm="control", app="telemetry") as cell):
            return replace(event, cell=replace(cell, seconds=0.9, remembered="2026-01-01T00:00:00+00:00"))
        case CellObserved():
            return replace(event, cell=replace(event.cell, seconds=1.2))
    return event


def interrupted() -> Run:
    """Ctrl-C while the apps are built: what was made is removed, and no verdict is reached."""
    of, story = dotnet()
    failed = Failed("interrupted; what this run made is removed", "", "", 130, ("the last line",))
    return of, [*((at, event) for at, event in story if at < 3), (3.0, Removed(("box",))), (3.1, failed)]


STORIES = (dotnet, python, no_conflict, packages, broken_build, unsettled, isolated_only, many, searched, interrupted)
"""Between them they tell every kind of event."""


def mended(run: Run, change: Callable[[float, Event], Event | None]) -> Run:
    """Another story, and what the judge makes of it; events that become None are left out."""
    of, story = run
    kept = [(at, event) for at, event in story if not isinstance(event, VerdictReached | RunEnded)]
    changed = [(at, new) for at, event in kept if (new := change(at, event)) is not None]
    seen = {event.cell.environment for _, event in changed if isinstance(event, CellObserved)}
    return of, judged(of, changed, [name for name in PYTHONS if name in seen])
