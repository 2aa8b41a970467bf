"""Credentials of a package index reach the one step that needs them, and nothing that stays."""

from __future__ import annotations

import base64
import os
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import docker
import pytest

from isolate import document, isolate, service, write
from orchestrator.engines import buildx
from orchestrator.engines.docker import DockerEngine
from orchestrator.errors import Unavailable
from orchestrator.model import Image

pytestmark = pytest.mark.docker
CANARY = "canary-7f3a"
WHEEL = "guarded-1.0-py3-none-any.whl"


@pytest.fixture
def api(engine_url: str) -> Iterator[Any]:
    with closing(docker.APIClient(base_url=engine_url)) as client:
        yield client


@pytest.fixture
def index(tmp_path: Path, api: Any) -> Iterator[str]:
    """A package index that asks for a password, on the engine's own bridge; its address with the credentials."""
    folder = tmp_path / "simple" / "guarded"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        wheel.writestr("guarded.py", "")
        wheel.writestr("guarded-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: guarded\nVersion: 1.0\n")
        wheel.writestr("guarded-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("guarded-1.0.dist-info/RECORD", "")
    (folder / "index.html").write_text(f'<a href="{WHEEL}">{WHEEL}</a>')
    wanted = "Basic " + base64.b64encode(f"me:{CANARY}".encode()).decode()

    class Guarded(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers["Authorization"] == wanted:
                super().do_GET()
            else:
                self.send_error(401)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    gateway = api.inspect_network("bridge")["IPAM"]["Config"][0]["Gateway"]
    server = ThreadingHTTPServer((gateway, 0), lambda *args: Guarded(*args, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://me:{CANARY}@{gateway}:{server.server_port}/simple"
    server.shutdown()
    server.server_close()


def test_credentials_are_in_no_layer_and_no_history(index: str, engine_url: str, tmp_path: Path, api: Any) -> None:
    path = write(tmp_path, "t-secret", {"one": service("python@3.12", packages=["guarded==1.0"])}, shared=[])
    host = index.rpartition("@")[2].split(":")[0]
    settings = {
        "PIP_INDEX_URL": index,
        "PIP_TRUSTED_HOST": host,
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_CONFIG_FILE": os.devnull,
    }
    try:
        ran = isolate("up", path, "--json", url=engine_url, environment=settings)
        assert ran.returncode == 0, ran.stderr
        image = document(ran)["apps"]["one"]["image"]
        listed = isolate("exec", "t-secret", "one", "--", "pip", "list", url=engine_url)
        assert "guarded" in listed.stdout
        assert CANARY not in str(api.history(image)) + str(api.inspect_image(image))
        assert not any(CANARY.encode() in piece for piece in _joined(api.get_image(image)))
    finally:
        isolate("down", "t-secret", url=engine_url)
    api.remove_image(image, force=True)


def _joined(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Neighbouring pieces overlap, so that nothing hides on a seam."""
    last = b""
    for piece in pieces:
        yield last + piece
        last = piece[-len(CANARY) :]


def test_without_a_builder_that_keeps_secrets_the_build_is_refused(
    engine_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buildx, "available", lambda _: False)
    image = Image("isolate/never:1", "never", "FROM scratch\n", (), "a test", secrets={"pip.conf": b"me:word"})
    with pytest.raises(Unavailable, match=r"pip\.conf of this machine holds credentials"):
        DockerEngine(engine_url).build(image, lambda _: None)
