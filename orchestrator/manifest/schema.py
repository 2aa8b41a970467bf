"""The definition of a file as JSON Schema, draft-07, for editors and other tools."""

from __future__ import annotations

from typing import Any

from orchestrator.manifest.definition import MANIFEST
from orchestrator.manifest.shapes import Anything, ByKey, Either, ListOf, MapOf, Record, Shape, Text, Whole


def schema() -> dict[str, Any]:
    """The schema as a document; what only the reader can see (names that must exist, sums) is not in it."""
    return document(
        MANIFEST, "isolate manifest", "Apps with the runtimes they need, and the shared environments to try them in."
    )


def document(shape: Shape, title: str, description: str) -> dict[str, Any]:
    """The schema of a whole file."""
    about = {"$schema": "http://json-schema.org/draft-07/schema#", "title": title, "description": description}
    return {**about, **_schema(shape)}


def _schema(shape: Shape) -> dict[str, Any]:
    match shape:
        case Text():
            return _text(shape)
        case Whole(least=least, most=most):
            return {"type": "integer", "minimum": least, "maximum": most}
        case Anything():
            return {}
        case ListOf():
            return _only(
                {"type": "array", "items": _schema(shape.item)}, minItems=shape.least, uniqueItems=shape.unique
            )
        case MapOf():
            names = {"type": "object", "propertyNames": _text(shape.key)}
            return _only({**names, "additionalProperties": _schema(shape.value)}, minProperties=shape.least)
        case Record():
            return _record(shape)
        case Either(shapes=shapes):
            return {"anyOf": [_schema(one) for one in shapes]}
        case ByKey(records=records, otherwise=otherwise):
            return {"anyOf": [_record(one) for one in (*records.values(), otherwise)]}


def _text(shape: Text) -> dict[str, Any]:
    pattern = f"^(?:{shape.pattern})$" if shape.pattern else "" if shape.lines else "^[^\\n\\t]*$"
    return _only(
        {"type": "string"}, enum=list(shape.choices), pattern=pattern, examples=[shape.example][: bool(shape.example)]
    )


def _record(shape: Record) -> dict[str, Any]:
    return _only(
        {
            "type": "object",
            "properties": {field.key: {"description": field.doc, **_schema(field.shape)} for field in shape.fields},
            "patternProperties": {"^x-": {}},
            "additionalProperties": False,
        },
        required=[field.key for field in shape.fields if field.required],
        minProperties=shape.least,
    )


def _only(schema: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    return {**schema, **{key: value for key, value in keywords.items() if value}}
