"""Observes apps in environments that no manifest asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from orchestrator.arms import Conductor
from orchestrator.arms.trials import run
from orchestrator.errors import Unavailable
from orchestrator.events import CellObserved, Planned, PlannedTrial
from orchestrator.model import Cell, Runtime
from orchestrator.plan import Design, Environment, Plan, Trial, further
from orchestrator.plan.trials import in_start_order

Question = tuple[tuple[str, ...], Environment]
"""These apps, together in one environment; one app alone is its control."""


class Bench:
    """One search's boxes. `name` is the entry that its cells are told for.

    `observations` counts what was asked, what was remembered included.
    """

    def __init__(self, conductor: Conductor, plan: Plan, name: str) -> None:
        self.conductor, self.plan, self.name = conductor, plan, name
        self.observations = 0
        self._world, self._missing = plan.world, dict[str, str]()
        self._planned: list[PlannedTrial] = []

    def observe(self, questions: Sequence[Question]) -> list[tuple[Cell, ...]]:
        """The cells of each question, in parallel; where a base cannot be had, that is what they say."""
        self._find([one for _, env in questions for one in _images(env)])
        asked = [(question, self._lacking(question[1])) for question in questions]
        trials = [self._trial(*question) for question, lacking in asked if not lacking]
        self.observations += len(trials)
        self._tell(trials)
        rows = iter(run(self.conductor, self.plan, trials))
        return [self._unknown(*question, lacking) if lacking else tuple(next(rows)) for question, lacking in asked]

    def _find(self, runtimes: Sequence[Runtime]) -> None:
        """Bases that are not there yet, each for itself: the one that cannot be had keeps no other away."""
        for runtime in {one.key: one for one in runtimes}.values():
            if runtime.key not in self._world.bases and runtime.key not in self._missing:
                try:
                    bases = {**self._world.bases, **self.conductor.bases([runtime])}
                except Unavailable as error:
                    self._missing[runtime.key] = error.message
                else:
                    self._world = replace(self._world, bases=bases)

    def _lacking(self, env: Environment) -> str:
        return next((self._missing[one.key] for one in _images(env) if one.key in self._missing), "")

    def _trial(self, names: tuple[str, ...], env: Environment) -> Trial:
        apps = in_start_order(names, self.plan.manifest)
        joint = len(apps) > 1
        design = Design("shared" if joint else "control", apps, env, "together" if joint else None)
        (trial,) = further(self.plan, [replace(design, entries=(self.name,))], self._world)
        return trial

    def _tell(self, trials: Sequence[Trial]) -> None:
        self._planned += [
            PlannedTrial(t.entries, t.arm, t.environment, t.apps, t.lane, t.image.tag, t.box.name) for t in trials
        ]
        images = {name: image.tag for name, image in self.plan.images.items()}
        self.conductor.emit(Planned(images, tuple(self._planned)))

    def _unknown(self, names: tuple[str, ...], env: Environment, why: str) -> tuple[Cell, ...]:
        """Cells of an environment that could not be made."""
        arm = "shared" if len(names) > 1 else "control"
        cells = tuple(
            Cell(
                app=name,
                arm=arm,  # type: ignore[arg-type]
                environment=env.name,
                outcome="infrastructure",
                beside=tuple(other for other in names if other != name),
                phase="build",
                quote=why,
            )
            for name in names
        )
        for cell in cells:
            self.conductor.emit(CellObserved(self.name, cell))
        return cells


def settled(cells: Sequence[Cell]) -> bool:
    """Whether all of one box pass. Raises Unavailable where that is not known."""
    if any(cell.outcome == "fail" for cell in cells):
        return False
    if unknown := [cell for cell in cells if cell.outcome != "pass"]:
        (first, *_) = unknown
        raise Unavailable(
            f"{first.app} at {first.environment}: {first.outcome}: {first.quote}",
            hint="try again; with --remembered it goes on from there",
        )
    return True


def _images(env: Environment) -> tuple[Runtime, ...]:
    return (*env.runtimes, env.base) if env.base else env.runtimes
