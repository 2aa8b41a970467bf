"""A node, read as its shape says: plain values come out, problems are collected."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from orchestrator.manifest.fields import Fields
from orchestrator.manifest.hints import suggestion
from orchestrator.manifest.nodes import Items, Keys, Node, Problems, Scalar, Wrong, kind, shown
from orchestrator.manifest.shapes import Anything, ByKey, Either, ListOf, MapOf, Record, Shape, Text, Whole

LONGEST_WORD = 4096


def read(shape: Shape, node: Node, problems: Problems) -> Any:
    """The value of `node`; meaningless where a problem was added. A record gives Fields."""
    match shape:
        case Text():
            return _text(shape, node, problems)
        case Whole():
            return _whole(shape, node, problems)
        case Anything():
            return _anything(node, problems)
        case ListOf():
            return _list(shape, node, problems)
        case MapOf():
            return _map(shape, node, problems)
        case Record():
            return _record(shape, node, problems)
        case Either():
            return read(_chosen(shape, node), node, problems)
        case ByKey():
            return _record(_by_key(shape, node, problems), node, problems)


def _text(shape: Text, node: Node, problems: Problems) -> Any:
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        problems.add(node.mark, *_no_string(shape, node))
        return None
    try:
        return convert(shape, node.value)
    except Wrong as wrong:
        problems.add(node.mark, wrong.message, wrong.hint)


def convert(shape: Text, text: str) -> Any:
    """The value of a string by its shape; raises Wrong."""
    if not shape.lines and len(text) > LONGEST_WORD:
        raise Wrong(f"{shown(text)} is longer than {LONGEST_WORD} characters")
    if not shape.lines and re.search(r"[\n\t]", text):
        raise Wrong(f"{shown(text)} holds a line break or a tab", "write it on one line")
    if shape.choices and text not in shape.choices:
        raise Wrong(f"{shown(text)} is not one of {', '.join(shape.choices)}", suggestion(text, shape.choices))
    if shape.pattern and not re.fullmatch(shape.pattern, text):
        raise Wrong(f"{shown(text)} is not {shape.says}", f"for example {shape.example}" if shape.example else "")
    return shape.convert(text)


def _no_string(shape: Text, node: Node) -> tuple[str, str]:
    message = f"a string is due here, and this is {kind(node)}"
    if isinstance(node, Scalar) and node.value is not None:
        written = node.text[:60]
        unquoted = f"unquoted {written} is {kind(node)}; a string is due here"
        return unquoted, f'put it in quotes: "{written}"'
    return message, f"for example {shape.example}" if shape.example else ""


def _whole(shape: Whole, node: Node, problems: Problems) -> int | None:
    bounds = f"a whole number from {shape.least} to {shape.most}"
    if not isinstance(node, Scalar) or not isinstance(node.value, int) or isinstance(node.value, bool):
        quoted = isinstance(node, Scalar) and isinstance(node.value, str) and node.value.isdecimal()
        problems.add(node.mark, f"{bounds} is due here, and this is {kind(node)}", "take the quotes off" * quoted)
        return None
    if not shape.least <= node.value <= shape.most:
        problems.add(node.mark, f"{shown(node.text)} is not {bounds}")
    return node.value


def _anything(node: Node, problems: Problems) -> Any:
    match node:
        case Items():
            return [_anything(item, problems) for item in node.items]
        case Keys():
            return {key: _anything(value, problems) for key, value in node.entries.items()}
        case Scalar(value=float(value)) if not math.isfinite(value):
            problems.add(node.mark, f"JSON has no {node.text[:60]}")
    return node.value


def _list(shape: ListOf, node: Node, problems: Problems) -> tuple[Any, ...]:
    if not isinstance(node, Items):
        problems.add(node.mark, f"a list is due here, and this is {kind(node)}", shape.hint)
        return ()
    if len(node.items) < shape.least:
        few = f"{shape.least} are due in this list, and there are {len(node.items)}"
        problems.add(node.mark, few if node.items else "this list is empty", shape.hint)
    values = tuple(read(shape.item, item, problems) for item in node.items)
    if shape.unique:
        _refuse_twins(node, values, problems)
    return values


def _refuse_twins(node: Items, values: tuple[Any, ...], problems: Problems) -> None:
    seen = set()
    for item, value in zip(node.items, values, strict=True):
        if value is not None and value in seen:
            problems.add(item.mark, f"{shown(str(value))} is in this list twice", "remove one of them")
        seen.add(value)


def _map(shape: MapOf, node: Node, problems: Problems) -> dict[str, Any]:
    if not isinstance(node, Keys):
        problems.add(node.mark, f"a mapping is due here, and this is {kind(node)}", shape.hint)
        return {}
    if len(node.entries) < shape.least:
        problems.add(node.mark, "this mapping is empty", shape.hint)
    for key, mark in node.marks.items():
        try:
            convert(shape.key, key)
        except Wrong as wrong:
            problems.add(mark, wrong.message, wrong.hint)
    return {key: read(shape.value, value, problems) for key, value in node.entries.items()}


def _record(shape: Record, node: Node, problems: Problems) -> Fields | None:
    if not isinstance(node, Keys):
        problems.add(node.mark, f"{shape.says} is a mapping, and this is {kind(node)}", shape.hint)
        return None
    fields = {field.key: field for field in shape.fields}
    values: dict[str, Any] = {}
    for key, value in node.entries.items():
        if key in fields:
            values[key] = read(fields[key].shape, value, problems)
        elif not key.startswith("x-"):
            problems.add(node.marks[key], *_unknown(key, shape))
    missing = [field.key for field in shape.fields if field.required and field.key not in node.entries]
    for key in missing:
        problems.add(node.mark, f"{shape.says} needs `{key}`", shape.hint)
    if sum(not key.startswith("x-") for key in node.entries) < shape.least:
        problems.add(node.mark, f"{shape.says} says nothing", shape.hint)
    return Fields(node, values)


def _unknown(key: str, shape: Record) -> tuple[str, str]:
    if key in shape.refused:
        return f"`{key}` is not for a manifest", shape.refused[key]
    known = [field.key for field in shape.fields]
    return f"{shape.says} has no key {shown(key)}", suggestion(key, known)


def _chosen(shape: Either, node: Node) -> Shape:
    fits: Mapping[type, Callable[[], bool]] = {
        Text: lambda: isinstance(node, Scalar),
        Whole: lambda: isinstance(node, Scalar) and isinstance(node.value, int),
        ListOf: lambda: isinstance(node, Items),
        MapOf: lambda: isinstance(node, Keys),
        Record: lambda: isinstance(node, Keys),
    }
    return next((one for one in shape.shapes if fits[type(one)]()), shape.shapes[0])


def _by_key(shape: ByKey, node: Node, problems: Problems) -> Record:
    present = [key for key in shape.records if isinstance(node, Keys) and key in node.entries]
    if len(present) > 1:
        problems.add(node.mark, f"only one of {' and '.join(present)} in one entry", "make two entries of it")
    return shape.records[present[0]] if present else shape.otherwise
