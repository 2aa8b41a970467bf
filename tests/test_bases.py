"""Where a base comes from: the order of the sources, what each answers, and a real registry on loopback."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest

from orchestrator import bases, catalogue
from orchestrator.engines.docker import DockerEngine
from orchestrator.engines.memory import MemoryEngine
from orchestrator.errors import Unavailable
from orchestrator.events import BaseResolved, Event
from orchestrator.model import Base, ContextFile, Image, Runtime
from registry import registry

NEW = Runtime("python", "3.12")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What registries answered is remembered elsewhere."""
    monkeypatch.setattr(bases.places, "cache", lambda: tmp_path)


@pytest.fixture
def served(tmp_path: Path, engine_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An image under the official one's name, pushed to a registry on loopback and not on the engine any more."""
    text = 'FROM scratch\nLABEL io.isolate.image="small"\nCOPY small /small\n'
    small = Image("isolate/small:1", "small", text, (ContextFile("small", b"not much"),), "a registry's test")
    DockerEngine(engine_url).build(small, lambda _: None)
    with registry(tmp_path) as host, closing(docker.DockerClient(base_url=engine_url)) as client:
        monkeypatch.setenv("ISOLATE_REGISTRY", host)
        name, _, tag = bases.mirrored(catalogue.entries("python")["3.12"].image).rpartition(":")
        client.api.tag(small.tag, name, tag)
        assert "error" not in client.api.push(name, tag)
        for reference in (f"{name}:{tag}", small.tag):
            client.api.remove_image(reference)
        yield f"{name}:{tag}"
        for image in client.api.images(name):
            client.api.remove_image(image["Id"], force=True)


@pytest.mark.docker
def test_a_registry_serves_the_official_image_by_digest_and_then_it_is_local(served: str, engine_url: str) -> None:
    events: list[Event] = []
    engine = DockerEngine(engine_url)
    pulled = bases.choose(engine, [NEW], events.append, ("registry",))["python@3.12"]
    assert pulled.source == "registry"
    assert pulled.reference.startswith(served.rpartition(":")[0] + "@sha256:")
    same = Runtime("python", "3.12", image=served)
    there = bases.choose(engine, [same], events.append)[same.key]
    assert there == Base(pulled.reference, pulled.digest, "local")
    assert [event.source for event in events if isinstance(event, BaseResolved)] == ["registry", "local"]


@pytest.mark.docker
def test_a_declared_image_that_no_registry_has_is_infrastructure(served: str, engine_url: str) -> None:
    missing = Runtime("python", "3.12", image=served.replace("3.12", "9.99"))
    with pytest.raises(Unavailable, match=r"local: .* registry: .*manifest unknown"):
        bases.choose(DockerEngine(engine_url), [missing], lambda _: None)


def test_what_is_there_is_used_and_nothing_else_is_asked() -> None:
    made = bases.from_recipes([NEW])["python@3.12"].reference
    chosen = bases.choose(MemoryEngine(images=[made]), [NEW], lambda _: None)
    assert chosen == {"python@3.12": Base(made, made, "local")}


def test_a_version_that_compiles_needs_two_bases() -> None:
    found = bases.official([Runtime("dotnet", "2.2")])
    assert {key: base.reference for key, base in found.items()} == {
        "dotnet@2.2": "mcr.microsoft.com/dotnet/core/aspnet:2.2",
        "dotnet@2.2/build": "mcr.microsoft.com/dotnet/core/sdk:2.2",
    }


def test_the_error_names_every_source_that_was_tried() -> None:
    nowhere = Runtime("python", "3.12", image="example.test/python:3.12")
    with pytest.raises(
        Unavailable, match=r"local: example\.test/python:3\.12 is not there; registry: no registry in memory"
    ):
        bases.choose(MemoryEngine(), [nowhere], lambda _: None)
    with pytest.raises(Unavailable, match=r"no base image for python@3\.12: local: .*; registry: "):
        bases.choose(MemoryEngine(), [NEW], lambda _: None, ("local", "registry"))


def test_a_registry_is_asked_once_and_its_answer_remembered() -> None:
    class Counting(MemoryEngine):
        asked = 0

        def probe(self, reference: str, timeout: float) -> str:
            self.asked += 1
            return f"no answer within {timeout:g} s"

    engine = Counting()
    for version in ("3.12", "3.11"):
        with pytest.raises(Unavailable):
            bases.choose(engine, [Runtime("python", version)], lambda _: None, ("registry",))
    assert engine.asked == 1
    bases.forget()
    with pytest.raises(Unavailable):
        bases.choose(engine, [NEW], lambda _: None, ("registry",))
    assert engine.asked == 2


def test_an_image_that_a_registry_lacks_says_nothing_of_its_others() -> None:
    class Lacking(MemoryEngine):
        def probe(self, reference: str, timeout: float) -> str:
            return "" if "3.12" in reference else "manifest unknown"

        def pull(self, reference: str, emit: Callable[[str], None]) -> str:
            return f"{reference}@sha256:1"

    with pytest.raises(Unavailable, match="manifest unknown"):
        bases.choose(Lacking(), [Runtime("python", "3.11")], lambda _: None, ("registry",))
    assert bases.choose(Lacking(), [NEW], lambda _: None, ("registry",))["python@3.12"].source == "registry"


@pytest.mark.parametrize(
    "odd", ["[1]", "5", '{"docker.io": 5}', '{"docker.io": ["x", "y"]}', '{"docker.io": [NaN, "y"]}', "\x00"]
)
def test_a_memory_of_registries_that_makes_no_sense_is_empty(odd: str, tmp_path: Path) -> None:
    (tmp_path / "registries.json").write_text(odd)
    with pytest.raises(Unavailable, match="no registry in memory"):
        bases.choose(MemoryEngine(), [NEW], lambda _: None, ("registry",))


@pytest.mark.parametrize(("moved", "asked"), [(0, 0), (599, 0), (601, 1), (-3600, 1), (10 * 365 * 86400, 1)])
def test_an_answer_is_remembered_for_ten_minutes_whatever_the_clock_does(
    moved: float, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One from the future is of a clock that was wrong."""
    engine, probes, now = MemoryEngine(), list[float](), time.time()
    monkeypatch.setattr(engine, "probe", lambda _, timeout: probes.append(timeout) or "no answer within 5 s")
    monkeypatch.setattr(time, "time", lambda: now)
    with pytest.raises(Unavailable):
        bases.choose(engine, [NEW], lambda _: None, ("registry",))
    monkeypatch.setattr(time, "time", lambda: now + moved)
    with pytest.raises(Unavailable):
        bases.choose(engine, [NEW], lambda _: None, ("registry",))
    assert len(probes) == 1 + asked


def test_a_cache_that_cannot_be_written_to_costs_only_the_asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(Unavailable, match="no registry in memory"):
        bases.choose(MemoryEngine(), [NEW], lambda _: None, ("registry",))
    bases.forget()


def test_one_version_on_two_images_has_two_bases() -> None:
    names = ["example.test/one:1", "example.test/two:1"]
    wanted = [Runtime("python", "3.12", image=name) for name in names]
    chosen = bases.choose(MemoryEngine(images=names), wanted, lambda _: None)
    assert [chosen[runtime.key].reference for runtime in wanted] == names


@pytest.mark.parametrize(
    ("reference", "there"),
    [
        ("python:3.12-slim", "m:5000/library/python:3.12-slim"),
        ("docker.io/library/python:3.12", "m:5000/library/python:3.12"),
        ("grafana/grafana:1", "m:5000/grafana/grafana:1"),
        ("mcr.microsoft.com/dotnet/core/sdk:2.2", "m:5000/dotnet/core/sdk:2.2"),
        ("localhost:5000/x:1", "m:5000/x:1"),
    ],
)
def test_a_mirror_holds_the_same_paths(reference: str, there: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISOLATE_REGISTRY", "m:5000/")
    assert bases.mirrored(reference) == there
