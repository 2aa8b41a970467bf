"""A class without a network: what `isolate lab prepare` has made is enough for every lab."""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import docker
import pytest

from isolate import COMMAND, isolate
from orchestrator.lab import library
from torture.engine import hurt

pytestmark = [pytest.mark.docker, pytest.mark.workshop]
IMAGE = re.compile(rb"isolate/[a-z0-9-]+:[A-Za-z0-9._-]+")
DISK, NETWORKS = "12g", 64


def made_by(state: Path) -> set[str]:
    """The images that runs with this state folder have spoken of."""
    told = [path.read_bytes() for path in state.rglob("events.jsonl")]
    return {found.decode() for text in told for found in IMAGE.findall(text)}


def test_after_prepare_every_lab_works_with_the_network_unplugged(engine_url: str, tmp_path: Path) -> None:
    """On an engine in a network that has nothing but its own loopback, with isolate in it, too."""
    kept = {"XDG_STATE_HOME": str(tmp_path / "state")}
    prepared = isolate("lab", "prepare", url=engine_url, environment=kept, seconds=3600)
    assert prepared.returncode == 0, prepared.stderr
    # A socket's path has 104 bytes at most.
    with TemporaryDirectory(prefix="isl-") as short, hurt(Path(short), DISK, NETWORKS) as apart:
        with closing(docker.APIClient(base_url=engine_url, timeout=600)) as theirs, apart.api() as ours:
            images = sorted(name for name in made_by(tmp_path / "state") if theirs.images(name))
            assert len(images) > len(library.labs())
            ours.timeout = 600
            saved = theirs.get(f"{theirs.base_url}/images/get", params={"names": images}, stream=True)
            assert saved.ok, saved.text
            loaded = list(ours.load_image(saved.iter_content(1024 * 1024)))
            assert [name for name in images if not ours.images(name)] == [], loaded[-3:]
        assert apart.run("ip", "-oneline", "link").count("\n") == 2, "loopback, and the engine's own bridge"
        assert not re.search("^default", apart.run("ip", "route"), re.MULTILINE)
        command = [*apart.inside, "--", *COMMAND, "lab", "selftest", "--json"]
        variables = {**os.environ, **kept, "DOCKER_HOST": apart.url, "UV_CACHE_DIR": str(tmp_path / "uv")}
        ran = subprocess.run(command, capture_output=True, text=True, env=variables, check=False, timeout=3600)
    steps = json.loads(ran.stdout)["steps"]
    assert [(one["lab"], one["step"], one["wrong"]) for one in steps if one["wrong"]] == []
    assert len(steps) == sum(len(lab.steps) for lab in library.labs().values())
    assert ran.returncode == 0
