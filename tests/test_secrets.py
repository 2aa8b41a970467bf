"""Credentials of a package index reach the one step that needs them, and nothing that stays: no layer, no history, no
cache, no log, no event, no report.
"""

from __future__ import annotations

import base64
import io
import json
import os
import socket
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import docker
import pytest

from isolate import document, isolate, service, write
from orchestrator import running
from orchestrator.engines import buildx
from orchestrator.engines.docker import DockerEngine
from orchestrator.errors import Unavailable
from orchestrator.model import Image

pytestmark = pytest.mark.docker
CANARY = "canary-7f3a"
BASIC = base64.b64encode(f"me:{CANARY}".encode()).decode()
NEEDLES = (CANARY.encode(), BASIC.encode(), base64.b64encode(CANARY.encode()).rstrip(b"="))
MARKER = "layers were read to their ground"
PROJECT = "t-secret"
TOGETHER = [{"policy": "one-runtime", "order": "together"}]
WHEEL = "guarded-1.0-py3-none-any.whl"


@pytest.fixture
def api(engine_url: str) -> Iterator[Any]:
    with closing(docker.APIClient(base_url=engine_url)) as client:
        yield client


@pytest.fixture
def gateway(api: Any) -> str:
    """The machine, as builds reach it."""
    return str(api.inspect_network("bridge")["IPAM"]["Config"][0]["Gateway"])


