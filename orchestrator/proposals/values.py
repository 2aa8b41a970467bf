"""What is proposed, each part with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestrator.manifest.runtime import Declaration

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """How an app is started, and where that is said: `Dockerfile:7`.

    serves: it is known to listen. file: the source that is run, as messages name it; empty where unknown.
    """

    command: Words
    source: str
    serves: bool = False
    file: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The runtime of an app. Where `runtime` is empty, a person has to choose: `remark` says why, of `choices`."""

    runtime: str
    family: str
    says: tuple[Declaration, ...] = ()
    remark: str = ""
    choices: Words = ()


@dataclass(frozen=True, slots=True)
class ProposedApp:
    """One app. What is empty was not found.

    folder:      below the folder asked about; empty is that one.
    listens:     where its ports come from.
    asked:       path of the first check, and where that comes from.
    unclear:     what a person has to say before the manifest is valid.
    notes:       what could not be taken over.
    """

    name: str
    folder: str
    chosen: Chosen
    start: Start | None = None
    ports: tuple[int, ...] = ()
    listens: str = ""
    asked: tuple[str, str] = ("/", "")
    environment: Mapping[str, str] = field(default_factory=dict)
    depends_on: Mapping[str, str] = field(default_factory=dict)
    notes: Words = ()

    @property
    def unclear(self) -> Words:
        """What a person has to say before the manifest is valid."""
        runtime = (self.chosen.remark,) if not self.chosen.runtime else ()
        command = () if self.start else ("no file says how it is started",)
        return (*runtime, *command)


@dataclass(frozen=True, slots=True)
class Proposal:
    """All apps by name, in the order in which they were found, and what was seen and left out."""

    name: str
    apps: Mapping[str, ProposedApp]
    notes: Words = ()
