"""The nouns: frozen values that every floor speaks in. Standard library only, no behaviour beyond names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Arm = Literal["isolated", "control", "shared"]
Outcome = Literal["pass", "fail", "infrastructure", "flaky", "not-run"]
Phase = Literal["build", "start", "check", "done"]
State = Literal["healthy", "exited", "failed"]
VerdictName = Literal["conflict", "no-conflict", "broken", "inconclusive"]
Kind = Literal["runtime", "packages", "clobber", "os-library", "port", "files"]
Policy = Literal["one-runtime", "side-by-side"]
Order = Literal["together", "in-order", "both"]
Ports = Literal["distinct", "as-declared"]
Lane = Literal["together", "in-order", "reversed"]
"""How the packages of several apps went in: one call, or one app after the other, in start order or its reverse."""
Probe = Literal["alone-there", "alone-on-base", "without-environment", "distinct-ports"]
"""What a cell was asked after a shared box had failed: see `judge.question`."""
EscapeName = Literal["side-by-side", "roll-forward", "other-version", "order"]
Condition = Literal["service_started", "service_healthy", "service_completed_successfully"]

MIB = 1024 * 1024


# --- what a manifest says ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def short(self) -> str:
        """`manifest.yaml:5`, as sentences quote it."""
        return f"{Path(self.file).name}:{self.line}"


@dataclass(frozen=True, slots=True)
class Runtime:
    """`family@version`, and where that was declared."""

    family: str
    version: str
    image: str | None = None
    """A base image of the user's own, instead of the catalogue's."""
    build_image: str | None = None
    """The same for the build stage of a compiled family."""
    source: Mark | None = None

    def __str__(self) -> str:
        return f"{self.family}@{self.version}"

    @property
    def key(self) -> str:
        """Tells apart what the name does not: one version on two images."""
        return " ".join(filter(None, (str(self), self.image, self.build_image and f"{self.build_image}/build")))


@dataclass(frozen=True, slots=True)
class Matcher:
    """A substring, or (regex) a regular expression that is searched without flags."""

    text: str
    regex: bool = False


@dataclass(frozen=True, slots=True)
class HttpCheck:
    """Asked from outside, through the published port. `json` is a subset; `*` in its strings is a glob."""

    path: str
    method: str = "GET"
    port: int | None = None
    """Container port; None is the app's first."""
    status: int = 200
    json: object = None
    has_json: bool = False
    """Tells `json: null`, which is a demand, from no `json` at all."""
    body: Matcher | None = None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class RunCheck:
    """A command run inside the box, in the app's own environment and folder."""

    argv: tuple[str, ...]
    exit: int = 0
    stdout: Matcher | None = None
    stderr: Matcher | None = None

    @property
    def name(self) -> str:
        return "run " + " ".join(self.argv)


@dataclass(frozen=True, slots=True)
class ExitCheck:
    """How a job's own command ends, and what it printed."""

    exit: int = 0
    stdout: Matcher | None = None
    stderr: Matcher | None = None

    @property
    def name(self) -> str:
        return f"exit {self.exit}"


Check = HttpCheck | RunCheck | ExitCheck


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """Compose's timings, in seconds. An app that is not ready after `deadline` has failed to start."""

    interval: float = 1.0
    timeout: float = 5.0
    retries: int = 30
    start_period: float = 0.0

    @property
    def deadline(self) -> float:
        return self.start_period + self.interval * self.retries


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of one app: nano-CPUs, bytes, processes. The defaults are the ceiling for manifests."""

    nano_cpus: int = 1_000_000_000
    memory: int = 512 * MIB
    pids: int = 256

    def __add__(self, other: Limits) -> Limits:
        return Limits(self.nano_cpus + other.nano_cpus, self.memory + other.memory, self.pids + other.pids)


@dataclass(frozen=True, slots=True)
class App:
    """A program with a declared runtime, a command and checks. With `ports` a service, without a job."""

    name: str
    runtime: Runtime
    command: tuple[str, ...]
    mark: Mark
    build: Path | None = None
    """Absolute path of the build context; None where the app is its command and packages alone."""
    environment: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    healthcheck: Healthcheck = Healthcheck()
    depends_on: Mapping[str, Condition] = field(default_factory=dict)
    limits: Limits = Limits()
    checks: tuple[Check, ...] = ()
    packages: tuple[str, ...] = ()
    system_packages: tuple[str, ...] = ()
    working_dir: str = ""
    """Absolute path in the box; empty is `/apps/<name>`."""
    labels: Mapping[str, str] = field(default_factory=dict)
    tmpfs: tuple[str, ...] = ()
    project: str = ""
    """Name of the manifest it came from: shared entries without `apps` mean their own manifest's."""
    marks: Mapping[str, Mark] = field(default_factory=dict)
    """Where each key stands: `build`, `command`, `packages`, `packages.0`, `requirements.txt` ..."""

    @property
    def is_service(self) -> bool:
        return bool(self.ports)

    @property
    def home(self) -> str:
        """Where the app lives in every box."""
        return f"/apps/{self.name}"

    @property
    def folder(self) -> str:
        """Where its command starts."""
        return self.working_dir or self.home


