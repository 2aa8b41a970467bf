"""Each text that is known to bite, in each string of a manifest: refused with its place, or taken as it is written.

The fields are those of the manifest's definition, so that a new one is asked as well.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.cli import main
from orchestrator.errors import ManifestError
from orchestrator.files import load
from orchestrator.manifest.definition import MANIFEST
from orchestrator.manifest.shapes import ByKey, Either, ListOf, MapOf, Record, Shape, Text
from orchestrator.model import Manifest

TEXTS = json.loads((Path(__file__).parents[1] / "hostile" / "texts.json").read_text())
WHOLE: dict[str, Any] = {
    "name": "whole",
    "description": "here",
    "apps": {
        "web": {
            "runtime": {
                "family": "dotnet",
                "version": "3.1",
                "image": "example.test/run:1",
                "build_image": "example.test/sdk:1",
            },
            "build": "./web",
            "command": ["serve", "word"],
            "environment": {"A": "here"},
            "ports": ["8080"],
            "healthcheck": {"interval": "1s", "timeout": "1s", "start_period": "1s"},
            "depends_on": {"batch": {"condition": "service_started"}},
            "deploy": {"resources": {"limits": {"cpus": "0.5", "memory": "64M"}}},
            "checks": [
                {"http": "/", "method": "GET", "port": "8080", "body": {"matches": "here"}},
                {"run": ["true", "word"], "stdout": "here", "stderr": {"matches": "here"}},
            ],
            "system_packages": ["file"],
            "working_dir": "/srv/web",
            "labels": {"a.b": "here"},
            "tmpfs": ["/data"],
        },
        "batch": {
            "runtime": "python@3.12",
            "command": ["python"],
            "packages": ["six"],
            "depends_on": [],
            "checks": [{"exit": 0, "stdout": "here"}],
        },
    },
    "shared": [
        {
            "name": "one",
            "policy": "one-runtime",
            "apps": ["batch"],
            "versions": ["3.12"],
            "order": "both",
            "environment": {"A": "here"},
            "base": "debian:bookworm",
            "ports": "distinct",
            "expect": {"verdict": "conflict", "kind": "runtime", "app": "batch", "because": "here"},
        }
    ],
}
PROSE = re.compile(
    r"(?:^description|\bcommand\.\d+|\benvironment\.A|(?:stdout|stderr|body|because)(?:\.matches)?|\brun\.\d+)$"
)
Path_ = tuple[str | int, ...]


def strings(node: Any, above: Path_ = ()) -> Iterator[Path_]:
    """The places of all strings, and of all keys that the user chooses."""
    match node:
        case dict():
            for key, value in node.items():
                if above and above[-1] in {"apps", "environment", "labels", "depends_on"}:
                    yield (*above, f"{key}=")
                yield from strings(value, (*above, key))
        case list():
            for place, value in enumerate(node):
                yield from strings(value, (*above, place))
        case str():
            yield above


def put(path: Path_, text: str) -> dict[str, Any]:
    """The whole manifest with that text in one place."""
    made = copy.deepcopy(WHOLE)
    *above, last = path
    node: Any = made
    for step in above:
        node = node[step]
    if isinstance(last, str) and last.endswith("="):
        items = list(node.items())
        node.clear()
        node.update((text if f"{key}=" == last else key, value) for key, value in items)
    else:
        node[last] = text
    return made


def written(folder: Path, document: dict[str, Any]) -> Path:
    (folder / "web").mkdir(exist_ok=True)
    path = folder / "manifest.yaml"
    # An astral character is two escapes in JSON, and none in YAML; a lone surrogate can only be escaped.
    text = json.dumps(document, ensure_ascii=False, indent=1)
    path.write_text(re.sub("[\ud800-\udfff]", lambda one: f"\\u{ord(one[0]):04x}", text), encoding="utf-8")
    return path


PLACES = sorted(strings(WHOLE), key=str)


def test_the_whole_manifest_is_right_and_holds_every_key(tmp_path: Path) -> None:
    load([written(tmp_path, WHOLE)])

    def keys(shape: Shape) -> set[str]:
        match shape:
            case Record(fields=fields):
                found = (keys(field.shape) | {field.key} for field in fields if not isinstance(field.shape, Text))
                return {field.key for field in fields}.union(*found)
            case ListOf(item=inner) | MapOf(value=inner):
                return keys(inner)
            case Either(shapes=shapes):
                return set().union(*map(keys, shapes))
            case ByKey(records=records, otherwise=otherwise):
                return set().union(*map(keys, [*records.values(), otherwise]))
        return set()

    there = set(re.findall(r'"(\w+)":', json.dumps(WHOLE)))
    assert keys(MANIFEST) - there == {"json", "pids", "retries", "status"}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_a_text_that_bites_is_refused_with_its_place_or_taken_as_it_is(place: Path_, tmp_path: Path) -> None:
    where = ".".join(map(str, place))
    prose = "=" not in str(place[-1]) and PROSE.search(where) is not None
    for group, texts in TEXTS.items():
        for name, text in texts.items():
            path = written(tmp_path, put(place, text))
            of, error = loaded(path)
            if error:
                assert re.match(rf"{re.escape(str(path))}:\d+:\d+$", error.where), name
                continue
            assert group == "literal or refused" or (group == "refused outside of prose" and prose), (group, name)
            assert text in values(of) or f"python@{text}" in values(of), name


def loaded(path: Path) -> tuple[Manifest | None, ManifestError | None]:
    try:
        return load([path]), None
    except ManifestError as error:
        return None, error


def values(value: Any) -> set[Any]:
    """All strings in a value, however deep."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return set().union(*(values(key) | values(inner) for key, inner in value.items()))
    if isinstance(value, (list, tuple)):
        return set().union(*map(values, value))
    if hasattr(value, "__dataclass_fields__"):
        return set().union(*(values(getattr(value, name)) for name in value.__dataclass_fields__))
    return {value} if value is None or isinstance(value, (int, float)) else {str(value)}


def test_the_hosts_own_variables_are_never_put_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST_SECRET", "told-to-nobody")
    for place in PLACES:
        path = written(tmp_path, put(place, "${HOST_SECRET}"))
        if main(["render", str(path), "-o", str(tmp_path / "out")]) == 0:
            texts = [one.read_text() for one in (tmp_path / "out").rglob("*") if one.is_file()]
            assert not [text for text in texts if "told-to-nobody" in text]
