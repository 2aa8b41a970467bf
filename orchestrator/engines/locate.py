"""Which engine is used: the one that was named, else the first that answers."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator import places
from orchestrator.errors import Unavailable

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.tls import TLSConfig

DEFAULT_SOCKET = "/var/run/docker.sock"
PING_SECONDS = 2
API_VERSION = "1.41"
"""Not asked about for a ping, whose path has no version in it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An engine's address, and what pointed to it."""

    url: str
    found_by: str
    certificates: Path | None = None
    """Folder with ca.pem, cert.pem and key.pem, where the engine is spoken to over TLS."""


def locate() -> Endpoint | None:
    """The engine to use, or None where none answers.

    Order: DOCKER_HOST, the Docker context, the default socket, the rootless one, isolate's own.
    One that is named and does not answer is `Unavailable`: nobody's choice is silently replaced.
    """
    if named := _environment() or _context():
        _refuse_ssh(named)
        if not answers(named):
            raise _silent(named)
        return named
    return next(filter(answers, _candidates()), None)


def answers(endpoint: Endpoint) -> bool:
    """Whether an engine answers `/_ping` there, within two seconds."""
    if endpoint.url.startswith("unix://"):
        return _socket_answers(endpoint.url.removeprefix("unix://"))
    import docker
    import requests

    try:
        tls = tls_of(endpoint.certificates)
        with closing(docker.APIClient(endpoint.url, API_VERSION, PING_SECONDS, tls=tls)) as client:
            return client.get(f"{client.base_url}/_ping", timeout=PING_SECONDS).ok
    except (docker.errors.DockerException, requests.RequestException, OSError):
        return False


@contextmanager
def connected(endpoint: Endpoint, timeout: int = 60) -> Iterator[DockerClient]:
    """A client for the engine, closed at the end; `timeout` seconds for each answer. Its errors are `Unavailable`."""
    import docker
    import requests

    try:
        tls = tls_of(endpoint.certificates)
        with closing(docker.DockerClient(endpoint.url, version="auto", timeout=timeout, tls=tls)) as client:
            yield client
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise Unavailable(f"the engine refused: {error}", where=endpoint.url, hint="isolate doctor") from error


def _socket_answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PING_SECONDS)
        try:
            connection.connect(path)
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
        except OSError:
            return False


def _environment() -> Endpoint | None:
    if not (url := os.environ.get("DOCKER_HOST", "")):
        return None
    folder = os.environ.get("DOCKER_CERT_PATH") or _docker_config()
    return Endpoint(url, "DOCKER_HOST", Path(folder) if os.environ.get("DOCKER_TLS_VERIFY") else None)


def _context() -> Endpoint | None:
    """Docker's own rule: DOCKER_CONTEXT, else `currentContext`; its folders are named by the hash of its name."""
    name = os.environ.get("DOCKER_CONTEXT") or _current_context()
    if name in {"", "default"}:
        return None
    contexts, key = _docker_config() / "contexts", hashlib.sha256(name.encode()).hexdigest()
    meta = contexts / "meta" / key / "meta.json"
    try:
        url = str(json.loads(meta.read_text())["Endpoints"]["docker"]["Host"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        message = f"the Docker context `{name}` names no engine"
        raise Unavailable(message, where=str(meta), hint="docker context use default") from error
    certificates = contexts / "tls" / key / "docker"
    return Endpoint(url, f"Docker context {name}", certificates if certificates.is_dir() else None)


def _current_context() -> str:
    try:
        return str(json.loads((_docker_config() / "config.json").read_text()).get("currentContext", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def _docker_config() -> Path:
    return Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")


def _candidates() -> Iterator[Endpoint]:
    yield Endpoint(f"unix://{DEFAULT_SOCKET}", "default socket")
    if folder := os.environ.get("XDG_RUNTIME_DIR"):
        yield Endpoint(f"unix://{folder}/docker.sock", "rootless socket")
    yield Endpoint(f"unix://{places.engine_socket()}", "private engine")


def tls_of(certificates: Path | None) -> TLSConfig | bool:
    if certificates is None:
        return False
    import docker

    pair = (str(certificates / "cert.pem"), str(certificates / "key.pem"))
    return docker.tls.TLSConfig(client_cert=pair, ca_cert=str(certificates / "ca.pem"), verify=True)


def _refuse_ssh(named: Endpoint) -> None:
    if named.url.startswith("ssh://"):
        hint = "run isolate on the machine that the engine is on: there the apps answer, on its loopback"
        raise Unavailable(f"isolate uses no engine over ssh ({named.url})", where=named.found_by, hint=hint)


def _silent(named: Endpoint) -> Unavailable:
    ours = named.url == f"unix://{places.engine_socket()}"
    hint = "isolate engine start" if ours else f"start that engine, or choose another ({named.found_by})"
    return Unavailable(f"no engine answers at {named.url}", where=named.found_by, hint=hint)
