"""What an experiment has shown, in the words that a test asserts on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from orchestrator.events import AppObserved, CellObserved, EscapeTried, RunEnded, RunStarted, VerdictReached
from orchestrator.model import Cell, Escape
from orchestrator.phrases import headline, newest_first, sentence
from orchestrator.reports import Run
from orchestrator.reports.result import result
from orchestrator.sanitise import one_line


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One shared entry: its verdict, and what it rests on. `seen` has what was observed for it, probes included."""

    reached: VerdictReached
    seen: tuple[CellObserved, ...] = ()
    escapes: tuple[Escape, ...] = ()

    def __repr__(self) -> str:
        tried = newest_first(cell.environment for cell in self.cells if cell.arm == "shared" and not cell.probe)
        said = sentence(self.reached.verdict, self.reached.apps, tried)
        return f"<{self.name}: {one_line(f'{headline(self.reached)}: {said}', 600)}>"

    @property
    def name(self) -> str:
        return self.reached.entry

    @property
    def verdict(self) -> str:
        """`conflict`, `no-conflict`, `broken` or `inconclusive`."""
        return self.reached.verdict.name

    @property
    def kind(self) -> str | None:
        """Of a conflict: `runtime`, `packages`, `clobber`, `os-library`, `port`, `files`."""
        return self.reached.verdict.kind

    @property
    def because(self) -> tuple[str, ...]:
        """The reasons, a sentence each, as the apps wrote them: not sanitised."""
        return self.reached.verdict.because

    @property
    def app(self) -> str | None:
        """The app that fails, where one can be named."""
        return self.reached.verdict.app

    @property
    def works_at(self) -> tuple[str, ...]:
        return self.reached.verdict.works_at

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Each app alone in the shared recipe, then all of them together."""
        return tuple(event.cell for event in self.seen)

    @property
    def as_expected(self) -> bool | None:
        """None where the manifest expects nothing."""
        return self.reached.as_expected


@dataclass(frozen=True, repr=False)
class Outcome:
    """One run, read from its folder. What is asked without naming an entry is asked of the first."""

    folder: Path
    run: Run

    def __repr__(self) -> str:
        apps = ", ".join(f"{app.app} {app.state}" for app in self.apps.values())
        return " ".join([f"<{apps}>", *map(repr, self.entries.values())])

    @cached_property
    def started(self) -> RunStarted:
        """What was to be observed."""
        return next(event for event in self.run.events if isinstance(event, RunStarted))

    @cached_property
    def apps(self) -> Mapping[str, AppObserved]:
        """Each app on its own runtime: `state`, `url`, `observed`, `checks`."""
        return {event.app: event for event in self.run.events if isinstance(event, AppObserved)}

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """The shared entries by name, in the manifest's order."""
        events = self.run.events
        seen = [event for event in events if isinstance(event, CellObserved)]
        tried = [event for event in events if isinstance(event, EscapeTried)]
        return {
            reached.entry: Entry(
                reached,
                tuple(event for event in seen if event.entry == reached.entry),
                tuple(event.escape for event in tried if event.entry == reached.entry),
            )
            for reached in events
            if isinstance(reached, VerdictReached)
        }

    def entry(self, name: str | None = None) -> Entry:
        """The entry of that name, or the first. Raises LookupError."""
        found = self.entries.get(name) if name else next(iter(self.entries.values()), None)
        if found is None:
            known = ", ".join(self.entries) or "none"
            raise LookupError(f"there is no shared entry {name or 'at all'}; there is: {known}")
        return found

    @property
    def verdict(self) -> str:
        return self.entry().verdict

    @property
    def kind(self) -> str | None:
        return self.entry().kind

    @property
    def because(self) -> tuple[str, ...]:
        return self.entry().because

    @property
    def cells(self) -> tuple[Cell, ...]:
        return self.entry().cells

    @property
    def exit_code(self) -> int | None:
        """What the run ended with, by what the manifest expects; None where its record has no end."""
        return next((event.exit_code for event in self.run.events if isinstance(event, RunEnded)), None)

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The result document, schema `isolate/result/v1`."""
        return result(self.run.events)
