"""The shape of the result document, `isolate/result/v1`: the contract that programs rely on (docs/events.md).

Within v1 a key stays, with its meaning; new ones may come. The JSON Schema is made from these types (`schemas`).
"""

from __future__ import annotations

from typing import Final, Literal, NotRequired

from typing_extensions import TypedDict

from orchestrator.model import (
    Arm,
    EscapeName,
    Kind,
    Lane,
    Outcome,
    Phase,
    Policy,
    Probe,
    State,
    VerdictName,
)

Schema = Literal["isolate/result/v1"]
SCHEMA: Final[Schema] = "isolate/result/v1"


class Tool(TypedDict):
    """isolate itself."""

    version: str


class Engine(TypedDict):
    """What the boxes ran on."""

    kind: str
    version: str


class Failure(TypedDict):
    """What failed, the place to look, and what to do next; the last two may be empty."""

    message: str
    where: str
    hint: str


class Checked(TypedDict):
    """One check, asked once."""

    name: str
    passed: bool
    detail: str


class CellSeen(TypedDict):
    """One app observed in one environment; `model.Cell` tells what each key means."""

    app: str
    arm: Arm
    environment: str
    outcome: Outcome
    beside: list[str]
    order: Lane | None
    base: str | None
    probe: Probe | None
    phase: Phase
    exit_code: int | None
    quote: str
    observed: str | None
    checks: list[Checked]
    seconds: float
    runs: int
    remembered: str | None


class RuntimeSeen(TypedDict):
    """`family@version` as declared, and the version that the box answered."""

    declared: str
    observed: str | None


class AppSeen(TypedDict):
    """One app in the isolated arm; `cell` is how that went: where it failed, with the phase, exit code and quote."""

    runtime: RuntimeSeen
    image: str
    state: State
    url: str | None
    checks: list[Checked]
    cell: NotRequired[CellSeen]


class EscapeSeen(TypedDict):
    """A cheaper way out than isolation, and what came of trying it."""

    name: EscapeName
    outcome: Outcome
    detail: str
    cells: list[CellSeen]


class Line(TypedDict):
    """A line of a manifest or of a list of packages, whose it is, and where it stands."""

    app: str
    text: str
    where: str


class Proved(TypedDict):
    """One observation: all lines, or all without one of them."""

    without: Line | None
    outcome: Literal["fails", "passes"]
    detail: str


class ExplainedSeen(TypedDict):
    """`isolate explain`: lines of which none can be dropped, and the observations that show it."""

    lines: list[Line]
    because: list[str]
    certificate: list[Proved]
    assumed: list[str]


class SharedSeen(TypedDict):
    """One shared entry. The verdict is null where the run stopped short of it."""

    name: str
    policy: Policy
    verdict: VerdictName | None
    kind: Kind | None
    because: list[str]
    app: str | None
    cells: list[CellSeen]
    escapes: list[EscapeSeen]
    works_at: list[str]
    moved: dict[str, str]
    as_expected: bool | None
    explanation: NotRequired[ExplainedSeen]


class ClaimSeen(TypedDict):
    """What a file of an app promises, and the environments that admits."""

    text: str
    where: str
    admits: list[str]


class RowSeen(TypedDict):
    """One app in each environment; `over_claims` fail though claimed, `under_claims` pass though not claimed."""

    app: str
    runtime: str
    cells: list[CellSeen]
    own: CellSeen | None
    claims: list[ClaimSeen]
    over_claims: list[str]
    under_claims: list[str]


class GridSeen(TypedDict):
    """`isolate matrix`: apps by versions, oldest first."""

    environments: list[str]
    rows: list[RowSeen]


class BinSeen(TypedDict):
    """An environment, and the apps that were put into it together."""

    environment: str
    apps: list[str]
    cells: list[CellSeen]


class PackedSeen(TypedDict):
    """`isolate pack`: the fewest environments that serve all apps; `model.Packed` tells what each key means."""

    runtimes: list[str]
    environments: list[BinSeen]
    unserved: list[CellSeen]
    refuted: list[BinSeen]
    assumed: bool
    repaired: list[str]
    apart: list[str]
    checked: int
    observations: int


class BisectedSeen(TypedDict):
    """`isolate bisect`: the first version that breaks an app; `model.Bisected` tells what each key means."""

    app: str
    runtime: str
    story: Literal["breaks", "mends", "never", "always"]
    first: str | None
    mended: str | None
    monotonic: bool | None
    cells: list[CellSeen]
    unseen: list[str]
    observations: int


class RunDocument(TypedDict):
    """A run: `up`, `test`, `explain`, `matrix`, `pack`, `bisect`, `report`, and `result.json` in the run's folder.

    The verdict is that of the first shared entry. `error` is there where the run ended before its verdicts; `run` from
    when it has begun; `seconds` and `folder` once it came to its end.
    """

    schema: Schema
    project: str | None
    tool: Tool
    engine: Engine | None
    apps: dict[str, AppSeen]
    shared: list[SharedSeen]
    verdict: VerdictName | None
    exit_code: int | None
    run: NotRequired[str]
    error: NotRequired[Failure]
    seconds: NotRequired[float]
    folder: NotRequired[str]
    matrix: NotRequired[GridSeen]
    pack: NotRequired[PackedSeen]
    bisect: NotRequired[BisectedSeen]


class Refusal(Failure):
    """A failure, and what else was wrong."""

    also: list[Failure]


class ErrorDocument(TypedDict):
    """A command that failed before anything was observed."""

    schema: Schema
    error: Refusal
    exit_code: int
