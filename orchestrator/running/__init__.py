"""A whole run, from files to cleaning up: read the manifest, open the engine, plan, carry out, record.

What verbs and the pytest plugin share. Heavy imports wait until something runs.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.errors import Interrupted, IsolateError, Unavailable, UsageError

if TYPE_CHECKING:
    from orchestrator.arms import Conductor
    from orchestrator.engines import Engine
    from orchestrator.engines.locate import Endpoint
    from orchestrator.experiment import Options
    from orchestrator.model import Limits, Manifest, Runtime
    from orchestrator.plan import Context, Plan
    from orchestrator.running.teller import Teller

Act = Callable[..., int]
Kept = Callable[[Path], None]
LONGEST = 41
"""Characters of a project's name."""
ADVICE = "isolate down {} removes what is left"
INTERRUPTED_SECONDS = 0.4
"""Creating a network takes the engine 0.1 to 0.3 s, whoever still waits for it."""


def endpoint() -> Endpoint:
    """Where the engine in use is; raises Unavailable with the command that starts one."""
    from orchestrator.engines.locate import locate

    if found := locate():
        return found
    raise Unavailable("no engine answers", hint="isolate engine start, or start Docker")


def open_engine(at: Endpoint | None = None) -> Engine:
    """The engine there, or else the one in use; raises Unavailable."""
    from orchestrator.engines.docker import DockerEngine
    from orchestrator.engines.locate import tls_of

    found = at or endpoint()
    return DockerEngine(found.url, tls_of(found.certificates))


def options(
    arm: str = "shared",
    repeat: int | None = None,
    base: str = "auto",
    *,
    keep_going: bool = False,
    remembered: bool = False,
    build_network: str = "default",
) -> Options:
    """What was chosen, and the defaults of a run: a failing environment is run twice, in CI three times."""
    from orchestrator.bases import SOURCES
    from orchestrator.experiment import Options

    sources = SOURCES if base == "auto" else (base,)
    runs = repeat or (3 if os.environ.get("CI") else 2)
    return Options(arm, runs, keep_going, sources, remembered, build_network)  # type: ignore[arg-type]


def owner(path: Path) -> str:
    """A hash of the manifest's real path: the same name in two folders is two projects."""
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:16]


def manifest(
    paths: Iterable[str | Path],
    *,
    project: str | None = None,
    together: bool = False,
    apps: Sequence[str] = (),
    shared: Sequence[str] = (),
    limits: Sequence[str] = (),
) -> Manifest:
    """These manifests, cut down to the selection, with the operator's limits (`memory=2G`)."""
    from orchestrator.files import load
    from orchestrator.plan import select

    chosen = select(load([Path(path) for path in paths], project=project, together=together), apps, shared)
    raise_ = raised(limits)
    return replace(chosen, apps={name: replace(app, limits=raise_(app.limits)) for name, app in chosen.apps.items()})


def raised(given: Sequence[str]) -> Callable[[Limits], Limits]:
    """`--limit memory=2G` -> a function over an app's limits. Only the operator may raise them."""
    from orchestrator.manifest.meanings import LEAST_MEMORY, size_in_bytes

    readers: dict[str, tuple[str, Callable[[str], int], int]] = {
        "memory": ("memory", lambda text: int(size_in_bytes(text)), LEAST_MEMORY),
        "cpus": ("nano_cpus", lambda text: round(float(text) * 1e9), 10_000_000),
        "pids": ("pids", int, 1),
    }
    values: dict[str, int] = {}
    for word in given:
        name, _, text = word.partition("=")
        try:
            field, read, least = readers[name]
            values[field] = read(text)
        except (KeyError, ValueError, OverflowError):
            raise UsageError(f"--limit {word} is not a cap", hint="memory=2G, cpus=2 or pids=512") from None
        if values[field] < least:
            raise UsageError(f"--limit {word} is too little", hint="memory=2G, cpus=2 or pids=512")
    return lambda limits: replace(limits, **values)


