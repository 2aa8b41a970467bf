"""The engine: who it is, how it confines boxes, and which clients speak to it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

from orchestrator import confinement as confining
from orchestrator.diagnosis.finding import Finding
from orchestrator.engines import Engine, private
from orchestrator.engines.private import client_environment
from orchestrator.errors import Unavailable

OLDEST = (20, 10)
"""The oldest engine on which the templates are known to build."""
CLIENT_SECONDS = 10


def absent(reason: Unavailable) -> Iterator[Finding]:
    """Why there is no engine."""
    yield Finding("engine", "missing", f"{reason.message} {reason.where}".strip(), reason.hint)


def identity(found: Engine, where: str) -> Iterator[Finding]:
    """Kind, versions, address and who named it; the builder."""
    facts = found.facts()
    old = tuple(int(part) for part in facts.version.split(".")[:2] if part.isdigit()) < OLDEST
    told = f"{facts.kind} {facts.version}, API {found.setup().api}, {where}"
    oldest = ".".join(map(str, OLDEST))
    if facts.kind == "docker" and old:
        yield Finding("engine", "missing", f"{told}: older than {oldest}", "install a newer Docker")
    else:
        yield Finding("engine", "ok", told)
    yield Finding("builder", "ok", facts.builder)


def confinement(found: Engine) -> Iterator[Finding]:
    """What the kernel lends the engine to keep boxes in: cgroups, seccomp, a security module."""
    setup = found.setup()
    yield Finding("cgroup", "ok", setup.cgroup)
    names = {option.split(",")[0]: option for option in setup.security}
    seccomp = names.get("seccomp", "")
    if seccomp and "unconfined" not in seccomp:
        yield Finding("seccomp", "ok", seccomp.partition("profile=")[2] or "on")
    else:
        fix = "start the engine with its default profile"
        yield Finding("seccomp", "warning", "off: boxes may use every system call", fix)
    if module := names.keys() & {"apparmor", "selinux"}:
        yield Finding("LSM", "ok", ", ".join(sorted(module)))
    else:
        rest = "neither AppArmor nor SELinux; namespaces, seccomp and dropped capabilities hold the boxes"
        yield Finding("LSM", "warning", rest)
    yield from (Finding("engine", "warning", text) for text in setup.warnings)


def builds(found: Engine, url: str) -> Iterator[Finding]:
    """What builds may take of the machine's memory: the classic builder is told, BuildKit's steps share a cgroup."""
    own = private.here()
    if found.facts().builder == "classic":
        yield Finding("builds", "ok", f"{size(confining.BUILD_MEMORY)} of memory each")
    elif url == own.url and (limit := private.fence_of(own)):
        yield Finding("builds", "ok", f"{size(limit)} of memory, all together")
    else:
        told = "BuildKit takes no limit of memory from isolate: a build may take all that the engine has"
        yield Finding("builds", "warning", told, "isolate engine start" if url == own.url else "")


def size(count: int) -> str:
    """Bytes as people say them."""
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 30 else f"{count >> 20} MiB"


def clients(url: str) -> Iterator[Finding]:
    """`docker buildx` and `docker compose`: isolate needs neither, but what it renders is used with them."""
    variables = os.environ | client_environment(url)
    for name in ("buildx", "compose"):
        version = _version(["docker", name, "version"], variables)
        if version:
            yield Finding(f"docker {name}", "ok", version)
        else:
            told = "not found; only what isolate render writes needs it"
            yield Finding(f"docker {name}", "warning", told, "isolate engine install")


def _version(command: list[str], variables: dict[str, str]) -> str:
    """The first line of its answer, empty where there is none."""
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=True, env=variables, timeout=CLIENT_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return ""
    return ran.stdout.strip().partition("\n")[0]
