"""The shapes of what the other verbs answer with --json: schema, exit code, and keys of their own."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from orchestrator.model import Policy
from orchestrator.reports.document import Failure, Schema, Tool
from orchestrator.reports.lessons import LessonDocument


class Answer(TypedDict):
    """What every answer has."""

    schema: Schema
    exit_code: int


class DeclaredRuntime(TypedDict):
    """`family@version`, and `file:line:column` of who says so."""

    declared: str
    source: str


class DeclaredApp(TypedDict):
    """One app of a valid manifest."""

    runtime: DeclaredRuntime


class DeclaredEntry(TypedDict):
    """One shared entry of a valid manifest."""

    name: str
    policy: Policy
    apps: list[str]


class Validated(Answer):
    """`isolate validate`."""

    valid: Literal[True]
    project: str
    apps: dict[str, DeclaredApp]
    shared: list[DeclaredEntry]


class Source(TypedDict):
    """What one line of a file says about a runtime."""

    where: str
    family: str
    says: str


class ProposedRuntime(TypedDict):
    """`family@version`, null where a person has to choose; and the lines that speak of it."""

    declared: str | None
    sources: list[Source]


class ProposedApp(TypedDict):
    """One app that a folder holds; `unclear` is left to a person, who may take one of the `choices`."""

    folder: str
    runtime: ProposedRuntime
    command: list[str] | None
    ports: list[int]
    choices: list[str]
    unclear: list[str]
    notes: list[str]


class Proposed(Answer):
    """`isolate init`; `file` is null and `manifest` has the text where none was written, `error` what is unclear."""

    project: str
    file: str | None
    dry_run: bool
    apps: dict[str, ProposedApp]
    notes: list[str]
    manifest: NotRequired[str]
    error: NotRequired[Failure]


class BoxThere(TypedDict):
    """One box: its labels, the engine's word for its state, and the engine's sentence about it."""

    name: str
    project: str
    app: str
    arm: str
    runtime: str
    state: str
    status: str
    url: str | None


class Boxes(Answer):
    """`isolate ps`."""

    boxes: list[BoxThere]


class Holdings(TypedDict):
    """Names of what was removed."""

    containers: list[str]
    networks: list[str]
    volumes: list[str]


class Removed(Answer):
    """`isolate down`, `isolate images rm` and `prune`; `left` has what could not be removed, with the reason."""

    removed: Holdings | list[str]
    left: list[str]
    dry_run: bool


class PrunedHoldings(Holdings):
    """The same, and images."""

    images: list[str]


class Pruned(Answer):
    """`isolate prune`; `size` of the images in bytes, `unknown` what runs have that are not recorded here."""

    removed: PrunedHoldings
    left: list[str]
    unknown: dict[str, list[str]]
    size: int
    dry_run: bool


class Printed(TypedDict):
    """One line that an app has printed."""

    app: str
    text: str


class Lines(Answer):
    """`isolate logs`."""

    lines: list[Printed]


class Executed(Answer):
    """`isolate exec`; the exit code is the command's own, `unkept` how many bytes more than 16 MiB a stream had."""

    box: str
    command: list[str]
    stdout: str
    stderr: str
    unkept: NotRequired[dict[str, int]]


class ImageThere(TypedDict):
    """One image; `size` in bytes, `created` in seconds since 1970, `used` where a box has it."""

    name: str
    what: str
    source: Literal["built", "recipe", "registry"]
    id: str
    size: int
    created: int
    used: bool


class Images(Answer):
    """`isolate images`."""

    images: list[ImageThere]


class Rendered(Answer):
    """`isolate render`: the files, and the folder they are in."""

    folder: str
    files: list[str]
    dry_run: bool


class Drawn(Answer):
    """`--dry-run` of what would run: the plan, line by line."""

    plan: list[str]
    dry_run: Literal[True]


class EngineInUse(TypedDict):
    """The engine in use; null where none answers, with the reason."""

    kind: str | None
    version: str | None
    url: str | None
    builder: NotRequired[str]
    reason: NotRequired[str]


class Versions(Answer):
    """`isolate version`."""

    tool: Tool
    python: str
    engine: EngineInUse


class Finding(TypedDict):
    """One thing that was looked at, and the command that fixes it."""

    subject: str
    state: Literal["ok", "warning", "unknown", "missing"]
    detail: str
    fix: str


class Findings(Answer):
    """`isolate doctor`."""

    findings: list[Finding]


class Script(Answer):
    """`isolate completion`."""

    shell: str
    script: str


class Names(Answer):
    """`isolate completion --names`: what a shell may complete."""

    names: list[str]


class Lacking(TypedDict):
    """`isolate engine install --dry-run`."""

    lacking: list[str]
    dry_run: Literal[True]


class Installed(TypedDict):
    """`isolate engine install`: programs and their versions."""

    packages: dict[str, str]


class WouldStart(TypedDict):
    """`isolate engine start --dry-run`; a url where an engine answers already."""

    url: str | None
    dry_run: Literal[True]


class Stopped(TypedDict):
    """`isolate engine stop`, and the boxes that ran there."""

    stopped: bool
    boxes: list[str]
    dry_run: NotRequired[Literal[True]]


class InUse(TypedDict):
    """Where an engine answers, and what named it; `isolate engine start` answers with it."""

    url: str
    found_by: str


class Private(TypedDict):
    """isolate's own engine; `disk` in bytes."""

    url: str
    pid: int | None
    version: str | None
    root: str
    disk: int


class Status(TypedDict):
    """`isolate engine status`."""

    in_use: InUse | None
    private: Private


class Variables(TypedDict):
    """`isolate engine env`: what other tools want to be told."""

    DOCKER_HOST: str
    PATH: NotRequired[str]
    DOCKER_CONFIG: NotRequired[str]


class EngineAnswer(Answer):
    """`isolate engine ACTION`."""

    engine: Lacking | Installed | InUse | WouldStart | Stopped | Status | Variables


AnswerDocument = (
    Validated
    | Proposed
    | Boxes
    | Removed
    | Pruned
    | Lines
    | Executed
    | Images
    | Rendered
    | Drawn
    | Versions
    | Findings
    | Script
    | Names
    | EngineAnswer
    | LessonDocument
)
