"""The Docker engine, through the SDK. Foreign exceptions are translated at one door."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException, NotFound, StreamParseError
from docker.tls import TLSConfig
from urllib3.exceptions import HTTPError, ReadTimeoutError

from orchestrator import confinement
from orchestrator.engines import (
    Answer,
    Built,
    Facts,
    Found,
    Held,
    Ran,
    Setup,
    Sighting,
    Swept,
    building,
    buildx,
    container,
    streams,
    upkeep,
)
from orchestrator.engines.follow import Follower
from orchestrator.engines.http import ask
from orchestrator.engines.under_way import UnderWay
from orchestrator.errors import IsolateError, Unavailable
from orchestrator.labels import BOX, kin
from orchestrator.model import Box, Image

CALL_TIMEOUT = 60
GONE = (404, 409)
"""How the engine says that a box is not there, or does not run."""


@contextmanager
def _door() -> Iterator[None]:
    """Whatever the SDK raises leaves as `Unavailable`: an engine that does not do its part proves nothing."""
    try:
        yield
    except IsolateError:
        raise
    except APIError as error:
        raise Unavailable(f"the engine refused: {error.explanation or error}", hint="isolate doctor") from error
    except (DockerException, StreamParseError, requests.RequestException, HTTPError, OSError) as error:
        raise Unavailable(f"the engine does not answer: {error}", hint="isolate doctor") from error


class DockerEngine:
    """An engine behind a URL such as `unix:///var/run/docker.sock`."""

    def __init__(self, url: str, tls: TLSConfig | bool = False) -> None:
        with _door():
            self._api: Any = docker.APIClient(base_url=url, timeout=CALL_TIMEOUT, num_pools=64, tls=tls)
        self.url = url
        self._followers: dict[str, Follower] = {}
        self._facts: Facts | None = None
        self._cpus = 0
        self._terms = building.Terms()
        self._under_way = UnderWay()

    def facts(self) -> Facts:
        if self._facts is None:
            with _door():
                version = self._api.version()
                ping = self._api.get(f"{self._api.base_url}/_ping")
            kind = "podman" if any(c["Name"].startswith("Podman") for c in version.get("Components", [])) else "docker"
            buildkit = kind == "docker" and ping.headers.get("Builder-Version") == "2"
            release = version["Version"].split("+")[0]
            self._facts = Facts(kind, release, "buildkit" if buildkit else "classic")
        return self._facts

    def present(self, references: Sequence[str]) -> Mapping[str, str]:
        with _door():
            images = self._api.images()
        known = {tag: image["Id"] for image in images for tag in image["RepoTags"] or ()}
        for image in images:
            digests = {name.split("@")[0]: name for name in image["RepoDigests"] or ()}
            known |= {digest: digest for digest in digests.values()}
            known |= {t: digests[r] for t in image["RepoTags"] or () if (r := t.rpartition(":")[0]) in digests}
        return {reference: known[short] for reference in references if (short := _familiar(reference)) in known}

    def probe(self, reference: str, timeout: float) -> str:
        try:
            url = self._api._url("/distribution/{0}/json", reference)  # noqa: SLF001  the public call has no timeout
            answer = self._api._get(url, timeout=timeout)  # noqa: SLF001
            return "" if answer.ok else str(answer.json().get("message", answer.reason))
        except (requests.JSONDecodeError, AttributeError):
            return f"{answer.status_code} {answer.reason}, and not from the engine itself"
        except requests.Timeout:
            return f"no answer within {timeout:g} s"
        except requests.RequestException as error:
            return f"the engine does not answer: {error}"

    def pull(self, reference: str, emit: Callable[[str], None]) -> str:
        def fetch() -> str:
            for event in streams.pulled(self._api, reference):
                if self._under_way.given_up:
                    raise Unavailable("given up")
                if "error" in event:
                    raise Unavailable(f"{reference} cannot be pulled: {event['error']}")
                if not event.get("progressDetail"):
                    emit(event.get("status", ""))
            digests = self._api.inspect_image(reference)["RepoDigests"]
            return str(digests[0]) if digests else reference

        with _door():
            try:
                return self._under_way.wait(fetch, building.BUILD_SECONDS)
            except (TimeoutError, requests.Timeout, ReadTimeoutError) as error:
                raise Unavailable(f"{reference} cannot be pulled: the registry is too slow, or the engine") from error

    def equip(self, arguments: Mapping[str, str], network: str = "default") -> None:
        self._terms = building.Terms(dict(arguments), network)

    def cancel(self) -> None:
        self._under_way.give_up()

    def build(self, image: Image, emit: Callable[[str], None]) -> Built:
        builder = self.facts().builder
        if image.secrets:
            return self._build_with_secrets(image, emit)
        with _door():
            return building.build(self._api, image, builder, self._terms, emit, self._under_way, self._api.ping)

    def _build_with_secrets(self, image: Image, emit: Callable[[str], None]) -> Built:
        if self.facts().builder != "buildkit" or not buildx.available(self.url):
            raise Unavailable(
                f"{' and '.join(image.secrets)} of this machine holds credentials, and no builder with secrets is here",
                hint="install docker buildx, or name an index without credentials",
            )
        with _door(), building.context(image) as tar:
            return buildx.build(self.url, image, tar, self._terms, emit, self._under_way, self._api.ping)

    def network(self, name: str, labels: Mapping[str, str]) -> None:
        with _door():
            if self._has_network(name, labels):
                return
            try:
                self._api.create_network(name, driver="bridge", labels=dict(labels), check_duplicate=True)
            except APIError as error:
                if error.status_code != 409 or not self._has_network(name, labels):
                    raise

    def start(self, box: Box) -> bool:
        with _door():
            if not self._create(box):
                return False
            heard = streams.attached(self._api, box.name)
            with ExitStack() as unless_started:
                unless_started.callback(heard.close)
                self._api.start(box.name)
                unless_started.pop_all()
        self._listen(box.name, lambda: heard)
        return True

    def look(self, box: Box) -> Sighting:
        follower = self._followers.get(box.name) or self._listen(box.name, lambda: streams.log(self._api, box.name))
        with _door():
            state = self._api.inspect_container(box.name)
        running = state["State"]["Running"]
        out_of_memory = state["State"]["OOMKilled"]
        cut: set[str] = set()
        if not running:
            follower.ended.wait(5)
        if not running and not out_of_memory:
            cut = {launch.app for launch in box.launches} - follower.exits.keys()
        return Sighting(
            running=running,
            exits=dict(follower.exits),
            versions=dict(follower.versions) if follower.asked.is_set() else {},
            stdout={app: tuple(kept) for app, kept in dict(follower.output["stdout"]).items()},
            stderr={app: tuple(kept) for app, kept in dict(follower.output["stderr"]).items()},
            urls=container.urls(box, state),
            out_of_memory=out_of_memory,
            met={app: frozenset(caps) for app, caps in dict(follower.met).items()},
            said=follower.said,
            unkept=dict(follower.unkept),
            stopped=frozenset(follower.stopped | cut),
        )

    def ready(self, box: Box, app: str) -> None:
        ran = self._run(box, ["touch", f"/run/isolate/{app}.ready"], 10)
        if ran is None or ran.exit_code:
            raise Unavailable(f"{box.name} cannot be told that {app} is ready")

    def ask(self, url: str, method: str, timeout: float) -> Answer | None:
        return ask(url, method, timeout)

    def run(self, box: Box, app: str, argv: Sequence[str], timeout: float) -> Ran | None:
        launch = next(launch for launch in box.launches if launch.app == app)
        return self._run(box, argv, timeout, workdir=launch.folder, environment=dict(launch.environment))

    def discard(self, box: Box) -> None:
        self._followers.pop(box.name, None)
        with _door(), suppress(NotFound):
            there = self._api.inspect_container(box.name)
            if kin(there["Config"]["Labels"], box.labels):
                self._api.remove_container(there["Id"], force=True, v=True)

    def logs(self, container: str, *, follow: bool) -> Iterator[str]:
        with _door():
            stream = self._api.logs(container, stream=True, follow=follow)
            rest = b""
            for piece in stream:
                *whole, rest = (rest + piece).split(b"\n")
                yield from (line.decode(errors="replace") for line in whole)
            if rest:
                yield rest.decode(errors="replace")

    def found(self, labels: Mapping[str, str]) -> tuple[Found, ...]:
        with _door():
            containers = self._api.containers(all=True, filters=upkeep.filters(labels))
        return tuple(map(upkeep.container, containers))

    def sweep(self, labels: Mapping[str, str], *, networks: bool = True) -> Swept:
        removed: dict[str, list[str]] = {"container": [], "network": [], "volume": [], "left": []}
        found = [(one.name, one.id) for one in self.found(labels)]
        self._remove("container", found, lambda id_: self._api.remove_container(id_, force=True, v=True), removed)
        if networks:
            with _door():
                nets = [(net["Name"], net["Id"]) for net in self._networks(upkeep.filters(labels))]
                volumes = self._api.volumes(filters=upkeep.filters(labels))["Volumes"] or []
            self._remove("network", nets, self._api.remove_network, removed)
            self._remove("volume", [(one["Name"], one["Name"]) for one in volumes], self._api.remove_volume, removed)
        return Swept(*(tuple(removed[kind]) for kind in ("container", "network", "volume", "left")))

    def holdings(self, labels: Mapping[str, str]) -> tuple[Found, ...]:
        with _door():
            return tuple(upkeep.holdings(self._api, labels))

    def images(self) -> tuple[Held, ...]:
        with _door():
            return tuple(upkeep.images(self._api))

    def remove_image(self, name: str) -> str:
        return _attempt(self._api.remove_image, name) or ""

    def execute(self, container: str, argv: Sequence[str], write: Callable[[str, bytes], None]) -> int:
        with _door():
            return upkeep.execute(self._api, container, argv, write)

    def setup(self) -> Setup:
        with _door():
            return upkeep.setup(self._api)

    def _run(self, box: Box, argv: Sequence[str], timeout: float, **place: Any) -> Ran | None:
        with _door():
            try:
                made = self._api.exec_create(box.name, list(argv), user=confinement.USER, **place)
                return streams.ran(self._api, made["Id"], self._under_way, timeout)
            except APIError as error:
                if error.status_code in GONE:
                    return None
                raise

    def _remove(
        self,
        kind: str,
        found: Sequence[tuple[str, str]],
        call: Callable[[str], object],
        removed: dict[str, list[str]],
    ) -> None:
        """Each by its id; what is gone or going already is no failure."""
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda pair: _attempt(call, pair[1]), found))
        for (name, _), answer in zip(found, answers, strict=True):
            if answer:
                removed["left"].append(f"{kind} {name}: {answer}")
            elif answer is not None:
                removed[kind].append(name)

    def _networks(self, filters: dict[str, list[str]]) -> list[dict[str, Any]]:
        return list(self._api.networks(filters=filters))

    def _has_network(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether the project's network is there; somebody else's of that name is not taken."""
        found = [net for net in self._networks({"name": [name]}) if net["Name"] == name]
        if not all(kin(net["Labels"], labels) for net in found):
            raise Unavailable(
                f"a network that is not ours is called {name}", hint="rename it, or choose another -p NAME"
            )
        return bool(found)

    def _create(self, box: Box) -> bool:
        """True where a box is waiting to be started; False where the same one already runs."""
        arguments = container.arguments(self._api, box, self._processors())
        try:
            self._api.create_container(**arguments)
        except APIError as error:
            if error.status_code != 409:
                raise
            old = self._api.inspect_container(box.name)
            labels = old["Config"]["Labels"] or {}
            if not kin(labels, box.labels):
                raise Unavailable(
                    f"a container that is not ours is called {box.name}", hint="rename it, or choose another -p NAME"
                ) from error
            if labels.get(BOX) == container.made(box) and old["State"]["Running"]:
                return False
            self._api.remove_container(old["Id"], force=True, v=True)
            self._api.create_container(**arguments)
        return True

    def _processors(self) -> int:
        if not self._cpus:
            self._cpus = int(self._api.info()["NCPU"])
        return self._cpus

    def _listen(self, name: str, stream: Callable[[], Any]) -> Follower:
        follower = self._followers[name] = streams.follower(stream)
        return follower


def _attempt(call: Callable[[str], object], id_: str) -> str | None:
    """Empty where it was removed, None where it was gone, else the reason."""
    try:
        with _door():
            call(id_)
    except Unavailable as error:
        cause = error.__cause__
        if isinstance(cause, NotFound) or "already in progress" in error.message:
            return None
        return error.message
    return ""


def _familiar(reference: str) -> str:
    """`docker.io/library/python:3.8` is listed as `python:3.8`."""
    return reference.removeprefix("docker.io/").removeprefix("library/")
