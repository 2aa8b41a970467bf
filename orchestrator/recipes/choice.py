"""Which recipe of a version this machine can follow: the first whose interpreter it has, or that needs none."""

from __future__ import annotations

import platform
from dataclasses import dataclass

from orchestrator.catalogue import Entry, Recipe
from orchestrator.errors import Unavailable
from orchestrator.recipes import interpreter
from orchestrator.recipes.interpreter import Interpreter

PROCESSORS = ("x86_64", "AMD64")
REGISTRY = "export ISOLATE_REGISTRY=host:port of a mirror that has them"


@dataclass(frozen=True, slots=True)
class Choice:
    """A recipe, and the interpreter that was found for it."""

    entry: Entry
    recipe: Recipe
    found: Interpreter | None

    @property
    def origin(self) -> str:
        """What the image is made of, for the user."""
        system = f"Debian {self.recipe.suite}"
        return f"CPython {self.found.release} of this machine on {system}" if self.found else system


def choose(entry: Entry) -> Choice:
    """Raises Unavailable, naming what was looked for, where no recipe can be followed."""
    if (machine := platform.machine()) not in PROCESSORS:
        left = "official images remain: a registry, or images that are already there"
        raise Unavailable(f"recipes make linux/amd64 images, and this machine is {machine}; {left}", hint=REGISTRY)
    for recipe in entry.recipes:
        found = interpreter.find(recipe.interpreter) if recipe.interpreter else None
        if found or not recipe.interpreter:
            return Choice(entry, recipe, found)
    looked = ", ".join(interpreter.places_looked(entry.version))
    raise Unavailable(
        f"no recipe gives {entry.family}@{entry.version} here: no Debian suite has it, no interpreter is in {looked}",
        hint=f"pyenv install {entry.version}",
    )
