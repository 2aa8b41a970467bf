"""The services of a Compose file, as far as a manifest can say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from posixpath import normpath
from typing import Any

import yaml

from orchestrator.proposals.dockerfile import asked_path
from orchestrator.proposals.shell import words
from orchestrator.proposals.values import Words

MOST_SERVICES = 40
MOST_MERGES = 20
MOST_KEYS = 2000
"""Of one service, with what is merged into it; those merged from farthest are left out."""
UNDERSTOOD = {"build", "image", "command", "entrypoint", "environment", "ports", "expose", "depends_on", "<<"}
NEEDLESS = {
    "container_name",
    "restart",
    "init",
    "networks",
    "profiles",
    "hostname",
    "pull_policy",
    "platform",
    "labels",
}
"""Keys without which an app does the same."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service. build: a folder below the Compose file's, or None. left: keys that no manifest has."""

    name: str
    line: int
    lines: Mapping[str, int] = field(default_factory=dict)
    """Of its keys; one that `<<` brings in is not among them."""
    build: str | None = None
    dockerfile: str = "Dockerfile"
    target: str = ""
    image: str = ""
    entrypoint: Words = ()
    command: Words = ()
    environment: Mapping[str, str | None] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    depends_on: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""
    left: Words = ()


def services(text: str) -> tuple[Service, ...]:
    """None at all where it is no Compose file. Every scalar is taken as the string it is."""
    try:
        loader = yaml.BaseLoader(text)
        node = loader.get_single_node()
        whole = loader.construct_document(node) if node is not None else None
    except (yaml.YAMLError, RecursionError, ValueError, TypeError):
        return ()
    listed = whole.get("services") if isinstance(whole, dict) else None
    if not isinstance(listed, dict):
        return ()
    named = {name: dict(_keys(value)) for name, value in _named(node)}
    lines = dict(_lines(node))
    found = [(name, one) for name, one in listed.items() if isinstance(name, str) and isinstance(one, dict)]
    return tuple(
        _service(name, lines.get(name, 1), named.get(name, {}), _merged(keys)) for name, keys in found[:MOST_SERVICES]
    )


def _named(root: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    for key, value in _pairs(root):
        if key.value == "services":
            yield from ((name.value, one) for name, one in _pairs(value))


def _lines(root: yaml.Node | None) -> Iterator[tuple[str, int]]:
    for key, value in _pairs(root):
        if key.value == "services":
            yield from _keys(value)


def _keys(node: yaml.Node) -> Iterator[tuple[str, int]]:
    """Each key with its line."""
    yield from ((key.value, key.start_mark.line + 1) for key, _ in _pairs(node))


def _pairs(node: yaml.Node | None) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if isinstance(key, yaml.ScalarNode):
            yield key, value


def _merged(keys: Mapping[str, Any]) -> dict[str, Any]:
    """With what `<<` brings in; what stands nearest wins."""
    merged: dict[str, Any] = {}
    for key, value in islice(_nearest_first(keys), MOST_KEYS):
        merged.setdefault(key, value)
    return merged


def _nearest_first(keys: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """A few steps deep. One at a time: names of names of names are more keys than a machine can hold."""
    yield from keys.items()
    brought = _list(keys.get("<<", []))[:MOST_MERGES] if depth < 3 else []
    for parent in (one for one in brought if isinstance(one, dict)):
        yield from _nearest_first(parent, depth + 1)


def _service(name: str, line: int, lines: Mapping[str, int], keys: Mapping[str, Any]) -> Service:
    build = keys.get("build")
    details = build if isinstance(build, dict) else {"context": build}
    left = [key for key in keys if isinstance(key, str) and key not in UNDERSTOOD | NEEDLESS and key[:2] != "x-"]
    return Service(
        name,
        line,
        lines,
        build=_folder(details.get("context", "." if isinstance(build, dict) else None)),
        dockerfile=_text(details.get("dockerfile")) or "Dockerfile",
        target=_text(details.get("target")),
        image=_text(keys.get("image")),
        entrypoint=_command(keys.get("entrypoint")),
        command=_command(keys.get("command")),
        environment=_environment(keys.get("environment")),
        ports=tuple(dict.fromkeys([*_ports(keys.get("ports")), *_ports(keys.get("expose"))])),
        depends_on=_depends_on(keys.get("depends_on")),
        asked=asked_path(str(_text_of(keys.get("healthcheck")))),
        left=tuple(left[:MOST_MERGES]),
    )


def _folder(context: Any) -> str | None:
    """Below the file's own folder, empty for that one; None for what leads out of it, or is a URL."""
    path = _text(context)
    if not path or "\0" in path or "$" in path or "://" in path or path.startswith(("/", "~", "git@")):
        return None
    plain = normpath(path)
    return None if plain.startswith("..") else plain.removeprefix(".") if plain == "." else plain


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text_of(healthcheck: Any) -> str:
    test = healthcheck.get("test") if isinstance(healthcheck, dict) else None
    return " ".join(one for one in _list(test) if isinstance(one, str))[:1000]


def _command(value: Any) -> Words:
    """Compose's `$$` is one dollar; what holds another is filled in by it, and by nobody else."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(one.replace("$$", "$") for one in value)
    return words(value.replace("$$", "$")) if isinstance(value, str) else ()


def _environment(value: Any) -> dict[str, str | None]:
    """None for a variable that the machine or a file has to fill in."""
    if isinstance(value, list):
        pairs = [one.partition("=") for one in value if isinstance(one, str)]
        found = {name: text if equals else None for name, equals, text in pairs}
    else:
        found = {name: text for name, text in value.items() if isinstance(name, str)} if isinstance(value, dict) else {}
    return {name: _literal(text) for name, text in found.items()}


def _literal(text: Any) -> str | None:
    if not isinstance(text, str) or "$" in text.replace("$$", ""):
        return None
    return text.replace("$$", "$")


def _ports(value: Any) -> Iterator[int]:
    """The container's side of `5000:80`, `127.0.0.1:80:8080/tcp`, `{target: 80}`."""
    for one in _list(value):
        text = _text(one.get("target")) if isinstance(one, dict) else _text(one)
        number, _, protocol = text.rpartition(":")[2].partition("/")
        if re.fullmatch("[0-9]{1,5}", number) and protocol in {"", "tcp"} and 1 <= int(number) <= 65535:
            yield int(number)


def _depends_on(value: Any) -> dict[str, str]:
    """Name -> condition."""
    if isinstance(value, dict):
        conditions = {name: one.get("condition") if isinstance(one, dict) else None for name, one in value.items()}
        return {name: _text(one) or "service_started" for name, one in conditions.items() if isinstance(name, str)}
    return {name: "service_started" for name in _list(value) if isinstance(name, str)}
