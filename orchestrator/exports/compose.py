"""The isolated arm as a plain Compose project, hardened the same way; `docker compose up` runs it without isolate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from orchestrator import confinement
from orchestrator.exports.document import text
from orchestrator.model import MIB, App, Condition, ContextFile
from orchestrator.plan import Plan

HEADER = "# Written by `isolate render`; run it with `docker compose up`. Change the manifest and render again."
ANSWERS = """\
exec 3<>/dev/tcp/127.0.0.1/{0}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; read -r line <&3; [[ $line == HTTP/* ]]"""
"""What isolate calls ready, an HTTP answer, in a tool that every image of the catalogue has: bash."""
_LABEL = re.compile(r"^LABEL io\.isolate\..*\n", re.MULTILINE)
_LAUNCHER = re.compile(r"^COPY isolate/", re.MULTILINE)
_SOURCES = re.compile(r"^COPY app/(\S*)", re.MULTILINE)


def copied(plan: Plan) -> tuple[ContextFile, ...]:
    """A folder that needs nothing else: compose.yaml, and to each app its Dockerfile and build context."""
    builds = {name: f"./{name}" for name in plan.boxes}
    files = (replace(file, path=f"{name}/{file.path}") for name in plan.boxes for file in _context(plan, name))
    return (_project(plan, builds), *files)


def in_place(plan: Plan, folders: Mapping[str, str], launcher: str) -> tuple[ContextFile, ...]:
    """compose.yaml alone, which builds from the sources where they are; that takes BuildKit and Compose 2.17.

    folders: app -> its build context; launcher: the folder `launch` is in; both as seen from compose.yaml.
    Apps must bring no `packages`: a list of them is a file, and here is none.
    """
    builds = {
        name: {
            "context": folders[name],
            "additional_contexts": {"isolate": launcher},
            "dockerfile_inline": _inlined(image.dockerfile),
        }
        for name, image in plan.images.items()
    }
    return (_project(plan, builds),)


def _inlined(dockerfile: str) -> str:
    """Without the label, which tells the hash of sources that may change; with the paths of the sources' own folder."""
    moved = _LAUNCHER.sub("COPY --from=isolate ", _LABEL.sub("", dockerfile))
    return _SOURCES.sub(lambda found: f"COPY {found[1] or '.'}", moved)


def _context(plan: Plan, name: str) -> Iterator[ContextFile]:
    image = plan.images[name]
    yield ContextFile("Dockerfile", image.dockerfile.encode())
    yield from image.files


def _project(plan: Plan, builds: Mapping[str, Any]) -> ContextFile:
    services = {name: {"build": builds[name], **_service(plan, plan.manifest.apps[name])} for name in plan.boxes}
    document = {"name": plan.manifest.name.replace(".", "-"), "services": services}
    return ContextFile("compose.yaml", f"{HEADER}\n{text(document)}".encode())


def _service(plan: Plan, app: App) -> dict[str, Any]:
    """The same confinement as the engine gives the box."""
    box = plan.boxes[app.name]
    memory = f"{box.limits.memory // MIB}m" if box.limits.memory % MIB == 0 else f"{box.limits.memory}b"
    service = {
        "hostname": app.name,
        "environment": {"HOME": confinement.HOME, **box.launches[0].environment},
        "ports": [f"127.0.0.1::{port}" for port in app.ports],
        "depends_on": {other: {"condition": _condition(plan, other, how)} for other, how in app.depends_on.items()},
        "healthcheck": _healthcheck(app) if _awaited(plan, app.name) else {},
        "labels": dict(app.labels),
        "init": True,
        "read_only": True,
        "tmpfs": [f"{path}:{options}" for path, options in confinement.tmpfs(box).items()],
        "cap_drop": list(confinement.DROPPED),
        "security_opt": list(confinement.SECURITY),
        "ipc": "private",
        "pids_limit": box.limits.pids,
        "mem_limit": memory,
        "memswap_limit": memory,
        "cpus": box.limits.nano_cpus / 1e9,
        "ulimits": {"nofile": confinement.OPEN_FILES, "core": 0},
        "logging": {"driver": "json-file", "options": confinement.LOG},
    }
    return {key: value for key, value in service.items() if value not in ([], {})}


def _awaited(plan: Plan, name: str) -> bool:
    """Whether some app waits until this one is healthy, and its image is one that can tell."""
    apps = plan.manifest.apps
    waits = any(app.depends_on.get(name) == "service_healthy" for app in apps.values())
    return waits and apps[name].is_service and apps[name].runtime.image is None


def _condition(plan: Plan, name: str, declared: Condition) -> Condition:
    """An image of the user's own may have no tool to ask with: then its start has to do."""
    return "service_started" if declared == "service_healthy" and not _awaited(plan, name) else declared


def _healthcheck(app: App) -> dict[str, Any]:
    timings = app.healthcheck
    return {
        "test": ["CMD", "bash", "-c", ANSWERS.format(app.ports[0])],
        "interval": f"{timings.interval:g}s",
        "timeout": f"{timings.timeout:g}s",
        "retries": timings.retries,
        "start_period": f"{timings.start_period:g}s",
    }
