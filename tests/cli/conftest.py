"""A stage on the real engine: boxes with isolate's labels, made without isolate."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import docker
import pytest

from orchestrator.cli import main
from published import is_result


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command of isolate ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert is_result(found)
        assert found["exit_code"] == self.code
        return dict(found)


Isolate = Callable[..., Ran]


@dataclass(frozen=True, slots=True)
class Stage:
    """One project of one owner; what it makes is removed after the test."""

    client: docker.DockerClient
    image: str
    project: str
    owner: str = "0" * 16
    run: str = "r1"

    @property
    def labels(self) -> dict[str, str]:
        return {"io.isolate.project": self.project, "io.isolate.owner": self.owner, "io.isolate.run": self.run}

    def box(self, app: str, script: str = "exec sleep 600", arm: str = "isolated", **facts: Any) -> str:
        """A box that runs a shell script; returns its name."""
        labels = {**self.labels, "io.isolate.arm": arm, "io.isolate.app": app}
        name = f"isolate-{self.project}-{app.replace(',', '-')}-{arm}"
        command = ["sh", "-c", script]
        self.client.containers.run(self.image, command, detach=True, init=True, name=name, labels=labels, **facts)
        return name

    def network(self) -> str:
        return str(self.client.networks.create(f"isolate-{self.project}", labels=self.labels).name)

    def volume(self) -> str:
        return str(self.client.volumes.create(f"isolate-{self.project}", labels=self.labels).name)

    def names(self) -> set[str]:
        """What is left of the project; also while it changes."""
        wanted, api = {"label": f"io.isolate.project={self.project}"}, self.client.api
        boxes = [name.lstrip("/") for one in api.containers(all=True, filters=wanted) for name in one["Names"]]
        others = [*api.networks(filters=wanted), *(api.volumes(filters=wanted)["Volumes"] or ())]
        return {*boxes, *(str(one["Name"]) for one in others)}


@pytest.fixture
def isolate(
    engine_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> Isolate:
    """Runs a command line on the engine, in a home of its own."""
    monkeypatch.setenv("DOCKER_HOST", engine_url)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    capsys.readouterr()

    def run(*words: str) -> Ran:
        code = main(words)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run


@pytest.fixture
def stage(engine_url: str, python_base: str) -> Iterator[Stage]:
    client = docker.DockerClient(engine_url)
    made = Stage(client, python_base, f"test-{uuid.uuid4().hex[:8]}")
    yield made
    wanted = {"label": f"io.isolate.project={made.project}"}
    for container in client.containers.list(all=True, filters=wanted):
        container.remove(force=True)
    for network in client.networks.list(filters=wanted):
        network.remove()
    for volume in client.volumes.list(filters=wanted):
        volume.remove()
    client.close()
