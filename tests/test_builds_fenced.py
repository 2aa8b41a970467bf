"""Builds are fenced as boxes are: time, memory, network; and what stops one there proves nothing about its packages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import docker
import pytest

from isolate import document, isolate, service, write
from orchestrator import confinement, signs
from orchestrator.engines import Built, building
from orchestrator.engines.docker import DockerEngine
from orchestrator.engines.private.leftovers import processes
from orchestrator.engines.under_way import UnderWay
from orchestrator.errors import Unavailable
from orchestrator.model import ContextFile, Image
from orchestrator.runtimes import families

pytestmark = pytest.mark.docker
TAG = "isolate/fenced-build:1"
MIB = 1 << 20
FLOODING = {
    "flood/pyproject.toml": b"[build-system]\nrequires = []\nbuild-backend = 'flood'\nbackend-path = ['.']\n",
    "flood/flood.py": b"def build_wheel(*_):\n    x = []\n    while True:\n        x.append(bytearray(1 << 20))\n",
}


@pytest.fixture
def api(engine_url: str) -> Iterator[Any]:
    with closing(docker.APIClient(base_url=engine_url)) as client:
        yield client
        for one in client.images(name=TAG):
            client.remove_image(one["Id"], force=True)


def image(base: str, step: str, **facts: Any) -> Image:
    """One step, which no cache holds."""
    text = f'FROM {base}\nLABEL io.isolate.image="fenced"\nCOPY . /context\nRUN : {uuid4()}; {step}\n'
    return Image(TAG, "fenced", text, facts.pop("files", ()), "one (m.yaml:1)", **facts)


Build = Callable[[Image], Built]


@pytest.fixture(params=["buildkit", "buildx", "classic"])
def build(request: pytest.FixtureRequest, engine_url: str, api: Any) -> Build:
    """Each way in which a build is made, on the terms of an engine that was equipped."""
    network = getattr(request.node, "callspec", None) and request.node.callspec.params.get("network", "default")

    def make(of: Image) -> Built:
        terms = building.Terms({}, network or "default")
        if request.param == "classic":
            return building.build(api, of, "classic", terms, lambda _: None, UnderWay(), api.ping)
        engine = DockerEngine(engine_url)
        engine.equip({}, network or "default")
        return engine.build(of, lambda _: None)

    make.secrets = {"pip.conf": b"x"} if request.param == "buildx" else {}  # type: ignore[attr-defined]
    return make


@pytest.mark.parametrize(
    ("network", "needs", "own"),
    [("default", False, set()), ("default", True, {"eth0"}), ("none", True, set()), ("host", False, set())],
)
def test_only_builds_that_need_a_network_have_one_and_the_operator_may_take_it(
    build: Build, python_base: str, *, network: str, needs: bool, own: set[str]
) -> None:
    assert _links(build, python_base, needs=needs) & {"lo", "eth0"} == {"lo", *own}


@pytest.mark.parametrize("network", ["host"])
def test_the_operator_may_give_builds_the_machines_network(build: Build, python_base: str, network: str) -> None:
    bridges = {folder.parent.name for folder in Path("/sys/class/net").glob("isl-*/bridge")}
    bridges |= {"docker0"} if Path("/sys/class/net/docker0").exists() else set()
    assert _links(build, python_base, needs=True) & bridges


def _links(build: Build, base: str, *, needs: bool) -> set[str]:
    """Network devices that a step sees; those of tunnels are there in every namespace."""
    step = "sed -n 's/^ *\\([^ ]*\\):.*/link \\1 seen/p' /proc/net/dev"
    built = build(image(base, step, network=needs, secrets=build.secrets))  # type: ignore[attr-defined]
    assert built.ok, built.tail
    return {line.split()[1] for line in built.tail if line.startswith("link ")}


def test_of_a_build_that_never_ends_nothing_runs_on(
    build: Build, python_base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = str(600 + uuid4().int % 10**6)
    monkeypatch.setattr(building, "BUILD_SECONDS", 3.0)
    endless = image(python_base, f"sleep {seconds}", secrets=build.secrets)  # type: ignore[attr-defined]
    with pytest.raises(Unavailable, match=r"a build ran out of time \(3 s\)") as error:
        build(endless)
    assert error.value.where == "one (m.yaml:1)"
    deadline = time.monotonic() + 10
    while any(words[-1] == seconds for _, words in processes()):
        assert time.monotonic() < deadline, "the step still runs"
        time.sleep(0.1)


def test_the_classic_builder_stops_a_step_that_floods_memory_and_that_is_infrastructure(
    api: Any, python_base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confinement, "BUILD_MEMORY", 64 * MIB)
    built = building.build(
        api, image(python_base, "tail /dev/zero"), "classic", building.Terms(), lambda _: None, UnderWay(), api.ping
    )
    assert (built.ok, built.exit_code) == (False, 137)
    assert signs.sign(built.tail, families().values(), built.exit_code) == "a build step was killed: out of memory"


def test_so_is_a_package_whose_own_build_floods_it(api: Any, python_base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "BUILD_MEMORY", 96 * MIB)
    files = tuple(ContextFile(name, content) for name, content in FLOODING.items())
    flood = image(python_base, "pip install --no-index /context/flood", files=files)
    built = building.build(api, flood, "classic", building.Terms(), lambda _: None, UnderWay(), api.ping)
    assert not built.ok
    assert signs.sign(built.tail, families().values(), built.exit_code) == "│ exit code: -9"


def test_without_a_network_a_package_that_is_asked_for_is_infrastructure(engine_url: str, tmp_path: Path) -> None:
    apps = {"one": service("python@3.12", packages=[f"six!=0.{uuid4().int % 10**6}"])}
    path = write(tmp_path, "t-fenced-build", apps, shared=[])
    try:
        ran = isolate("up", path, "--json", "--build-network", "none", url=engine_url, environment={"PIP_RETRIES": "0"})
        assert (ran.returncode, document(ran)["exit_code"]) == (75, 75)
    finally:
        isolate("down", "t-fenced-build", url=engine_url)
