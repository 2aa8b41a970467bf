"""What tests share: a real engine, which is never missing quietly."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import docker
import pytest

from fences import Watch, watch
from isolate import isolate
from orchestrator import bases
from orchestrator.engines import private
from orchestrator.engines.docker import DockerEngine
from orchestrator.engines.locate import locate
from orchestrator.engines.private import client_environment
from orchestrator.errors import Unavailable
from orchestrator.model import Runtime

# Started in the background, a shell has SIGINT ignored, under nohup SIGHUP; so would have what these tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

LONGEST = (
    "test_faults",
    "test_interrupted",
    "test_engine",
    "test_at_once",
    "test_fuzz",
    "test_dockerfiles",
    "test_state",
)
"""Files of campaigns that take minutes, the longest first."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is marked `torture` or `workshop` runs where `-m` speaks of it, and is not selected otherwise.

    What takes longest is begun first, so that in several processes no other has to wait for its end.
    """
    unasked = [name for name in ("torture", "workshop") if name not in config.option.markexpr]
    long = [item for item in items if any(item.get_closest_marker(name) for name in unasked)]
    config.hook.pytest_deselected(items=long)
    items[:] = sorted((item for item in items if item not in long), key=_rank)


def _rank(item: pytest.Item) -> int:
    return LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """In several processes, tests whose projects have the same names run one after the other, in one of them."""
    from apart import ByProject

    return ByProject(config, log)


@pytest.fixture(scope="session")
def engine_url() -> Iterator[str]:
    """The engine that answers; else isolate's own, started for the tests. Where there is none, they fail."""
    try:
        if found := locate():
            yield found.url
            return
        started = private.start()
    except Unavailable as error:
        pytest.fail(f"these tests need an engine: {error.message} ({error.hint})")
    yield started.url
    if "PYTEST_XDIST_WORKER" not in os.environ:  # else others may still be at work on it
        private.stop()


@pytest.fixture(scope="session")
def boxes(engine_url: str) -> Iterator[Watch]:
    """Every box that is made on that engine while the tests run."""
    with watch(engine_url) as found:
        yield found
    assert found.wrong == []
    assert not found.blind, f"{found.gone} boxes and commands were gone before anybody could look"


@pytest.fixture(autouse=True)
def _fenced(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test on a real engine: no box of it, in no arm, had a fence missing."""
    if not request.node.get_closest_marker("docker"):
        yield
        return
    found: Watch = request.getfixturevalue("boxes")
    before = len(found.wrong)
    yield
    assert found.wrong[before:] == []


@pytest.fixture(scope="session")
def docker_compose_command(engine_url: str) -> str:
    """Compose, speaking to that engine; what pytest-docker calls it with."""
    variables = [f"{name}={value}" for name, value in client_environment(engine_url).items()]
    return shlex.join(["env", *variables, "docker", "compose"])


@pytest.fixture(scope="session")
def python_base(engine_url: str) -> str:
    """A base image of Python 3.12 on that engine."""
    found = bases.choose(DockerEngine(engine_url), [Runtime("python", "3.12")], lambda _: None)
    return found["python@3.12"].reference


@pytest.fixture
def api(engine_url: str) -> Iterator[docker.APIClient]:
    """The engine's own interface."""
    with closing(docker.APIClient(base_url=engine_url)) as client:
        yield client


@pytest.fixture
def project(request: pytest.FixtureRequest, engine_url: str) -> Iterator[str]:
    """A project name of the test's own, removed afterwards."""
    name = f"t-{abs(hash(request.node.name)) % 10**8}"
    yield name
    isolate("down", name, url=engine_url)
