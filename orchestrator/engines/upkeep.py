"""What lies on a Docker engine, and how it is set up: for the verbs that list, remove and diagnose."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from docker.errors import NotFound

from orchestrator.engines import Found, Held, Setup
from orchestrator.engines.streams import ended, spoken
from orchestrator.errors import UsageError
from orchestrator.labels import BASE, ENVIRONMENT, IMAGE


def filters(labels: Mapping[str, str]) -> dict[str, list[str]]:
    """Labels as the engine's API filters by them; an empty value means: any."""
    return {"label": [f"{key}={value}" if value else key for key, value in labels.items()]}


def container(one: Mapping[str, Any]) -> Found:
    """One entry of the engine's list of containers."""
    name = one["Names"][0].lstrip("/") if one["Names"] else one["Id"]
    urls = tuple(f"http://{p['IP']}:{p['PublicPort']}" for p in one["Ports"] if p.get("PublicPort"))
    return Found(one["Id"], name, one["State"], one["Labels"], urls, detail=one["Status"])


def holdings(api: Any, labels: Mapping[str, str]) -> Iterator[Found]:
    """Containers, networks and volumes that carry all these labels."""
    wanted = filters(labels)
    yield from map(container, api.containers(all=True, filters=wanted))
    for one in api.networks(filters=wanted):
        yield Found(one["Id"], one["Name"], "", one["Labels"], kind="network")
    for one in api.volumes(filters=wanted)["Volumes"] or ():
        yield Found(one["Name"], one["Name"], "", one["Labels"], kind="volume")


def images(api: Any) -> Iterator[Held]:
    """Every image but the builders' intermediate ones."""
    users: dict[str, set[str]] = {}
    for one in api.containers(all=True):
        users.setdefault(one["ImageID"], set()).add(one["Id"])
    there = [(one, tuple(tag for tag in one["RepoTags"] or () if tag != "<none>:<none>")) for one in api.images()]
    doubtful = {mark for one, tags in there if not tags for mark in _marks(one)}
    for one, tags in there:
        layers = _layers(api, one["Id"]) if doubtful & _marks(one) else ()
        has = frozenset(users.get(one["Id"], ()))
        yield Held(one["Id"], tags, one["Size"], one["Created"], one["Labels"] or {}, has, layers)


def _marks(one: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(label, value) for label, value in (one["Labels"] or {}).items() if label in {BASE, IMAGE}}


def _layers(api: Any, id_: str) -> tuple[str, ...]:
    """None of an image that has gone meanwhile."""
    with suppress(NotFound):
        return tuple(api.inspect_image(id_)["RootFS"].get("Layers") or ())
    return ()


def execute(api: Any, name: str, argv: Sequence[str], write: Callable[[str, bytes], None]) -> int:
    """A command in a running container, as its own user, in its folder and environment; returns its exit code.

    Raises UsageError where a label of ours says what no box of ours would.
    """
    labels = api.inspect_container(name)["Config"]["Labels"] or {}
    environment = _variables(labels.get(ENVIRONMENT, "{}"))
    if environment is None:
        raise UsageError(f"{name} is no box of isolate's: its label {ENVIRONMENT} holds no variables")
    made = api.exec_create(name, list(argv), environment=environment)["Id"]
    for stream, piece in spoken(api, made):
        write(stream, piece)
    return ended(api, made)


def _variables(label: str) -> dict[str, str] | None:
    try:
        found = json.loads(label)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and all(isinstance(value, str) for value in found.values()) else None


def setup(api: Any) -> Setup:
    """The engine's own account of itself."""
    info, version = api.info(), api.version()
    return Setup(
        api=version["ApiVersion"],
        root=info["DockerRootDir"],
        storage=info["Driver"],
        cgroup=f"v{info.get('CgroupVersion', '1')}",
        security=tuple(option.removeprefix("name=") for option in info["SecurityOptions"] or ()),
        warnings=tuple(info.get("Warnings") or ()),
        parts={part["Name"]: _version(part) for part in version.get("Components") or ()},
    )


def _version(part: Mapping[str, Any]) -> str:
    """Distributions write a package's whole version where others write the commit."""
    whole = str((part.get("Details") or {}).get("GitCommit", ""))
    return whole if whole.startswith(part["Version"]) else str(part["Version"])
