"""What happened, in order: one closed union. A run is its event list; every report is a function of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from orchestrator.model import (
    Arm,
    Bisected,
    Cell,
    CheckResult,
    Escape,
    Expect,
    Expected,
    Explanation,
    Grid,
    Mark,
    Packed,
    Policy,
    SharedEntry,
    State,
    Verdict,
    VerdictName,
)


@dataclass(frozen=True, slots=True)
class RunStarted:
    """What will be observed.

    version:     isolate's own.
    apps:        each app's declared runtime, `family@version`.
    shared:      the shared entries, in the manifest's order.
    description: the manifest's.
    manifest:    the path of the first manifest, as the user named it.
    marks:       where each app's runtime is declared, or else the app.
    began:       the time of day, ISO 8601 with its offset.
    """

    project: str
    run: str
    version: str
    apps: Mapping[str, str]
    shared: tuple[SharedEntry, ...]
    description: str = ""
    manifest: str = ""
    marks: Mapping[str, Mark] = field(default_factory=dict)
    began: str = ""


@dataclass(frozen=True, slots=True)
class EngineReady:
    """The engine that is used; `builder` is buildkit or classic."""

    kind: str
    version: str
    builder: str


@dataclass(frozen=True, slots=True)
class BaseResolved:
    """A base image was chosen; `tried` tells what the sources before it answered. `seconds` counts from the asking."""

    runtime: str
    reference: str
    source: Literal["local", "registry", "recipe", "declared"]
    tried: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PlannedTrial:
    """One box of the control or shared arm: its image, its name, and the apps whose cells it will fill."""

    entries: tuple[str, ...]
    arm: Arm
    environment: str
    apps: tuple[str, ...]
    order: str | None
    image: str
    box: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What will be built and run. `images` maps each app to the image of its isolated box."""

    images: Mapping[str, str]
    trials: tuple[PlannedTrial, ...]


@dataclass(frozen=True, slots=True)
class BuildStarted:
    """An image is being made; `cause` says for whom."""

    image: str
    cause: str


@dataclass(frozen=True, slots=True)
class BuildLine:
    """What a build prints, as it is."""

    image: str
    text: str


@dataclass(frozen=True, slots=True)
class BuildEnded:
    """`refused` is a step of the build that failed: evidence, or the user's mistake, never a crash."""

    image: str
    cause: str
    outcome: Literal["built", "reused", "refused"]
    seconds: float = 0.0
    tail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BoxStarted:
    """A box runs; `reused` where it ran already, `again` what came of it before, where it is run once more."""

    box: str
    arm: Arm
    apps: tuple[str, ...]
    reused: bool = False
    again: str = ""


@dataclass(frozen=True, slots=True)
class AppReady:
    """An app of the isolated arm answers (or, a job, has ended)."""

    app: str
    url: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class AppObserved:
    """An app of the isolated arm, after its checks."""

    app: str
    runtime: str
    observed: str | None
    image: str
    state: State
    url: str | None
    checks: tuple[CheckResult, ...]
    tail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CellObserved:
    """`entry` is the shared entry it speaks for; None in the isolated arm, which speaks for all."""

    entry: str | None
    cell: Cell
    tail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepStarted:
    """What is done for an entry beside its plan: a question asked, a way out tried."""

    entry: str
    doing: str


@dataclass(frozen=True, slots=True)
class EscapeTried:
    """A cheaper way out than isolation, after a conflict, and how long it took to try."""

    entry: str
    escape: Escape
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class VerdictReached:
    """What a shared entry has proved. `as_expected` is null where nothing is expected; `missed` is what of the
    expectation did not come about.
    """

    entry: str
    policy: Policy
    verdict: Verdict
    expect: Expect | None = None
    as_expected: bool | None = None
    apps: tuple[str, ...] = ()
    missed: tuple[Expected, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """Which lines conflict, by `isolate explain`."""

    entry: str
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class GridDrawn:
    """What `isolate matrix` has observed."""

    grid: Grid


@dataclass(frozen=True, slots=True)
class EnvironmentsPacked:
    """What `isolate pack` has found."""

    packed: Packed


@dataclass(frozen=True, slots=True)
class VersionBisected:
    """What `isolate bisect` has found."""

    bisected: Bisected


@dataclass(frozen=True, slots=True)
class Removed:
    """What was cleaned up, by name."""

    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """The run ended before a verdict."""

    message: str
    where: str
    hint: str
    exit_code: int
    excerpt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run came to its end; `folder` is where it is recorded, `seconds` how long it took."""

    verdict: VerdictName | None
    exit_code: int
    seconds: float
    folder: str = field(default="")


Event = (
    RunStarted
    | EngineReady
    | BaseResolved
    | Planned
    | BuildStarted
    | BuildLine
    | BuildEnded
    | BoxStarted
    | AppReady
    | AppObserved
    | CellObserved
    | VerdictReached
    | StepStarted
    | EscapeTried
    | Explained
    | GridDrawn
    | EnvironmentsPacked
    | VersionBisected
    | Removed
    | Failed
    | RunEnded
)
Emit = Callable[[Event], None]
