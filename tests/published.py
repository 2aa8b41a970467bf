"""What isolate writes, held against the schemas that it publishes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

import jsonschema
from jsonschema.exceptions import best_match

from orchestrator.reports import schemas

Validator = jsonschema.Draft202012Validator


def closed(part: Any) -> Any:
    """The schema without the freedom to add keys: what is written today is described, all of it."""
    if isinstance(part, list):
        return [closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    shut = {"additionalProperties": False} if isinstance(part.get("properties"), dict) else {}
    return {**shut, **{key: closed(value) for key, value in part.items()}}


@cache
def result() -> Validator:
    return Validator(closed(schemas.result()))


@cache
def events() -> Validator:
    return Validator(closed(schemas.events()))


def wrong(validator: Validator, document: Any) -> str:
    """Why it is not what the schema says; empty where it is."""
    found = best_match(validator.iter_errors(document))
    return f"{found.json_path}: {found.message}"[:600] if found else ""


def is_result(document: Any) -> bool:
    """Is it an `isolate/result/v1`, as the schema describes it?"""
    assert not wrong(result(), document)
    return True


def is_record(lines: Iterable[str]) -> bool:
    """Are these the events of one run, in an order that docs/events.md promises?"""
    told = [json.loads(line) for line in lines]
    for one in told:
        assert not wrong(events(), one), one
    names = [one["event"] for one in told]
    assert names[0] == "run-started" or names == ["failed"]
    assert names[-1] in {"run-ended", "failed"}
    assert [one["at"] for one in told] == sorted(one["at"] for one in told)
    return True
