"""The vocabulary in which the manifest is described once, for the reader and for the JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A string. `says` completes "... is not"; `convert` may raise Wrong."""

    says: str = "a string"
    pattern: str = ""
    """Must match whole; kept to what Python's and JSON Schema's expressions share."""
    example: str = ""
    lines: bool = False
    """Whether it may hold line breaks and tabs."""
    choices: tuple[str, ...] = ()
    convert: Callable[[str], Any] = str


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer between two bounds, both included."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Anything:
    """Whatever JSON can hold."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; `hint` tells those who write something else what to write."""

    item: Shape
    least: int = 0
    unique: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping whose keys the user chooses."""

    key: Text
    value: Shape
    least: int = 0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a record."""

    key: str
    shape: Shape
    doc: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys (and any that start with `x-`). `refused`: a key people try -> what to do instead."""

    says: str
    fields: tuple[Field, ...]
    refused: Mapping[str, str] = field(default_factory=dict)
    least: int = 0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Either:
    """Told apart by what is written: a string, a number, a list or a mapping."""

    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class ByKey:
    """Records told apart by the one key that only they have; `otherwise` has none of them."""

    records: Mapping[str, Record]
    otherwise: Record


Shape = Text | Whole | Anything | ListOf | MapOf | Record | Either | ByKey
