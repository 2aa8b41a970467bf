"""Random manifests, really built and run: the engine, and the app itself, see what the manifest says and no more."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import docker
import pytest

from isolate import document, isolate
from orchestrator.manifest.scalars import FORBIDDEN

TEXTS = json.loads((Path(__file__).parents[1] / "hostile" / "texts.json").read_text())
LITERAL = list(TEXTS["literal or refused"].values())
LINES = list(TEXTS["refused outside of prose"].values())
OURS = {"PATH", "HOME", "HOSTNAME", "LANG", "PWD", "OLDPWD", "LC_CTYPE", "PYTHONUNBUFFERED"}
"""Of the box, of the base, and of the family."""
TELLS = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ), os.getuid(), os.getgid()]))"
APPS = 10


@pytest.fixture
def project(engine_url: str) -> Iterator[str]:
    name = f"t-{uuid4().hex[:8]}"
    yield name
    isolate("down", name, url=engine_url)


def text(chance: random.Random, *, lines: bool) -> str:
    """What is known to bite, or any characters at all that a manifest may hold."""
    if chance.random() < 0.6:
        return chance.choice([*LITERAL, *LINES] if lines else LITERAL)
    drawn = (
        chr(chance.choice([chance.randrange(0x80), chance.randrange(0x3000), chance.randrange(0x110000)]))
        for _ in "x" * 30
    )
    return "".join(one for one in drawn if not FORBIDDEN.match(one) and (lines or one not in "\n\t"))


def app(chance: random.Random) -> dict[str, Any]:
    return {
        "runtime": "python@3.12",
        "command": ["python", "-c", TELLS, *(text(chance, lines=True) for _ in range(chance.randrange(4)))],
        "environment": {f"V{n}_{chance.randrange(99)}": text(chance, lines=True) for n in range(chance.randrange(4))},
        "labels": {f"test.l{n}/{chance.randrange(99)}": text(chance, lines=False) for n in range(chance.randrange(4))},
        **({"working_dir": f"/srv/{chance.randrange(99)}@+-."} if chance.random() < 0.3 else {}),
        "checks": [{"exit": 0}],
    }


def looked_at(seed: int, project: str, url: str, folder: Path) -> None:
    chance = random.Random(seed)
    apps = {f"app-{number}": app(chance) for number in range(APPS)}
    path = folder / "manifest.yaml"
    path.write_text(json.dumps({"name": project, "apps": apps, "shared": []}, ensure_ascii=False), encoding="utf-8")
    manifest = str(path)
    ran = isolate("up", manifest, "--json", url=url, environment={"HOST_SECRET": "told"})
    assert ran.returncode == 0, (seed, ran.stdout, ran.stderr)
    said = {one["app"]: one["text"] for one in document(isolate("logs", manifest, "--json", url=url))["lines"]}
    client = docker.DockerClient(url)
    for box in client.containers.list(all=True, filters={"label": f"io.isolate.project={project}"}):
        name = box.labels["io.isolate.app"]
        wanted = apps[name]
        image = box.image.attrs["Config"]
        assert (image["Cmd"], image["User"]) == (wanted["command"], "10001:10001"), seed
        assert image["WorkingDir"] == wanted.get("working_dir", f"/apps/{name}"), seed
        assert [
            one for one in image["Env"] if one.partition("=")[0] not in OURS | {"GPG_KEY"} and "PYTHON" not in one
        ] == []
        assert box.attrs["Config"]["User"] == "10001:10001"
        assert {key: value for key, value in box.labels.items() if key.startswith("test.")} == wanted["labels"], seed
        assert [key for key in box.labels if not key.startswith(("test.", "io.isolate."))] == []
        argv, environment, *ids = json.loads(said[name])
        assert argv == wanted["command"][3:], seed
        assert {key: value for key, value in environment.items() if key not in OURS} == wanted["environment"], seed
        assert ids == [10001, 10001]
    client.close()
    assert said.keys() == apps.keys()
    isolate("down", manifest, url=url)


@pytest.mark.docker
def test_ten_samples_are_built_and_run_as_they_say(engine_url: str, project: str, tmp_path: Path) -> None:
    looked_at(random.SystemRandom().randrange(1 << 32), project, engine_url, tmp_path)


@pytest.mark.docker
@pytest.mark.torture
@pytest.mark.parametrize("seed", range(20))
def test_two_hundred_samples_are_built_and_run_as_they_say(
    seed: int, engine_url: str, project: str, tmp_path: Path
) -> None:
    looked_at(seed, project, engine_url, tmp_path)
