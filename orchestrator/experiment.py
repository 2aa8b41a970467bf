"""The whole run, in order: engine, bases, plan, side by side, the other arms, verdicts. Emits; prints nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from orchestrator import __version__, arms, bases, judge, resources
from orchestrator.arms import Conductor
from orchestrator.engines import Engine
from orchestrator.errors import UsageError
from orchestrator.events import EngineReady, EscapeTried, Planned, PlannedTrial, RunEnded, RunStarted, VerdictReached
from orchestrator.expectation import missed
from orchestrator.family import Family
from orchestrator.host import Host
from orchestrator.judge import Case
from orchestrator.labels import OWNER, PROJECT
from orchestrator.model import Base, Cell, Manifest, SharedEntry, VerdictName
from orchestrator.plan import Context, Plan, World
from orchestrator.render import dockerfile

TRY_AGAIN = 75
Judged = tuple[Case, VerdictReached]


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line chose. `arm` stops after that arm; `repeat` counts all runs of a failing environment;
    `remembered` takes what an earlier run has observed of the other arms; `build_network` is what builds get that need
    a network: `default`, `none`, `host`.
    """

    arm: str = "shared"
    repeat: int = 2
    keep_going: bool = False
    sources: tuple[bases.Source, ...] = bases.SOURCES
    remembered: bool = False
    build_network: str = "default"


def world(
    found: Mapping[str, Base],
    contexts: Mapping[str, Context],
    families: Mapping[str, Family],
    *,
    host: Host | None = None,
    run: str = "run",
    owner: str = "",
    buildkit: bool = True,
) -> World:
    """What the plan must know beside the manifest."""
    return World(
        families=families,
        bases=found,
        contexts=contexts,
        launcher=(resources.images() / "launch").read_bytes(),
        render=dockerfile,
        buildkit=buildkit,
        host=host.files if host else {},
        secret=host.secret if host else frozenset(),
        run=run,
        owner=owner,
    )


def conduct(conductor: Conductor, drawn: Plan, options: Options) -> int:
    """Carry out a plan; returns the exit code of SPEC section 5. Boxes of the isolated arm stay up."""
    alone, judged = observe(conductor, drawn, options)
    for case, reached in judged:
        if reached.verdict.name == "conflict":
            began = time.monotonic()
            for escape in arms.escapes(conductor, drawn, case, reached.verdict.kind):
                conductor.emit(EscapeTried(reached.entry, escape, round(time.monotonic() - began, 3)))
                began = time.monotonic()
    return end(conductor, alone, [reached for _, reached in judged])


def observe(conductor: Conductor, drawn: Plan, options: Options) -> tuple[list[Cell], list[Judged]]:
    """The arms, as far as the options go: the isolated cells, and what each shared entry has proved."""
    manifest = drawn.manifest
    _own(conductor.engine, drawn)
    conductor.emit(planned(drawn))
    alone = arms.isolated(conductor, drawn)
    entries = manifest.shared if options.arm != "isolated" else ()
    chosen = [trial for trial in drawn.trials if options.arm in {"shared", trial.arm}] if entries else []
    ended = any(cell.outcome != "pass" for cell in alone) and not options.keep_going
    cells = (arms.not_run if ended else arms.trials)(conductor, drawn, chosen)
    ended_by = [cell for cell in alone if ended and cell.outcome == "fail"]
    if options.arm != "shared":
        return alone, []
    return alone, [_judge(conductor, drawn, entry, [*alone, *cells[entry.name]], ended_by) for entry in entries]


def end(conductor: Conductor, alone: Sequence[Cell], verdicts: Sequence[VerdictReached]) -> int:
    """The last event, and the exit code."""
    return close(conductor, exit_code(alone, verdicts), verdicts[0].verdict.name if verdicts else None)


def close(conductor: Conductor, code: int, verdict: VerdictName | None = None) -> int:
    """The last event of a run that ends with that code."""
    conductor.emit(RunEnded(verdict, code, round(time.monotonic() - conductor.began, 3), conductor.folder))
    return code


def begin(conductor: Conductor, manifest: Manifest, run: str) -> None:
    """The first events: what is observed, and on which engine."""
    apps = {name: str(app.runtime) for name, app in manifest.apps.items()}
    marks = {name: app.runtime.source or app.mark for name, app in manifest.apps.items()}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    started = RunStarted(
        manifest.name, run, __version__, apps, manifest.shared, manifest.description, str(manifest.path), marks, now
    )
    conductor.emit(started)
    facts = conductor.engine.facts()
    conductor.emit(EngineReady(facts.kind, facts.version, facts.builder))


def planned(drawn: Plan) -> Planned:
    """What will be built and run, for whoever shows it."""
    return Planned(
        {name: image.tag for name, image in drawn.images.items()},
        tuple(
            PlannedTrial(t.entries, t.arm, t.environment, t.apps, t.lane, t.image.tag, t.box.name) for t in drawn.trials
        ),
    )


def _own(engine: Engine, drawn: Plan) -> None:
    """The same name in two folders is two projects; the second needs a name of its own."""
    project, owner = drawn.manifest.name, drawn.project.labels[OWNER]
    for found in engine.found({PROJECT: project}):
        if found.labels.get(OWNER) != owner:
            raise UsageError(
                f"another manifest's project is called {project} and has boxes here ({found.name})",
                hint=f"isolate up -p {project}-2 ..., or isolate down {project} first",
            )


def _judge(
    conductor: Conductor, drawn: Plan, entry: SharedEntry, cells: Sequence[Cell], ended_by: Sequence[Cell]
) -> Judged:
    """`ended_by` are the broken apps, of whichever entry, that ended the experiment early."""
    apps = {name: drawn.manifest.apps[name] for name in entry.apps}
    mine = tuple(cell for cell in cells if cell.app in apps or cell in ended_by)
    names = tuple(env.name for env in drawn.candidates[entry.name])
    case = arms.settled(conductor, drawn, Case(entry, apps, names, mine))
    verdict = judge.judge(case)
    wrong = missed(entry.expect, verdict, case.cells) if entry.expect else ()
    held = not wrong if entry.expect else None
    reached = VerdictReached(entry.name, entry.policy, verdict, entry.expect, held, entry.apps, wrong)
    conductor.emit(reached)
    return case, reached


def exit_code(alone: Sequence[Cell], verdicts: Sequence[VerdictReached]) -> int:
    """75 beats 1 beats 0; an expectation that holds makes any verdict good.

    An app that does not pass on its own runtime, and that no entry speaks of, speaks for itself.
    """
    judged = {name for reached in verdicts for name in reached.apps}
    outcomes = {cell.outcome for cell in alone if cell.app not in judged}
    unsettled = outcomes & {"infrastructure", "flaky"}
    return max((TRY_AGAIN if unsettled else int(bool(outcomes - {"pass"})), *map(_code, verdicts)))


def _code(reached: VerdictReached) -> int:
    if reached.as_expected:
        return 0
    if reached.verdict.name == "inconclusive":
        return TRY_AGAIN
    return int(reached.as_expected is False or reached.verdict.name == "broken")
