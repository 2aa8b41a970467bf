"""The JSON Schema and the reader come from one definition; here they are held against each other."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import orchestrator
from orchestrator.cli import schema as verb
from orchestrator.manifest import schema
from orchestrator.manifest.nodes import Items, Keys, Node, RefusedError
from orchestrator.manifest.tree import tree

GOOD = sorted((Path(__file__).parent / "good").glob("*.yaml"))
HOSTILE = sorted((Path(__file__).parents[1] / "hostile").glob("*.yaml"))
SHIPPED = Path(orchestrator.__file__).with_name("manifest.schema.json")
EXAMPLES = sorted(Path(__file__).parents[2].glob("apps/*/manifest.yaml"))

BEYOND = "# the schema cannot see this"
"""Said by manifests that are wrong because of the disk, a catalogue, another key or a sum."""


def plain(node: Node) -> Any:
    match node:
        case Items():
            return [plain(item) for item in node.items]
        case Keys():
            return {key: plain(value) for key, value in node.entries.items()}
    return node.value


def errors(path: Path) -> list[jsonschema.ValidationError]:
    return list(jsonschema.Draft7Validator(schema()).iter_errors(plain(tree(path.read_text("utf-8"), str(path)))))


def test_the_schema_is_draft_07() -> None:
    jsonschema.Draft7Validator.check_schema(schema())
    assert schema()["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_the_shipped_file_is_what_the_verb_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert verb.run(argparse.Namespace(json=False, of="manifest")) == 0
    assert SHIPPED.read_text("utf-8") == capsys.readouterr().out


@pytest.mark.parametrize("path", [*GOOD, *EXAMPLES], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_good_manifest_names_the_schema_and_satisfies_it(path: Path) -> None:
    first = path.read_text("utf-8").partition("\n")[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (path.parent / first.partition("=")[2]).resolve() == SHIPPED.resolve()
    assert errors(path) == []


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.stem)
def test_the_schema_refuses_what_has_the_wrong_shape(path: Path) -> None:
    try:
        found = errors(path)
    except RefusedError:
        return
    assert bool(found) == (BEYOND not in path.read_text("utf-8")), found


def test_every_key_is_explained() -> None:
    def properties(part: Any) -> list[Any]:
        if isinstance(part, list):
            return [found for one in part for found in properties(one)]
        if not isinstance(part, dict):
            return []
        return [*part.get("properties", {}).values(), *(found for one in part.values() for found in properties(one))]

    assert all(json.dumps(one.get("description", "")) != '""' for one in properties(schema()))
