"""JSON Schemas (2020-12) of what programs read: the result document, and one line of events."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from orchestrator import record
from orchestrator.reports.answers import AnswerDocument
from orchestrator.reports.document import SCHEMA, ErrorDocument, RunDocument

DIALECT = "https://json-schema.org/draft/2020-12/schema"
STABLE = (
    "Within v1 what is here stays, with its meaning. New keys may come: a reader passes over those it does not know."
)
DEFS = "#/$defs/{model}"


def result() -> dict[str, Any]:
    """Of `--json` and `result.json`: a run, an error before anything was observed, or another verb's answer."""
    made = _bare(TypeAdapter(RunDocument | ErrorDocument | AnswerDocument).json_schema(ref_template=DEFS))
    return {
        "$schema": DIALECT,
        "$id": SCHEMA,
        "title": "isolate result",
        "description": f"What every command prints with --json, and a run's result.json. {STABLE}",
        **made,
    }


def events() -> dict[str, Any]:
    """Of one line of `--progress json` and `events.jsonl`; made from the very types that are written and read."""
    kinds = [(kind, "serialization", TypeAdapter(of)) for kind, of in record.kinds().items()]
    _, made = TypeAdapter.json_schemas(kinds, ref_template=DEFS)  # type: ignore[arg-type]
    defs = {name: _whole(_bare(one)) for name, one in made["$defs"].items()}
    for kind, of in record.kinds().items():
        defs[of.__name__] = _line(kind, defs[of.__name__])
    return {
        "$schema": DIALECT,
        "$id": "isolate/events/v1",
        "title": "isolate event",
        "description": f"One line of --progress json and of a run's events.jsonl. {STABLE} So may new kinds of event.",
        "oneOf": [{"$ref": DEFS.format(model=of.__name__)} for of in record.kinds().values()],
        "$defs": defs,
    }


def _line(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """An event as `record.line` writes it: when and what, then its fields."""
    around = {
        "at": {"type": "number", "minimum": 0, "description": "Seconds since the run began."},
        "event": {"const": kind},
    }
    required = [*around, *fields.get("required", [])]
    return {**fields, "properties": {**around, **fields.get("properties", {})}, "required": required}


def _whole(record: dict[str, Any]) -> dict[str, Any]:
    """Every field is written, also one that has a default."""
    return {**record, "required": list(record["properties"])}


def _bare(part: Any) -> Any:
    """No titles or defaults, which repeat what names say, nor the `enum` that old pydantics put beside `const`."""
    if isinstance(part, list):
        return [_bare(one) for one in part]
    if not isinstance(part, dict):
        return part
    names = ("properties", "$defs")
    said_twice = {"title", "default", *(["enum"] if "const" in part else [])}
    kept = {key: value for key, value in part.items() if key not in said_twice}
    return {
        key: {name: _bare(one) for name, one in value.items()} if key in names else _bare(value)
        for key, value in kept.items()
    }
