"""What a plan is made of, and the document it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from orchestrator.family import Family
from orchestrator.labels import APP, ARM
from orchestrator.model import App, Arm, Base, Box, ContextFile, Image, Lane, Manifest, Probe
from orchestrator.plan.environment import Environment


@dataclass(frozen=True, slots=True)
class Context:
    """The user's files of one app, and the hash of what they hold.

    self_contained: the lists of packages among them name no other file.
    """

    files: tuple[ContextFile, ...]
    digest: str
    self_contained: bool = True

    @property
    def root(self) -> list[str]:
        """The names that are not in a folder of the context."""
        return [file.path for file in self.files if "/" not in file.path]


@dataclass(frozen=True, slots=True)
class World:
    """What the plan must know beside the manifest.

    bases:    `Runtime.key` -> the image to run on; with `/build` appended, the one to compile on.
    contexts: app -> its files.
    host:     files that reach build steps but never an image: `ca.pem`, and `python/pip.conf` for builds of a family.
    secret:   those of them that hold credentials.
    """

    families: Mapping[str, Family]
    bases: Mapping[str, Base]
    contexts: Mapping[str, Context]
    launcher: bytes
    render: Callable[..., str]
    buildkit: bool = True
    host: Mapping[str, bytes] = field(default_factory=dict)
    secret: frozenset[str] = frozenset()
    run: str = "run"
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """What every box of a run has in common."""

    network: str
    labels: Mapping[str, str]

    def of_network(self, apps: Iterable[str]) -> Mapping[str, str]:
        """It is there for the isolated boxes; those of the other arms are its guests."""
        return {**self.labels, ARM: "isolated", APP: ",".join(apps)}


@dataclass(frozen=True, slots=True)
class Trial:
    """One box of the control or shared arm, and the cells it will fill.

    under:  the image of its environment, where no runtime's own base is that.
    base:   the OS base, where it is not the runtime's own: an entry names it, or several families need one.
    serves: app -> the version of its family that it gets here.
    """

    entries: tuple[str, ...]
    arm: Arm
    environment: str
    apps: tuple[str, ...]
    lane: Lane | None
    image: Image
    box: Box
    under: Image | None = None
    base: str | None = None
    probe: Probe | None = None
    serves: Mapping[str, str] = field(default_factory=dict)

    @property
    def images(self) -> tuple[Image, ...]:
        """What has to be made for it, parents first."""
        return (self.under, self.image) if self.under else (self.image,)

    def __str__(self) -> str:
        words = (self.arm, self.environment, self.base and f"on {self.base}", self.lane, self.probe)
        return f"{' '.join(word for word in words if word)}: {' + '.join(self.apps)}"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that will be built and run, in order. `str(plan)` is a document."""

    manifest: Manifest
    world: World
    project: Project
    images: Mapping[str, Image]
    boxes: Mapping[str, Box]
    trials: tuple[Trial, ...]
    candidates: Mapping[str, tuple[Environment, ...]]

    def __str__(self) -> str:
        lines = [f"project {self.manifest.name}", f"network {self.project.network}"]
        for name, box in self.boxes.items():
            app = self.manifest.apps[name]
            lines.append(f"build   {box.image} on {app.runtime}, because {self.images[name].cause}")
            lines.append(f"run     isolated {app.runtime}: {name} as {box.name}")
        for trial in self.trials:
            lines += [f"build   {image.tag}, because {image.cause}" for image in trial.images]
            lines.append(f"run     {trial}")
        return "\n".join(lines) + "\n"


def brings_packages(app: App, world: World) -> bool:
    """Whether an environment with this app in it needs a package install."""
    files = world.families[app.runtime.family].package_files
    return bool(app.packages) or not set(files).isdisjoint(world.contexts[app.name].root)
