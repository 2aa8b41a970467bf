"""A whole run, from files to the record: open the engine, plan, carry out, clean up when interrupted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.errors import Interrupted, IsolateError
from orchestrator.running.chosen import contexts, owner
from orchestrator.running.engine import open_engine
from orchestrator.running.sweep import clean_up, removed_all

if TYPE_CHECKING:
    from orchestrator.arms import Conductor
    from orchestrator.engines import Engine
    from orchestrator.experiment import Options
    from orchestrator.model import Manifest, Runtime
    from orchestrator.plan import Context, Plan
    from orchestrator.running.teller import Teller

Act = Callable[..., int]
Kept = Callable[[Path], None]
ADVICE = "isolate down {} removes what is left"


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
    whose = owner(of.path)  # now: the folder that a relative path stands in may be moved meanwhile
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
                    engine,
                    families(),
                    emit,
                    more,
                    options.repeat,
                    str(folder.path),
                    folder.log,
                    memory,
                    offline=options.build_network == "none",
                    stop=stopping,
                )
                code = _experiment(conductor, of, whose, runtimes, files, options, run, folder, act, called or of.name)
        except (KeyboardInterrupt, Exception) as error:
            if not (stopping.is_set() or isinstance(error, KeyboardInterrupt)):
                raise
            code = _interrupted(engine, emit, of, whose, run)
    return code, emit.events


def _interrupted(engine: Engine | None, emit: Teller, of: Manifest, whose: str, run: str) -> int:
    """Removes what this run made; returns the exit code. Raises BrokenPipeError where nobody reads what is told."""
    from orchestrator.events import Failed

    if engine:
        removed = clean_up(engine, of.name, whose, run)
        emit(removed)
        removed_all(removed, of.name)
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
    whose: str,
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
        owner=whose,
        buildkit=conductor.engine.facts().builder == "buildkit",
    )
    drawn = compile_plan(of, world)
    folder.dockerfiles({image.tag: image.dockerfile for image in _images(drawn)})
    return act(conductor, drawn, options, settings) if act else experiment.conduct(conductor, drawn, options)


def _images(drawn: Plan) -> list[Any]:
    return [*drawn.images.values(), *(trial.image for trial in drawn.trials)]