@dataclass(frozen=True, slots=True)
class Expect:
    """What a manifest's author says will happen; None is not compared."""

    verdict: VerdictName | None = None
    kind: Kind | None = None
    app: str | None = None
    because: Matcher | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class SharedEntry:
    """One shared environment to try."""

    name: str
    policy: Policy = "one-runtime"
    apps: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    """Candidates as `family@version`; empty is every declared version of each family present."""
    order: Order = "both"
    environment: Mapping[str, str] = field(default_factory=dict)
    base: str | None = None
    ports: Ports = "distinct"
    expect: Expect | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One or several manifests, merged: what the user wants observed."""

    name: str
    path: Path
    """The first file; its folder is the project's."""
    apps: Mapping[str, App]
    shared: tuple[SharedEntry, ...]
    description: str = ""


# --- what is built and run -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Base:
    """An image to build on. `reference` is what FROM says; `digest` is what it really is."""

    reference: str
    digest: str
    source: Literal["local", "registry", "recipe", "declared"]


@dataclass(frozen=True, slots=True)
class ContextFile:
    """One entry of a build context: bytes made by us, or a file or folder of the user's."""

    path: str
    content: bytes | None = None
    source: Path | None = None
    executable: bool = False
    digest: str = ""
    """SHA-256 (hex) of a regular file's bytes as they went into the hash; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image to be made. `digest` is the hash of everything that goes in; it is in the tag and the label."""

    tag: str
    digest: str
    dockerfile: str
    files: tuple[ContextFile, ...]
    cause: str
    """Why it is built, for the user: `invoice (manifest.yaml:4)`."""
    parents: tuple[str, ...] = ()
    """Tags of ours that must be there first."""
    network: bool = False
    """Whether its steps need the network."""
    target: str = ""
    label: str = "io.isolate.image"
    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Files for steps that mount them as secrets; never part of the context, a layer or the history."""


@dataclass(frozen=True, slots=True)
class Launch:
    """One app as the launcher starts it."""

    app: str
    command: tuple[str, ...]
    folder: str
    environment: Mapping[str, str]
    ports: tuple[int, ...] = ()
    """Container ports, published on 127.0.0.1; the first is PORT."""


@dataclass(frozen=True, slots=True)
class Box:
    """One container to run: which image, which apps, which limits."""

    name: str
    image: str
    arm: Arm
    launches: tuple[Launch, ...]
    limits: Limits
    network: str
    labels: Mapping[str, str]
    families: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    tmpfs: tuple[str, ...] = ()
    asks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """family -> the command that prints its runtime's version."""


# --- what is observed ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check, asked once."""

    name: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One app observed in one environment."""

    app: str
    arm: Arm
    environment: str
    """`python@3.12`, `dotnet@3.1+python@3.12`, `side-by-side`."""
    outcome: Outcome
    beside: tuple[str, ...] = ()
    order: Lane | None = None
    base: str | None = None
    """The OS base, where it is not the runtime's own."""
    probe: Probe | None = None
    """None for a cell of the experiment itself."""
    phase: Phase = "done"
    exit_code: int | None = None
    quote: str = ""
    """The line that proves it, sanitised by whoever prints it."""
    observed: str | None = None
    """The runtime's own version, asked in the box."""
    checks: tuple[CheckResult, ...] = ()
    seconds: float = 0.0
    runs: int = 1
    remembered: str | None = None
    """When it was observed (ISO 8601), where that was in an earlier run."""


@dataclass(frozen=True, slots=True)
class Escape:
    """A cheaper way out than isolation, and what came of trying it; `cells` are the evidence."""

    name: EscapeName
    outcome: Outcome
    detail: str
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Demand:
    """One line of a manifest or of a list of packages, and whose it is: an app's, or a shared entry's."""

    app: str
    text: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Proof:
    """One observation of a certificate: all demands, or all `without` one of them."""

    outcome: Literal["fails", "passes"]
    detail: str
    without: Demand | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why there is a conflict: demands of which none can be dropped, and the observations that show it."""

    demands: tuple[Demand, ...]
    because: tuple[str, ...]
    certificate: tuple[Proof, ...]
    assumed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the cells of one shared entry prove."""

    name: VerdictName
    kind: Kind | None = None
    because: tuple[str, ...] = ()
    works_at: tuple[str, ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    app: str | None = None
    """The app that fails, where one can be named."""
