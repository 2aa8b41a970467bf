"""YAML text -> a tree of nodes. Strict: what two readers could understand differently is refused.

The parser's events are read, nothing is constructed: no tag, alias or merge key has any effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from orchestrator.manifest.nodes import Items, Keys, Node, Problem, RefusedError, Scalar, shown
from orchestrator.manifest.scalars import FORBIDDEN, FORBIDDEN_IN_FILE, core
from orchestrator.model import Mark

if TYPE_CHECKING:
    from yaml import MarkedYAMLError

DEEPEST = 20
MOST_VALUES = 10_000


def tree(text: str, file: str) -> Node:
    """The one document in `text`; raises RefusedError with the first thing that is off."""
    import yaml

    _refuse_characters(text, file)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(yaml.parse(text, Loader=loader), file)
    try:
        return builder.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Mark(file, mark.line + 1, mark.column + 1) if mark else Mark(file, 1, 1)
        refuse(place, f"this is not YAML: {_reason(error, builder.brackets)}")
    except yaml.YAMLError as error:
        refuse(Mark(file, 1, 1), f"this is not YAML: {error}")


def _reason(error: MarkedYAMLError, brackets: Sequence[Mark]) -> str:
    """In libyaml's words, and where the bracket is, or the text begins, that has no end."""
    context, began, at = error.context or "", error.context_mark, error.problem_mark
    still = ""
    if brackets and context.startswith("while parsing a flow"):
        still = f"and the bracket of line {brackets[-1].line}, column {brackets[-1].column} is open"
    elif began and at and (began.line, began.column) != (at.line, at.column):
        context += f" (from line {began.line + 1}, column {began.column + 1})"
    return ", ".join(part for part in (context, error.problem, still) if part)


def refuse(mark: Mark, message: str, hint: str = "") -> NoReturn:
    """Raises RefusedError with one problem."""
    raise RefusedError(Problem(mark, message, hint))


def _refuse_characters(text: str, file: str) -> None:
    found = FORBIDDEN_IN_FILE.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        refuse(Mark(file, line, column), f"the character U+{ord(found[0]):04X} is not allowed in a manifest")


class _Builder:
    """Turns events into nodes; the depth of its recursion is bounded by DEEPEST."""

    def __init__(self, events: Iterator[Any], file: str) -> None:
        self.events = events
        self.file = file
        self.values = 0
        self.brackets: list[Mark] = []

    def document(self) -> Node:
        root: Node | None = None
        for event in self.events:
            match type(event).__name__:
                case "DocumentStartEvent" if root is not None:
                    refuse(self.mark(event), "a second document starts here", "keep one manifest per file")
                case "StreamStartEvent" | "DocumentStartEvent" | "DocumentEndEvent" | "StreamEndEvent":
                    pass
                case _:
                    root = self.node(event, 1)
        if root is None or (isinstance(root, Scalar) and root.value is None):
            refuse(Mark(self.file, 1, 1), "the manifest is empty", "README.md shows a first one")
        return root

    def mark(self, event: Any) -> Mark:
        return Mark(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def node(self, event: Any, depth: int) -> Node:
        mark = self.mark(event)
        self.values += 1
        if depth > DEEPEST:
            refuse(mark, f"nested deeper than {DEEPEST} levels")
        if self.values > MOST_VALUES:
            refuse(mark, f"more than {MOST_VALUES} values")
        _refuse_indirection(event, mark)
        if type(event).__name__ == "ScalarEvent":
            return _scalar(event, mark)
        bracket = event.flow_style and event.end_mark.column > event.start_mark.column  # `[a: b]` holds one without
        if bracket:
            self.brackets.append(mark)
        made = self.collection(event, mark, depth)
        if bracket:
            self.brackets.pop()
        return made

    def collection(self, event: Any, mark: Mark, depth: int) -> Node:
        if type(event).__name__ == "SequenceStartEvent":
            return Items(mark, tuple(self.node(e, depth + 1) for e in self.until("SequenceEndEvent")))
        return self.mapping(mark, depth)

    def mapping(self, mark: Mark, depth: int) -> Keys:
        entries: dict[str, Node] = {}
        marks: dict[str, Mark] = {}
        for event in self.until("MappingEndEvent"):
            key = _key(self.node(event, depth + 1), marks)
            entries[key.text] = self.node(next(self.events), depth + 1)
            marks[key.text] = key.mark
        return Keys(mark, entries, marks)

    def until(self, end: str) -> Iterator[Any]:
        for event in self.events:
            if type(event).__name__ == end:
                return
            yield event


def _refuse_indirection(event: Any, mark: Mark) -> None:
    if type(event).__name__ == "AliasEvent":
        refuse(mark, f"*{event.anchor[:60]} is an alias; a manifest has none", "write the value out")
    if event.anchor is not None:
        refuse(mark, f"&{event.anchor[:60]} is an anchor; a manifest has none", "remove it")
    if event.tag is not None:
        refuse(mark, f"{shown(event.tag)} is a tag; a manifest has none", 'remove it; a string is "quoted"')


def _scalar(event: Any, mark: Mark) -> Scalar:
    found = FORBIDDEN.search(event.value)
    if found:
        refuse(mark, f"the character U+{ord(found[0]):04X} is not allowed in a manifest")
    if event.style:
        return Scalar(mark, event.value, event.value)
    try:
        return Scalar(mark, event.value, core(event.value))
    except ValueError:
        refuse(mark, f"this number has {len(event.value)} characters", "put it in quotes if it is text")


def _key(node: Node, seen: dict[str, Mark]) -> Scalar:
    if not isinstance(node, Scalar):
        refuse(node.mark, "a key must be a string")
    if not isinstance(node.value, str):
        refuse(node.mark, f"the key {shown(node.text)} is not a string", f'write "{node.text}" in quotes')
    if node.text == "<<":
        refuse(node.mark, "<< is a merge key; a manifest has none", "write the keys out")
    if node.text in seen:
        refuse(node.mark, f"the key {shown(node.text)} is here twice, first in line {seen[node.text].line}")
    return node
