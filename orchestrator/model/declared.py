"""What a manifest says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from orchestrator.model.observed import Kind, VerdictName

Policy = Literal["one-runtime", "side-by-side"]
Order = Literal["together", "in-order", "both"]
Ports = Literal["distinct", "as-declared"]
Condition = Literal["service_started", "service_healthy", "service_completed_successfully"]

MIB = 1024 * 1024


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


Expected = Literal["verdict", "kind", "app", "because"]
"""What an expectation may name."""


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
