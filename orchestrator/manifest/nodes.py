"""A manifest as a tree of values that know where they stand, and the problems found in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orchestrator.model import Mark

MOST = 20
Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value; `text` is how it was written, `value` what YAML 1.2 makes of it."""

    mark: Mark
    text: str
    value: Plain


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    mark: Mark
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping; `marks` tells where each key stands."""

    mark: Mark
    entries: Mapping[str, Node]
    marks: Mapping[str, Mark]


Node = Scalar | Items | Keys


def kind(node: Node) -> str:
    """What a node is, in words for a message."""
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Keys):
        return "a mapping"
    match node.value:
        case None:
            return "empty"
        case bool():
            return f"the boolean {node.text}"
        case str():
            return "a string"
        case _:
            return f"the number {node.value}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule broken at one place."""

    mark: Mark
    message: str
    hint: str = ""


class RefusedError(Exception):
    """Carries problems out of the depths of a manifest; never seen by a user."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems


class Wrong(Exception):
    """A string that is not what its key wants: the message, and a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Problems:
    """Collects problems, and gives up at the twentieth."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, mark: Mark, message: str, hint: str = "") -> None:
        self.extend([Problem(mark, message, hint)])

    def extend(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.found.append(problem)
            if len(self.found) >= MOST:
                self.settle()

    def settle(self) -> None:
        """Raises RefusedError where anything was found."""
        if self.found:
            raise RefusedError(*self.found)


def shown(text: str) -> str:
    """A value as a message quotes it: short, one line, harmless to print."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