def contexts(of: Manifest) -> Mapping[str, Context]:
    from orchestrator.contexts import read

    return {name: read(app) for name, app in of.apps.items()}


def draft(of: Manifest, base: str = "official") -> Plan:
    """The plan as it would be, without an engine: on official images, or on the `recipe`s'. Raises Unavailable."""
    from orchestrator import bases, experiment
    from orchestrator.plan import compile_plan, needed
    from orchestrator.runtimes import families

    found = (bases.official if base == "official" else bases.from_recipes)(needed(of))
    world = experiment.world(found, contexts(of), families(), owner=owner(of.path), buildkit=False)
    return compile_plan(of, world)


def document_of(events: list[Any]) -> Mapping[str, Any]:
    from orchestrator.reports.result import result

    return result(events)


def carry_out(
    of: Manifest,
    options: Options,
    progress: Any,
    act: Act | None = None,
    kept: Kept = lambda _: None,
    called: str = "",
) -> tuple[int, list[Any]]:
    """The experiment on the engine in use; the exit code and all events. Interrupted, it removes what it made.

    `act` carries the plan out, and is told the machine's settings; `experiment.conduct` where none is given.
    `kept` is given the run's folder when all is in it, however the run has ended.
    `called` is what the record calls the project, where its boxes have a borrowed name.

    Raises ManifestError, before the engine is looked for, where an entry cannot be tried or a context not be sent.
    """
    from orchestrator import bases, locks, runs
    from orchestrator.arms import Conductor
    from orchestrator.memory import Memory
    from orchestrator.plan import needed
    from orchestrator.recipes import command
    from orchestrator.running.signals import interruptible, undisturbed
    from orchestrator.running.teller import Teller
    from orchestrator.runtimes import families

    runtimes, files = needed(of), contexts(of)
    run, stopping, advice = runs.identity(), threading.Event(), ADVICE.format(of.name)
    engine: Engine | None = None

    def stop() -> None:
        stopping.set()
        command.stop()
        if engine:
            engine.cancel()

    with ExitStack() as stack:
        folder = runs.RunFolder(of.name, run)
        stack.callback(folder.close)
        emit = Teller(folder.take, progress, stop)
        stack.callback(lambda: kept(folder.path))
        stack.enter_context(_recorded(emit, lambda: folder.result(document_of(emit.events))))
        stack.enter_context(undisturbed(advice))
        try:
            with interruptible(stop, advice):
                stack.enter_context(locks.only_one(of.name))
                runs.forget(folder.path)
                engine = open_engine()
                more = partial(bases.choose, engine, emit=emit, sources=options.sources)
                memory = Memory(use=options.remembered)
                conductor = Conductor(
                    engine, families(), emit, more, options.repeat, str(folder.path), folder.log, memory, stop=stopping
                )
                code = _experiment(conductor, of, runtimes, files, options, run, folder, act, called or of.name)
        except (KeyboardInterrupt, Exception) as error:
            if not (stopping.is_set() or isinstance(error, KeyboardInterrupt)):
                raise
            code = _interrupted(engine, emit, of, run)
    return code, emit.events


def _interrupted(engine: Engine | None, emit: Teller, of: Manifest, run: str) -> int:
    """Removes what this run made; returns the exit code. Raises BrokenPipeError where nobody reads what is told."""
    from orchestrator.events import Failed

    if engine:
        removed = clean_up(engine, of.name, owner(of.path), run)
        emit(removed)
        _removed(removed, of.name)
    if emit.gone:
        raise emit.gone
    error = Interrupted("interrupted; what this run made is removed")
    emit(Failed(error.message, error.where, error.hint, error.exit_code))
    return error.exit_code


