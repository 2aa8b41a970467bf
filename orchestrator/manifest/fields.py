"""What a record held, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.manifest.nodes import Items, Keys, Node
from orchestrator.model import Mark


@dataclass(frozen=True, slots=True)
class Fields:
    """The values of a record by key, and the node they come from."""

    node: Keys
    values: Mapping[str, Any]

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or `default` where the manifest leaves it out."""
        return self.values.get(key, default)

    def mark(self, *path: str | int) -> Mark:
        """Where the value under `path` stands, or the deepest part of the path that is there."""
        return self._node(path).mark

    def place(self, *path: str) -> Mark:
        """Where the last key of `path` stands."""
        above = self._node(path[:-1])
        return above.marks[path[-1]] if isinstance(above, Keys) else above.mark

    def _node(self, path: Iterable[str | int]) -> Node:
        node: Node = self.node
        for step in path:
            match node, step:
                case Keys(entries=entries), str() if step in entries:
                    node = entries[step]
                case Items(items=items), int() if step < len(items):
                    node = items[step]
        return node
