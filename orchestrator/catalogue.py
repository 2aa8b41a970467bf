"""`images/<family>/versions.yaml` -> frozen values: the versions of a family and how a base image of each is had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

import yaml

from orchestrator import resources


@dataclass(frozen=True, slots=True)
class Input:
    """A file that a recipe fetches, pinned. `path` is its name in the build context.

    package: `name@version` for npm, `name==version` for PyPI.
    wheel:   PyPI only, the `python-abi-platform` of another interpreter's wheel; empty takes a pure one.
    members: patterns of what to take out of a wheel, into a folder called `path`; empty takes the file as it is.
    """

    path: str
    source: Literal["npm", "pypi"]
    package: str
    sha256: str
    wheel: str = ""
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to make a base image: a Debian suite, packages of it, pinned inputs, maybe the machine's interpreter.

    interpreter: version of the interpreter that is packed from the machine; empty where none is.
    hooks:       of mmdebstrap, by name; only a suite itself names any.
    """

    suite: str
    packages: tuple[str, ...] = ()
    interpreter: str = ""
    inputs: tuple[Input, ...] = ()
    hooks: tuple[str, ...] = ()


LONGEST_NUMBER = 10
"""Digits of one part of a version."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a family: its official images, and the recipes that replace them, best first."""

    family: str
    version: str
    image: str
    end_of_life: date
    recipes: tuple[Recipe, ...]
    build_image: str | None = None


@cache
def entries(family: str) -> Mapping[str, Entry]:
    """The catalogue of `images/<family>`; raises FileNotFoundError for a family that is not there."""
    return parse(family, (resources.images() / family / "versions.yaml").read_text(encoding="utf-8"))


@cache
def libraries(family: str) -> Mapping[str, tuple[str, ...]]:
    """Debian suite -> its packages that a runtime of the family needs when it is put onto the bare suite."""
    text = (resources.images() / family / "versions.yaml").read_text(encoding="utf-8")
    return {suite: tuple(packages) for suite, packages in yaml.safe_load(text).get("libraries", {}).items()}


@cache
def beside(family: str) -> Mapping[str, Mapping[str, str]]:
    """Debian suite, best first -> the variables that the family's runtimes need there; all of them are known to work.

    Where several runtimes share a filesystem, they are copied onto one of these. Empty where none is known.
    """
    text = (resources.images() / family / "versions.yaml").read_text(encoding="utf-8")
    return {suite: dict(variables) for suite, variables in yaml.safe_load(text).get("beside", {}).items()}


def order(name: str) -> tuple[int, ...]:
    """A key that sorts one family's runtimes: `python@3.9` before `python@3.10`, names as the file lists them.

    Any text has one: a record that is read again may name families that are not there.
    """
    family, _, version = name.partition("@")
    if all(part.isdecimal() and len(part) < LONGEST_NUMBER for part in version.split(".")):
        return tuple(int(part) for part in version.split("."))
    there = family.isalnum() and (resources.images() / family / "versions.yaml").is_file()
    known = list(entries(family)) if there else []
    return (known.index(version) if version in known else len(known),)


def parse(family: str, text: str) -> Mapping[str, Entry]:
    """Version -> entry, in the order of the file. It is ours: what it lacks is a KeyError, not a user's mistake."""
    versions = yaml.safe_load(text)["versions"]
    return {version: _entry(family, version, facts) for version, facts in versions.items()}


def _entry(family: str, version: str, facts: Mapping[str, Any]) -> Entry:
    recipes = tuple(_recipe(recipe) for recipe in facts["recipes"])
    return Entry(family, version, facts["image"], facts["end_of_life"], recipes, facts.get("build_image"))


def _recipe(facts: Mapping[str, Any]) -> Recipe:
    return Recipe(
        suite=facts["suite"],
        packages=tuple(facts.get("packages", ())),
        interpreter=facts.get("interpreter", ""),
        inputs=tuple(_input(path, pin) for path, pin in facts.get("inputs", {}).items()),
        hooks=tuple(facts.get("hooks", ())),
    )


def _input(path: str, pin: Mapping[str, Any]) -> Input:
    source: Literal["npm", "pypi"] = "npm" if "npm" in pin else "pypi"
    return Input(path, source, pin[source], pin["sha256"], pin.get("wheel", ""), tuple(pin.get("members", ())))
