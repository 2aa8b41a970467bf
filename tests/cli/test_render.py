"""`render` writes what Compose runs without isolate, asks no engine, and spares what it did not write."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
import yaml

from orchestrator.cli import main
from orchestrator.cli.render import LIST, rendered
from orchestrator.engines.follow import said

MANIFEST = """\
name: rendered
apps:
  web:
    runtime: python@3.12
    build: ./web
    command: [python, app.py, "$HOME \\\\ 'x'"]
    environment: {environment}
    ports: ["8080"]
    checks: [{{http: /}}]
  asks:
    runtime: python@3.12
    command: [python, -c, "import os, urllib.request as u; print(u.urlopen(os.environ['WEB_URL']).read().decode())"]
    depends_on: {{web: {{condition: service_healthy}}}}
    checks: [{{exit: 0}}]
"""
APP = """\
import http.server, json, os, sys

class Face(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps([dict(os.environ), sys.argv[1]]).encode())

http.server.HTTPServer(("", int(os.environ["PORT"])), Face).serve_forever()
"""
VALUES = {"DOLLAR": "${HOME} $$", "BACKSLASH": "\\", "QUOTES": "'\"`", "LINES": "one\n\n  two\n", "EXPONENT": "1e3"}


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks one is refused at once."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    (tmp_path / "web/data").mkdir(parents=True)
    (tmp_path / "web/app.py").write_text(APP)
    (tmp_path / "web/data/secret.txt").write_text("no")
    (tmp_path / "web/link").symlink_to("app.py")
    (tmp_path / "web/tool").write_text("#!/bin/sh\n")
    (tmp_path / "web/tool").chmod(0o700)
    (tmp_path / "web/.dockerignore").write_text("data\n")
    path = tmp_path / "manifest.yaml"
    path.write_text(MANIFEST.format(environment=json.dumps(VALUES)))
    return path


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or path.is_file()}


def test_the_folder_holds_all_that_a_build_needs_and_nothing_that_is_ignored(manifest: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["render", str(manifest), "-o", str(out)]) == 0
    web = {"web/Dockerfile", "web/isolate/launch", "web/app/app.py", "web/app/link", "web/app/tool"}
    assert tree(out) == {"compose.yaml", LIST, "asks/Dockerfile", "asks/isolate/launch", *web}
    assert (out / "web/app/link").readlink() == Path("app.py")
    assert (out / "web/app/tool").stat().st_mode & 0o777 == 0o755
    assert (out / "web/app/app.py").stat().st_mode & 0o777 == 0o644
    assert (out / "web/isolate/launch").stat().st_mode & 0o111
    assert (out / "web/Dockerfile").read_text().startswith("FROM python:3.12-slim-bookworm\nLABEL io.isolate.image=")


def test_the_recipes_images_are_named_where_asked_for(manifest: Path, tmp_path: Path) -> None:
    assert main(["render", str(manifest), "-o", str(tmp_path / "out"), "--base", "recipe"]) == 0
    assert (tmp_path / "out/web/Dockerfile").read_text().startswith("FROM isolate/base-python:3.12-")


def test_a_dry_run_lists_the_files_and_writes_none(
    manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["render", str(manifest), "-o", str(out), "--dry-run"]) == 0
    assert f"{out}/web/app/app.py" in capsys.readouterr().out.splitlines()
    assert not out.exists()


def test_a_folder_with_other_things_in_it_is_refused_unless_forced(
    manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "diary.txt").write_text("mine")
    assert main(["render", str(manifest), "-o", str(out), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["exit_code"] == 2
    assert tree(out) == {"diary.txt"}
    assert main(["render", str(manifest), "-o", str(out), "--force"]) == 0
    assert "diary.txt" in tree(out)


def test_rendering_again_leaves_no_stale_source_and_spares_what_was_added(manifest: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    main(["render", str(manifest), "-o", str(out)])
    (out / "web/app/mine.txt").write_text("kept")
    (tmp_path / "web/app.py").rename(tmp_path / "web/renamed.py")
    assert main(["render", str(manifest), "-o", str(out)]) == 0
    assert {"web/app/renamed.py", "web/app/mine.txt"} < tree(out)
    assert "web/app/app.py" not in tree(out)


def test_a_list_that_was_tampered_with_removes_nothing_outside(manifest: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    precious = tmp_path / "precious"
    precious.write_text("x")
    (out / LIST).write_text(json.dumps(["../precious", str(precious)]))
    assert main(["render", str(manifest), "-o", str(out)]) == 0
    assert precious.exists()


def test_in_place_only_compose_yaml_is_written_and_anothers_is_spared(manifest: Path, tmp_path: Path) -> None:
    before = tree(tmp_path)
    assert main(["render", "--in-place", str(manifest), "-o", str(tmp_path)]) == 0
    assert tree(tmp_path) - before == {"compose.yaml"}
    document = yaml.safe_load((tmp_path / "compose.yaml").read_text())
    assert document["services"]["web"]["build"]["context"] == "./web"
    assert main(["render", "--in-place", str(manifest), "-o", str(tmp_path)]) == 0
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    assert main(["render", "--in-place", str(manifest), "-o", str(tmp_path)]) == 2


def test_the_compose_file_of_the_flagship_pair_is_what_render_writes() -> None:
    root = Path(__file__).parents[2]
    (file,) = rendered([root / "apps/dotnet/manifest.yaml"], root, in_place=True)
    told = "make it true with: isolate render --in-place apps/dotnet/manifest.yaml -o ."
    assert (root / "compose.yaml").read_bytes() == file.content, told


Compose = Callable[..., str]


@pytest.fixture
def compose(docker_compose_command: str, manifest: Path, tmp_path: Path) -> Iterator[Compose]:
    """`docker compose` in a folder rendered on the base images that are there."""
    assert main(["render", str(manifest), "-o", str(tmp_path / "out"), "--base", "recipe"]) == 0
    project = f"rendered-{uuid.uuid4().hex[:8]}"

    def run(*words: str, **variables: str) -> str:
        command = [*shlex.split(docker_compose_command), "-p", project, *words]
        ran = subprocess.run(
            command, cwd=tmp_path / "out", capture_output=True, text=True, env={**os.environ, **variables}, check=False
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    yield run
    run("down", "--rmi", "local", "--timeout", "5")


@pytest.mark.docker
@pytest.mark.usefixtures("python_base")
@pytest.mark.parametrize("builder", ["1", "0"], ids=["buildkit", "classic"])
def test_compose_runs_it_without_isolate_and_every_value_arrives(
    compose: Compose, engine_url: str, builder: str
) -> None:
    compose("up", "--build", "--detach", "--quiet-pull", DOCKER_BUILDKIT=builder)
    compose("wait", "asks")
    client = docker.DockerClient(engine_url)
    try:
        asks, web = (client.containers.get(compose("ps", "--all", "--quiet", name).strip()) for name in ("asks", "web"))
        lines, host = asks.logs().decode().splitlines(), web.attrs["HostConfig"]
    finally:
        client.close()
    ((_, answer),) = said(lines, "asks")
    environment, argument = json.loads(answer)
    assert {name: environment[name] for name in VALUES} == VALUES
    assert argument == "$HOME \\ 'x'"
    assert (host["ReadonlyRootfs"], host["CapDrop"], host["Init"], host["PidsLimit"]) == (True, ["ALL"], True, 256)
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"]) == (512 << 20, 512 << 20, 1_000_000_000)
    assert host["PortBindings"] == {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]}
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
