"""The recipes' images on a real engine, as hardened as a box: made where they are missing, then asked."""

from __future__ import annotations

import re

import docker
import pytest

from orchestrator import bases
from orchestrator.engines.docker import DockerEngine
from orchestrator.model import Base, Runtime
from orchestrator.runtimes import families

pytestmark = pytest.mark.docker
PACKAGED = ["java@8", "java@21", "php@7.4", "php@8.4", "ruby@2.7", "ruby@3.3"]
RUNTIMES = [Runtime(*name.split("@")) for name in ("dotnet@2.2", "dotnet@3.1", "python@3.8", "python@3.12", *PACKAGED)]
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

HALLO = 'public class Hallo { public static void main(String[] a) { System.out.println("Grüße"); } }'
COMPILED = f"cd /tmp && echo '{HALLO}' > Hallo.java && javac -encoding UTF-8 Hallo.java && $JAVA_HOME/bin/java Hallo"


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


@pytest.mark.parametrize("name", PACKAGED)
def test_a_packaged_runtime_is_what_it_says(ask, name: str) -> None:
    family, version = name.split("@")
    (release,) = families()[family].observed(ask(name, *families()[family].version_command))
    assert families()[family].satisfies(version, release)


@pytest.mark.parametrize("version", ["8", "21"])
def test_java_compiles_and_speaks_utf_8_as_another_user(ask, version: str) -> None:
    assert ask(f"java@{version}/build", "sh", "-c", COMPILED) == "Grüße\n"


@pytest.mark.parametrize("version", ["7.4", "8.4"])
def test_php_reads_no_ini_file_like_the_official_images(ask, version: str) -> None:
    assert ask(f"php@{version}", "php", "-r", "var_dump(php_ini_loaded_file());") == "bool(false)\n"


@pytest.mark.parametrize("version", ["2.7", "3.3"])
def test_ruby_has_its_libraries(ask, version: str) -> None:
    program = 'require "openssl"; require "yaml"; require "zlib"; puts Encoding.default_external'
    assert ask(f"ruby@{version}", "ruby", "-e", program) == "UTF-8\n"
