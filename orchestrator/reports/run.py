"""What a run folder holds, and all that a report may know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.events import Event
from orchestrator.record import Recorded


@dataclass(frozen=True, slots=True)
class Run:
    """`logs` has what apps and builds said, by observation: `shared dotnet@3.1 together invoice`."""

    recorded: tuple[Recorded, ...]
    logs: Mapping[str, str]

    @property
    def events(self) -> tuple[Event, ...]:
        """Without their times."""
        return tuple(one.event for one in self.recorded)