@contextmanager
def _recorded(emit: Teller, write: Callable[[], None]) -> Iterator[None]:
    """The result is written however the run ends; an error is an event of it, and goes on with what was seen."""
    from orchestrator.events import Failed, RunStarted

    try:
        yield
    except IsolateError as error:
        emit(Failed(error.message, error.where, error.hint, error.exit_code, error.excerpt))
        if any(isinstance(event, RunStarted) for event in emit.events):
            error.seen = document_of(emit.events)
        raise
    finally:
        write()


def _experiment(
    conductor: Conductor,
    of: Manifest,
    runtimes: Sequence[Runtime],
    files: Mapping[str, Context],
    options: Options,
    run: str,
    folder: Any,
    act: Act | None,
    called: str,
) -> int:
    from orchestrator import bases, experiment, host
    from orchestrator.plan import compile_plan

    experiment.begin(conductor, replace(of, name=called), run)
    settings = host.settings({app.runtime.family for app in of.apps.values()})
    conductor.engine.equip(settings.arguments, options.build_network)
    found = bases.choose(conductor.engine, runtimes, conductor.emit, options.sources)
    world = experiment.world(
        found,
        files,
        conductor.families,
        host=settings,
        run=run,
        owner=owner(of.path),
        buildkit=conductor.engine.facts().builder == "buildkit",
    )
    drawn = compile_plan(of, world)
    folder.dockerfiles({image.tag: image.dockerfile for image in _images(drawn)})
    return act(conductor, drawn, options, settings) if act else experiment.conduct(conductor, drawn, options)


def _images(drawn: Plan) -> list[Any]:
    return [*drawn.images.values(), *(trial.image for trial in drawn.trials)]


def borrow(
    of: Manifest, verb: str, options: Options, progress: Any, act: Act | None = None, kept: Kept = lambda _: None
) -> tuple[int, list[Any]]:
    """`carry_out` in a project of its own, so that what `up` has left stays; its boxes are removed however it ends.

    Raises Unavailable where that cannot be done.
    """
    from orchestrator.running.signals import undisturbed

    with undisturbed(ADVICE.format(_lent(of, verb))), borrowed(of, verb, options, progress, act, kept) as ran:
        return ran


@contextmanager
def borrowed(
    of: Manifest, verb: str, options: Options, progress: Any, act: Act | None = None, kept: Kept = lambda _: None
) -> Iterator[tuple[int, list[Any]]]:
    """The same, and inside what the run leaves up is up. `verb` is the end of the project's name."""
    from orchestrator import locks
    from orchestrator.events import RunStarted
    from orchestrator.running.signals import undisturbed

    called, of = of.name, replace(of, name=_lent(of, verb))
    run: list[str] = []

    def tell(event: Any) -> None:
        run.extend([event.run] if isinstance(event, RunStarted) else [])
        progress(event)

    with locks.lent(of.name):
        try:
            yield carry_out(of, options, tell, act, kept, called)
        finally:
            if run:
                with undisturbed(ADVICE.format(of.name)):
                    _removed(clean_up(open_engine(), of.name, owner(of.path), run[0]), of.name)


def _lent(of: Manifest, verb: str) -> str:
    """The name of the project that a verb borrows."""
    return f"{of.name[: LONGEST - len(verb) - 1]}-{verb}"


def _removed(removed: Any, project: str) -> None:
    if removed.left:
        raise Unavailable(f"not removed: {', '.join(removed.left)}", hint=f"isolate down {project}")


def clean_up(engine: Engine, project: str, whose: str, run: str) -> Any:
    """Remove what one run made: its boxes, and the project's network where nothing else uses it.

    The request that the signal cut short may still complete, hence more than one look.
    """
    from orchestrator.events import Removed
    from orchestrator.running.sweep import merged, sweep

    ours = {"io.isolate.project": project, "io.isolate.owner": whose}
    swept = sweep(engine, {**ours, "io.isolate.run": run}, INTERRUPTED_SECONDS)
    if not engine.found(ours):
        swept = merged([swept, sweep(engine, ours, INTERRUPTED_SECONDS)])
    return Removed(swept.containers, swept.networks, swept.volumes, swept.left)
