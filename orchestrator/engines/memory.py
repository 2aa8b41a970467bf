"""An engine in memory: an honest fake for unit tests. It follows a script and keeps the rules of the real one.

It proves nothing about Docker; the contract in `tests/engines/contract.py` runs on both.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from orchestrator.engines import Answer, Built, Facts, Found, Held, Ran, Setup, Sighting, Swept
from orchestrator.errors import Unavailable
from orchestrator.labels import kin
from orchestrator.model import Box, Image


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one app in one box: it ends with `exit_code`, or stays and gives these answers by path."""

    exit_code: int | None = None
    stdout: tuple[str, ...] = ()
    stderr: tuple[str, ...] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    out_of_memory: bool = False
    met: frozenset[str] = frozenset()


def serves(box: Box, app: str) -> Fate:
    """The default script: a service answers 200 everywhere, a job ends with 0."""
    launch = next(launch for launch in box.launches if launch.app == app)
    return Fate(answers={"": Answer(200, "ok")}) if launch.ports else Fate(exit_code=0)


class MemoryEngine:
    """fate: what an app does in a box; holds: family -> what its version command prints there; refuse: failed builds.

    `calls` lists every verb that would change something, in order; `made` holds the images that were built, by tag.
    """

    def __init__(
        self,
        fate: Callable[[Box, str], Fate] = serves,
        holds: Callable[[Box], Mapping[str, str]] = lambda _: {},
        refuse: Callable[[Image], Built | None] = lambda _: None,
        images: Sequence[str] = (),
    ) -> None:
        self._fate, self._holds, self._refuse = fate, holds, refuse
        self._images = dict.fromkeys(images, "sha256:0")
        self._networks: dict[str, Mapping[str, str]] = {}
        self._boxes: dict[str, Box] = {}
        self._told: set[tuple[str, str]] = set()
        self._ports = itertools.count(30001)
        self._urls: dict[str, dict[tuple[str, int], str]] = {}
        self.calls: list[str] = []
        self.made: dict[str, Image] = {}

    def facts(self) -> Facts:
        return Facts("memory", "0", "buildkit")

    def present(self, references: Sequence[str]) -> Mapping[str, str]:
        return {name: self._images[name] for name in references if name in self._images}

    def probe(self, reference: str, timeout: float) -> str:
        return f"no registry in memory has {reference}, not within {timeout:g} s either"

    def pull(self, reference: str, emit: Callable[[str], None]) -> str:
        emit(f"no registry in memory has {reference}")
        raise Unavailable(f"{reference} cannot be pulled")

    def equip(self, arguments: Mapping[str, str], network: str = "default") -> None:
        self.arguments, self.build_network = dict(arguments), network

    def cancel(self) -> None:
        self.calls.append("cancel")

    def build(self, image: Image, emit: Callable[[str], None]) -> Built:
        self.calls.append(f"build {image.tag}")
        if missing := [parent for parent in image.parents if parent not in self._images]:
            raise Unavailable(f"{image.tag} needs {missing[0]}, which is not there")
        emit(f"STEP building {image.tag}")
        if refused := self._refuse(image):
            return refused
        self._images[image.tag] = image.digest
        self.made[image.tag] = image
        return Built(ok=True)

    def network(self, name: str, labels: Mapping[str, str]) -> None:
        if not kin(self._networks.get(name, labels), labels):
            raise Unavailable(f"a network that is not ours is called {name}")
        if name not in self._networks:
            self.calls.append(f"network {name}")
            self._networks[name] = dict(labels)

    def start(self, box: Box) -> bool:
        if box.image not in self._images:
            raise Unavailable(f"there is no image {box.image}")
        if box.network not in self._networks:
            raise Unavailable(f"there is no network {box.network}")
        if not kin(self._boxes.get(box.name, box).labels, box.labels):
            raise Unavailable(f"a container that is not ours is called {box.name}")
        if self._same(box) and self.look(box).running:
            return False
        self.calls.append(f"start {box.name}")
        self._boxes[box.name] = box
        ports = [(launch.app, port) for launch in box.launches for port in launch.ports]
        self._urls[box.name] = {key: f"http://127.0.0.1:{next(self._ports)}" for key in ports}
        return True

    def look(self, box: Box) -> Sighting:
        self._known(box.name)
        up = {app: self._fate(box, app) for app in self._started(box)}
        exits = {app: fate.exit_code for app, fate in up.items() if fate.exit_code is not None}
        return Sighting(
            running=len(exits) < len(box.launches),
            exits=exits,
            versions=dict(self._holds(box)),
            stdout={app: fate.stdout for app, fate in up.items()},
            stderr={app: fate.stderr for app, fate in up.items()},
            urls=self._urls[box.name],
            out_of_memory=any(fate.out_of_memory for fate in up.values()),
            met={app: fate.met for app, fate in up.items()},
            said={app: (_text(fate.stdout), _text(fate.stderr)) for app, fate in up.items()},
        )

    def ready(self, box: Box, app: str) -> None:
        self._known(box.name)
        self._told.add((box.name, app))

    def ask(self, url: str, method: str, timeout: float) -> Answer | None:  # noqa: ARG002  the script knows no time
        for name, urls in self._urls.items():
            for (app, _), address in urls.items():
                if url.startswith(address) and app in self._started(self._boxes[name]):
                    fate = self._fate(self._boxes[name], app)
                    if fate.exit_code is None and fate.answers:
                        path = url.removeprefix(address) or "/"
                        return fate.answers.get(path) or fate.answers.get("") or Answer(404, "")
        return None

    def run(self, box: Box, app: str, argv: Sequence[str], timeout: float) -> Ran | None:  # noqa: ARG002
        if not self.look(box).running or app not in self._started(box):
            return None
        answer = self._fate(box, app).answers.get(" ".join(argv))
        return Ran(answer.status, answer.body, "") if answer else Ran(127, "", f"{argv[0]}: not found")

    def discard(self, box: Box) -> None:
        if kin(self._boxes.get(box.name, box).labels, box.labels):
            self._boxes.pop(box.name, None)
            self._urls.pop(box.name, None)

    def logs(self, container: str, *, follow: bool) -> Iterator[str]:  # noqa: ARG002  nothing happens later
        box = self._known(container)
        for app in self._started(box):
            yield from (f"{app}| {line}" for line in self._fate(box, app).stdout)

    def found(self, labels: Mapping[str, str]) -> tuple[Found, ...]:
        return tuple(
            Found(name, name, self._status(box), box.labels, tuple(self._urls[name].values()))
            for name, box in self._boxes.items()
            if _carries(box.labels, labels)
        )

    def holdings(self, labels: Mapping[str, str]) -> tuple[Found, ...]:
        nets = self._networks.items()
        carrying = (Found(name, name, "", own, kind="network") for name, own in nets if _carries(own, labels))
        return (*self.found(labels), *carrying)

    def images(self) -> tuple[Held, ...]:
        users = {n: frozenset(box.name for box in self._boxes.values() if box.image == n) for n in self._images}
        return tuple(Held(name, (name,), 0, 0, {}, users[name]) for name in self._images)

    def remove_image(self, name: str) -> str:
        self.calls.append(f"remove {name}")
        return "" if self._images.pop(name, None) else f"no such image: {name}"

    def execute(self, container: str, argv: Sequence[str], write: Callable[[str, bytes], None]) -> int:
        box = self._known(container)
        ran = self.run(box, box.launches[0].app, argv, 0)
        if ran is None:
            raise Unavailable(f"{container} does not run")
        write("stdout", ran.stdout.encode())
        write("stderr", ran.stderr.encode())
        return ran.exit_code

    def setup(self) -> Setup:
        return Setup(api="0", root="/", storage="memory", cgroup="v2", security=())

    def sweep(self, labels: Mapping[str, str], *, networks: bool = True) -> Swept:
        boxes = tuple(found.name for found in self.found(labels))
        nets = tuple(name for name, own in self._networks.items() if networks and _carries(own, labels))
        for name in boxes:
            self.discard(self._boxes[name])
        for name in nets:
            del self._networks[name]
        return Swept(boxes, nets)

    def _status(self, box: Box) -> str:
        return "running" if self.look(box).running else "exited"

    def _same(self, box: Box) -> bool:
        old = self._boxes.get(box.name)
        return old is not None and (old.image, old.launches) == (box.image, box.launches)

    def _known(self, name: str) -> Box:
        if name not in self._boxes:
            raise Unavailable(f"there is no box {name}")
        return self._boxes[name]

    def _started(self, box: Box) -> list[str]:
        """Each app starts once the one before it is ready, as the engine was told, or dead."""
        started = []
        for launch in box.launches:
            started.append(launch.app)
            if (box.name, launch.app) not in self._told and self._fate(box, launch.app).exit_code is None:
                break
        return started


def _carries(own: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(key in own and value in ("", own[key]) for key, value in wanted.items())


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
