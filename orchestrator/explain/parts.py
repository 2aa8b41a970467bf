"""Observes parts of a conflict: fewer apps, or fewer lines of their lists of packages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from orchestrator.arms import Conductor
from orchestrator.arms.trials import run
from orchestrator.errors import Unavailable
from orchestrator.judge import Case
from orchestrator.model import Arm, Cell, Demand, Lane
from orchestrator.plan import Design, Environment, Plan, further
from orchestrator.plan.trials import in_start_order

UNKNOWN = frozenset({"infrastructure", "flaky", "not-run"})


@dataclass(frozen=True, slots=True)
class Parts:
    """A conflict that can be asked about its parts. `lane` is how its packages went in."""

    conductor: Conductor
    plan: Plan
    case: Case
    lane: Lane

    def of_apps(self, names: Sequence[str]) -> dict[str, list[Cell]]:
        """These apps alone, under all that the entry says, in each of its environments."""
        entry, apps = self.case.entry, in_start_order(names, self.plan.manifest)
        designs = [self._design(apps, env) for env in self.plan.candidates[entry.name]]
        rows = run(self.conductor, self.plan, further(self.plan, designs))
        return {design.environment.name: _known(row) for design, row in zip(designs, rows, strict=True)}

    def of_lines(self, demands: Sequence[Demand], env: Environment, victims: Sequence[str]) -> list[Cell]:
        """The victims, in a box into which only these lines were installed, whoever asked for them."""
        apps = in_start_order(self.case.entry.apps, self.plan.manifest)
        reduced = self._reduced(demands)
        design = self._design(apps if len(victims) > 1 else tuple(victims), env, holds=apps)
        (row,) = run(self.conductor, reduced, further(reduced, [design]))
        return _known([cell for cell in row if cell.app in victims])

    def _design(self, apps: tuple[str, ...], env: Environment, holds: tuple[str, ...] = ()) -> Design:
        """These apps under all that the entry says."""
        entry = self.case.entry
        arm: Arm = "shared" if len(apps) > 1 else "control"
        return Design(arm, apps, env, self.lane, entry.environment, ports=entry.ports, holds=holds)

    def _reduced(self, demands: Sequence[Demand]) -> Plan:
        """The plan with shorter lists; the apps' own images stay, only what the shared recipe installs is less."""
        lines = {name: tuple(one.text for one in demands if one.app == name) for name in self.plan.manifest.apps}
        apps = {name: replace(app, packages=lines[name]) for name, app in self.plan.manifest.apps.items()}
        contexts = {
            name: replace(context, files=(), digest=hashlib.sha256(repr(lines[name]).encode()).hexdigest())
            for name, context in self.plan.world.contexts.items()
        }
        manifest = replace(self.plan.manifest, apps=apps)
        return replace(self.plan, manifest=manifest, world=replace(self.plan.world, contexts=contexts))


def _known(row: Sequence[Cell]) -> list[Cell]:
    """Raises Unavailable where a cell proves nothing: then neither does what is built on it."""
    if unknown := [cell for cell in row if cell.outcome in UNKNOWN]:
        quote = f": {unknown[0].quote}" if unknown[0].quote else ""
        raise Unavailable(f"{unknown[0].app} at {unknown[0].environment} is not known{quote}", hint="try again")
    return list(row)
