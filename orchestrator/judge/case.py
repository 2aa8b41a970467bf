"""Everything observed for one shared entry, and which part of it a rule looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from orchestrator.model import App, Cell, Lane, Probe, SharedEntry

UNKNOWN = frozenset({"infrastructure", "flaky", "not-run"})
Finding = Literal["installed", "written"]
Question = Probe | Finding


@dataclass(frozen=True, slots=True)
class Case:
    """Everything observed for one shared entry. `candidates` names the environments tried, newest first.

    findings: what a look into the failing box, or at what its apps wrote, brought: a sentence each.
    """

    entry: SharedEntry
    apps: Mapping[str, App]
    candidates: tuple[str, ...]
    cells: tuple[Cell, ...]
    findings: Mapping[Finding, tuple[str, ...]] = field(default_factory=dict)

    def isolated(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.arm == "isolated"]

    def control(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.arm == "control" and cell.probe is None]

    def own(self) -> list[Cell]:
        """The fairness control: each app alone in the shared recipe, at its declared version."""
        return [cell for cell in self.control() if cell.environment == str(self.apps[cell.app].runtime)]

    def alone(self, environment: str) -> list[Cell]:
        """Each app alone on what it gets there; where runtimes lie side by side, that is its own."""
        if self.entry.policy == "side-by-side":
            return self.own()
        return [cell for cell in self.control() if cell.environment in environment.split("+")]

    def lane(self, environment: str, lane: Lane) -> list[Cell]:
        """The shared box of one order."""
        shared = (cell for cell in self.cells if cell.arm == "shared" and cell.probe is None)
        return [cell for cell in shared if (cell.environment, cell.order) == (environment, lane)]

    def together(self, environment: str) -> list[Cell]:
        """The decisive shared cells: `together` wherever it was run, else the manifest's order."""
        return self.lane(environment, "together") or self.lane(environment, "in-order")

    def base(self) -> str | None:
        """The OS base under the decisive cells, where that is not the runtimes' own."""
        seen = (cell.base for name in self.candidates for cell in self.joint(name) if cell.base)
        return self.entry.base or next(seen, None)

    def unclear(self) -> list[Cell]:
        """Answers that are none."""
        return [cell for cell in self.cells if cell.probe and cell.outcome in UNKNOWN]

    def probed(self, probe: Probe) -> list[Cell]:
        return [cell for cell in self.cells if cell.probe == probe]

    def joint(self, environment: str) -> list[Cell]:
        """The decisive cells there. One app alone is its own shared environment: nothing is put beside it."""
        own = len(self.apps) == 1 and not (self.entry.base or self.entry.environment)
        return self.together(environment) or (self.alone(environment) if own else [])

    def failing(self, environment: str) -> list[Cell]:
        return [cell for cell in self.joint(environment) if cell.outcome == "fail"]

    def fair(self) -> list[str]:
        """The environments at which every app passes alone, newest first."""
        return [name for name in self.candidates if all_pass(self.alone(name))]

    def suspects(self) -> list[Cell]:
        """What failed in the shared box at the newest environment where every app passes alone."""
        return [cell for name in self.fair()[:1] for cell in self.failing(name)]

    def moves(self, app: str, environment: str) -> bool:
        """Whether the app gets another runtime there than it declares."""
        return environment != "side-by-side" and str(self.apps[app].runtime) not in environment.split("+")


def all_pass(cells: Sequence[Cell]) -> bool:
    return bool(cells) and all(cell.outcome == "pass" for cell in cells)


def any_fails(cells: Sequence[Cell]) -> bool:
    return any(cell.outcome == "fail" for cell in cells)
