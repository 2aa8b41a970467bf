"""What an engine can do: a handful of verbs over plain values. It carries out and observes, nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from orchestrator.model import Box, Image

BODY_LIMIT = 1 << 20
"""Bytes of an HTTP answer's body that are looked at."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What answers. `builder` is `buildkit` or `classic`."""

    kind: str
    version: str
    builder: Literal["buildkit", "classic"]


@dataclass(frozen=True, slots=True)
class Built:
    """How a build ended. A step that failed is a result: `ok` is False and the tail says why."""

    ok: bool
    tail: tuple[str, ...] = ()
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look at a box.

    `exits` holds each app that ended with its exit code, `versions` what each family's own version command printed,
    `stdout` and `stderr` the last lines of each app, oldest first, `said` both streams from their begin, up to 1 MiB
    each, and `unkept` how many bytes an app printed beyond that; `met` are the caps (`memory`, `pids`) at which
    something in the box had been stopped by the time that app ended; `urls` maps (app, container port) to its
    published address. `stopped` are the apps that ended because the box was told to stop or was killed: nothing of
    their own doing.
    """

    running: bool
    exits: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    stdout: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stderr: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    urls: Mapping[tuple[str, int], str] = field(default_factory=dict)
    out_of_memory: bool = False
    met: Mapping[str, frozenset[str]] = field(default_factory=dict)
    said: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    unkept: Mapping[str, int] = field(default_factory=dict)
    stopped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. `cut` says why the body is not whole: its time was up, it broke off, or it has more than
    BODY_LIMIT bytes; `came` counts those that are there, `length` is what its head promised.
    """

    status: int
    body: str
    cut: Literal["", "late", "short", "long"] = ""
    came: int = 0
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that ended inside a box; `unkept` counts the bytes that it printed beyond what is kept."""

    exit_code: int
    stdout: str
    stderr: str
    unkept: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A container (network, volume) of ours, as its labels tell; `detail` is the engine's wording of its status."""

    id: str
    name: str
    status: str
    labels: Mapping[str, str]
    urls: tuple[str, ...] = ()
    kind: Literal["container", "network", "volume"] = "container"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """An image on the engine: size in bytes, created in seconds since 1970; `users` are the containers that have it."""

    id: str
    tags: tuple[str, ...]
    size: int
    created: int
    labels: Mapping[str, str]
    users: frozenset[str] = frozenset()
    layers: tuple[str, ...] = ()
    """Of what bears a label of ours that an untagged image bears too; of others nobody asks."""

    @property
    def used(self) -> bool:
        return bool(self.users)


@dataclass(frozen=True, slots=True)
class Setup:
    """How an engine is set up: API version, data root, storage driver, cgroup version, security options.

    `parts` are the programs it is made of, and their versions, a distribution's as it writes them.
    """

    api: str
    root: str
    storage: str
    cgroup: str
    security: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Swept:
    """What was removed, by name, and what could not be and why."""

    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class Engine(Protocol):
    """Every verb raises `Unavailable` when the engine does not answer as it should; nothing else is raised."""

    def facts(self) -> Facts:
        """Ask the engine who it is."""

    def present(self, references: Sequence[str]) -> Mapping[str, str]:
        """Those of the references whose images are there: by digest where a registry gave one, else by id."""

    def probe(self, reference: str, timeout: float) -> str:
        """Why the engine cannot reach the registry of this image within timeout seconds; empty where it can."""

    def pull(self, reference: str, emit: Callable[[str], None]) -> str:
        """Fetch an image from its registry; returns its reference by digest."""

    def equip(self, arguments: Mapping[str, str], network: str = "default") -> None:
        """Predefined build arguments (proxies) that every build gets and no image keeps.

        network: `default`, `none` or `host`, as Docker has them, for builds that need one; the others have none.
        """

    def cancel(self) -> None:
        """Give up for good the builds, pulls and commands under way; called from anywhere when the user interrupts."""

    def build(self, image: Image, emit: Callable[[str], None]) -> Built:
        """Make an image; emit gets each line of the build."""

    def network(self, name: str, labels: Mapping[str, str]) -> None:
        """Make sure the project's network is there; one of that name with another project's label is never taken."""

    def start(self, box: Box) -> bool:
        """Create and start a box. A running one of the same make is kept: then False."""

    def look(self, box: Box) -> Sighting:
        """Observe a box now."""

    def ready(self, box: Box, app: str) -> None:
        """Tell the launcher that an app is ready, so that the next one may start."""

    def ask(self, url: str, method: str, timeout: float) -> Answer | None:
        """One HTTP request; None where nothing answers HTTP within timeout seconds."""

    def run(self, box: Box, app: str, argv: Sequence[str], timeout: float) -> Ran | None:
        """A command inside the box, as the app's user, in its folder and environment; None where it cannot run."""

    def discard(self, box: Box) -> None:
        """Remove one box; it may be gone already."""

    def logs(self, container: str, *, follow: bool) -> Iterator[str]:
        """A box's log lines; with follow, until it ends."""

    def found(self, labels: Mapping[str, str]) -> tuple[Found, ...]:
        """Containers of ours that carry all these labels (an empty value means: any)."""

    def sweep(self, labels: Mapping[str, str], *, networks: bool = True) -> Swept:
        """Remove, by id, what carries all these labels; never anything else."""

    def holdings(self, labels: Mapping[str, str]) -> tuple[Found, ...]:
        """Containers, networks and volumes of ours that carry all these labels."""

    def images(self) -> tuple[Held, ...]:
        """Every image there is, ours or not."""

    def remove_image(self, name: str) -> str:
        """Take one tag (or, by id, an untagged image) away; returns why it could not be, empty where it could."""

    def execute(self, container: str, argv: Sequence[str], write: Callable[[str, bytes], None]) -> int:
        """A command in a running box, as its own user; write gets `stdout` or `stderr` and bytes. Its exit code."""

    def setup(self) -> Setup:
        """How the engine is set up."""
