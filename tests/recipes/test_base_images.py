"""The recipes' images on a real engine, as hardened as a box: made where they are missing, then asked."""

from __future__ import annotations

import re

import docker
import pytest

from orchestrator import bases
from orchestrator.engines.docker import DockerEngine
from orchestrator.model import Base, Runtime

pytestmark = pytest.mark.docker
RUNTIMES = [Runtime("dotnet", "2.2"), Runtime("dotnet", "3.1"), Runtime("python", "3.8"), Runtime("python", "3.12")]
HARDENED = {
    "user": "10001:10001",
    "read_only": True,
    "tmpfs": {"/tmp": "rw,exec,size=512m,mode=1777"},
    "network_mode": "none",
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "environment": {"HOME": "/tmp", "COMPlus_EnableDiagnostics": "0"},
    "init": True,
    "remove": True,
    "stderr": True,
}
LIBRARIES = "import bz2, ctypes, hashlib, lzma, readline, sqlite3, ssl, uuid, zlib; print(ssl.OPENSSL_VERSION)"
HELLO = (
    "cd /tmp && dotnet new console -o hello && dotnet publish hello -c Release -o /tmp/out && dotnet /tmp/out/hello.dll"
)


@pytest.fixture(scope="module")
def made(engine_url: str) -> dict[str, Base]:
    return bases.choose(DockerEngine(engine_url), RUNTIMES, lambda _: None, ["local", "recipe"])


@pytest.fixture(scope="module")
def ask(engine_url: str, made: dict[str, Base]):
    client = docker.DockerClient(engine_url, timeout=120)

    def _ask(base: str, *argv: str) -> str:
        return client.containers.run(made[base].reference, list(argv), **HARDENED).decode()

    yield _ask
    client.close()


@pytest.mark.parametrize(("version", "release"), [("2.2", "2.2.2"), ("3.1", "3.1.2")])
def test_dotnet_holds_its_one_runtime(ask, version: str, release: str) -> None:
    lines = ask(f"dotnet@{version}", "dotnet", "--list-runtimes").splitlines()
    assert {line.split()[1] for line in lines} == {release}
    assert {"Microsoft.NETCore.App", "Microsoft.AspNetCore.App"} <= {line.split()[0] for line in lines}


@pytest.mark.parametrize("version", ["2.2", "3.1"])
def test_dotnet_compiles_and_runs_offline_as_another_user(ask, version: str) -> None:
    assert ask(f"dotnet@{version}/build", "sh", "-c", HELLO).endswith("Hello World!\n")


@pytest.mark.parametrize("version", ["3.8", "3.12"])
def test_python_is_what_it_says_and_has_its_libraries(ask, version: str) -> None:
    assert ask(f"python@{version}", "python", "-V").startswith(f"Python {version}.")
    assert ask(f"python@{version}", "python3", "-c", LIBRARIES).startswith("OpenSSL 3.")


@pytest.mark.parametrize("version", ["3.8", "3.12"])
def test_python_makes_virtual_environments(ask, version: str) -> None:
    assert "/tmp/v/lib" in ask(f"python@{version}", "sh", "-c", "python -m venv /tmp/v && /tmp/v/bin/pip -V")


@pytest.mark.parametrize("version", ["3.8", "3.12"])
def test_python_need_not_compile_its_library_at_every_start(ask, version: str) -> None:
    told = ask(f"python@{version}", "python", "-v", "-c", "import http.server")
    loaded = re.findall(r"code object from '/usr/local/lib/[^']+\.(pyc?)'", told)
    assert set(loaded) == {"pyc"}