@pytest.fixture
def guarded(tmp_path: Path, gateway: str) -> Iterator[str]:
    """Indexes of pip and npm that ask for a password, on the engine's own bridge; their host and port."""
    folder = tmp_path / "served"
    _wheel(folder / "simple/guarded")
    packed = _tarball()
    (folder / "guarded.tgz").write_bytes(packed)

    class Guarded(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers["Authorization"] != f"Basic {BASIC}":
                self.send_error(401)
            elif self.path == "/guarded":
                self._metadata()
            else:
                super().do_GET()

        def end_headers(self) -> None:
            """What may be kept is kept."""
            self.send_header("Cache-Control", "max-age=600")
            super().end_headers()

        def _metadata(self) -> None:
            one = {"name": "guarded", "version": "1.0.0", "dist": {"tarball": f"http://{where}/guarded.tgz"}}
            told = {"name": "guarded", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": one}}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer((gateway, 0), lambda *args: Guarded(*args, directory=str(folder)))
    where = f"{gateway}:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield where
    server.shutdown()
    server.server_close()


def _wheel(folder: Path) -> None:
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        wheel.writestr("guarded.py", f"# {MARKER}\n")
        wheel.writestr("guarded-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: guarded\nVersion: 1.0\n")
        wheel.writestr("guarded-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("guarded-1.0.dist-info/RECORD", "")
    (folder / "index.html").write_text(f'<a href="{WHEEL}">{WHEEL}</a>')


def _tarball() -> bytes:
    files = {"package.json": json.dumps({"name": "guarded", "version": "1.0.0"}), "index.js": f"// {MARKER}\n"}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return packed.getvalue()


def variable(where: str, folder: Path) -> Mapping[str, str]:
    return {**pip(where), "PIP_INDEX_URL": f"http://me:{CANARY}@{where}/simple"}


def file_(where: str, folder: Path) -> Mapping[str, str]:
    (folder / "pip.conf").write_text(f"[global]\nindex-url = http://me:{CANARY}@{where}/simple\n")
    return {**pip(where), "PIP_CONFIG_FILE": str(folder / "pip.conf")}


def pip(where: str) -> dict[str, str]:
    host = where.partition(":")[0]
    return {"PIP_TRUSTED_HOST": host, "PIP_EXTRA_INDEX_URL": "", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0"}


def npmrc(where: str, folder: Path) -> Mapping[str, str]:
    (folder / ".npmrc").write_text(f"registry=http://{where}/\n//{where}/:_auth={BASIC}\n")
    return {"NPM_CONFIG_USERCONFIG": str(folder / ".npmrc")}


def python() -> dict[str, object]:
    """An app of its own for each test: an image that is there already is not built."""
    return service("python@3.12", packages=[f"guarded>=0.{uuid4().int % 10**6}"])


def node() -> dict[str, object]:
    command = ["node", "-e", "require('guarded')"]
    packages = [f"guarded@>=0.{uuid4().int % 10**6}.0"]
    return {"runtime": "node@22", "packages": packages, "command": command, "checks": [{"exit": 0}]}


@pytest.mark.parametrize(
    ("app", "settings"),
    [(python, variable), pytest.param(python, file_, marks=pytest.mark.torture), (node, npmrc)],
    ids=["PIP_INDEX_URL", "pip.conf", "npmrc"],
)
def test_credentials_that_are_needed_are_nowhere_afterwards(
    app: Any, settings: Any, guarded: str, engine_url: str, tmp_path: Path, api: Any
) -> None:
    path = write(tmp_path, PROJECT, {"one": app(), "two": app()}, shared=TOGETHER)
    ran = examined(path, engine_url, tmp_path, settings(guarded, tmp_path))
    assert ran.returncode == 0, ran.stderr
    images = [image["Id"] for image in api.images() if _made_in(tmp_path) & set(image["RepoTags"] or ())]
    assert len(images) >= 3, "two apps and one shared environment"
    assert [word for image in images for word in held(str(api.history(image)) + str(api.inspect_image(image)))] == []
    layers = [*_joined(saved(api, images))]
    assert any(MARKER.encode() in piece for piece in layers), "the layers could not be read"
    assert not any(needle in piece for piece in layers for needle in NEEDLES)
    assert _cached(engine_url, path, next(iter(_made_in(tmp_path)))) == "0"
    assert told(ran, tmp_path) == []
    for image in ("isolate/never:1", *images):
        api.remove_image(image, force=True)


@pytest.mark.parametrize(
    ("app", "settings"),
    [(python, variable), pytest.param(node, npmrc, marks=pytest.mark.torture)],
    ids=["PIP_INDEX_URL", "npmrc"],
)
def test_credentials_that_are_refused_are_not_quoted(
    app: Any, settings: Any, engine_url: str, tmp_path: Path, gateway: str
) -> None:
    with socket.create_server((gateway, 0)) as closed:
        nobody = f"{gateway}:{closed.getsockname()[1]}"
    path = write(tmp_path, PROJECT, {"one": app(), "two": app()}, shared=TOGETHER)
    ran = examined(path, engine_url, tmp_path, settings(nobody, tmp_path))
    assert ran.returncode == 75
    assert told(ran, tmp_path) == []


def test_a_proxys_password_is_in_no_image_and_not_quoted(
    engine_url: str, tmp_path: Path, gateway: str, api: Any
) -> None:
    """The app without packages is made; the one with some fails at the proxy, which is not there."""
    proxy = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), f"http://me:{CANARY}@{gateway}:9")
    settings = {**proxy, **pip("index.invalid"), "PIP_INDEX_URL": "http://index.invalid/simple"}
    plain = {"runtime": "python@3.12", "command": ["python", "-c", f"'{uuid4()}'"], "checks": [{"exit": 0}]}
    path = write(tmp_path, PROJECT, {"one": plain, "two": python()})
    ran = examined(path, engine_url, tmp_path, settings)
    assert ran.returncode == 75
    assert told(ran, tmp_path) == []
    images = [image["Id"] for image in api.images() if _made_in(tmp_path) & set(image["RepoTags"] or ())]
    assert images
    assert [word for image in images for word in held(str(api.history(image)) + str(api.inspect_image(image)))] == []
    for image in images:
        api.remove_image(image, force=True)


def examined(path: str, url: str, folder: Path, settings: Mapping[str, str]) -> Any:
    """`isolate test` with every report it writes."""
    reports = [
        word for kind in ("junit", "html", "markdown", "svg") for word in (f"--{kind}", str(folder / "reports" / kind))
    ]
    (folder / "reports").mkdir()
    variables = {"XDG_STATE_HOME": str(folder / "state"), **settings}
    return isolate("test", path, "--json", "--progress", "json", *reports, url=url, environment=variables)


def told(ran: Any, folder: Path) -> list[str]:
    """Where a credential stands in what a run has said, kept and written."""
    document(ran)
    kept = [file for top in ("state", "reports") for file in (folder / top).rglob("*") if file.is_file()]
    assert {file.name for file in kept} >= {"events.jsonl", "result.json", "junit", "html", "markdown", "svg"}
    found = [str(file) for file in kept if any(needle in file.read_bytes() for needle in NEEDLES)]
    return found + held(ran.stdout + ran.stderr)


def held(text: str) -> list[str]:
    return [needle.decode() for needle in NEEDLES if needle in text.encode()]


def _made_in(folder: Path) -> set[str]:
    """The tags that a run has built, by its own events."""
    (events,) = (folder / "state").rglob("events.jsonl")
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    return {one["image"] for one in lines if one["event"] == "build-ended" and one["outcome"] == "built"}


def _cached(url: str, path: str, image: str) -> str:
    """How many files of the builder's caches for this manifest hold a credential."""
    caches = {f"isolate-{running.owner(Path(path))}{end}": f"/cache{end}" for end in ("", "-npm")}
    mounts = " ".join(f"--mount=type=cache,id={name},target={target}" for name, target in caches.items())
    patterns = " ".join(f"-e {needle.decode()}" for needle in NEEDLES)
    count = f"echo found $(grep -rla {patterns} {' '.join(caches.values())} | wc -l) of $(find /cache* -type f | wc -l)"
    lines: list[str] = []
    built = DockerEngine(url).build(
        Image(
            "isolate/never:1",
            "never",
            f"FROM {image}\nUSER 0\nRUN {mounts} {count} {os.urandom(4).hex()}\n",
            (),
            "a test",
        ),
        lines.append,
    )
    assert built.ok, built.tail
    words = next(line for line in lines if line.startswith("found ")).split()
    assert int(words[3]) > 0, "the cache is another one"
    return words[1]


def saved(api: Any, images: list[str]) -> Iterator[bytes]:
    """`docker save` of them all."""
    answer = api._get(api._url("/images/get"), params={"names": images}, stream=True)
    api._raise_for_status(answer)
    yield from answer.iter_content(1 << 20)


def _joined(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Neighbouring pieces overlap, so that nothing hides on a seam."""
    last = b""
    for piece in pieces:
        yield last + piece
        last = piece[-64:]


def test_without_a_builder_that_keeps_secrets_the_build_is_refused(
    engine_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buildx, "available", lambda _: False)
    image = Image("isolate/never:1", "never", "FROM scratch\n", (), "a test", secrets={"pip.conf": b"me:word"})
    with pytest.raises(Unavailable, match=r"pip\.conf of this machine holds credentials"):
        DockerEngine(engine_url).build(image, lambda _: None)
