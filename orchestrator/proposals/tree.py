"""A folder as it was found: what it holds by name, and the texts of the files that say something about runtimes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from orchestrator.family import Family

COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""Names of Compose's file, as Compose prefers them."""
STARTS = ("*.py", "*.js", "*.mjs", "*.cjs", "*.rb", "*.php", "*.java", "*.cs", "config.ru")
"""Sources, of which some show how an app starts and whether it listens."""


@dataclass(frozen=True, slots=True)
class Place:
    """One folder: its path below the one that was asked about (empty for that one), its files, and their texts."""

    path: str
    names: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)

    def shown(self, name: str) -> str:
        """A file of this folder as messages name it."""
        return f"{self.path}/{name}" if self.path else name


@dataclass(frozen=True, slots=True)
class Tree:
    """Folders by path, those near the top first. `cut` says what was left out, where anything was."""

    places: Mapping[str, Place]
    cut: tuple[str, ...] = ()

    def inside(self, path: str) -> Iterator[Place]:
        """The folder itself and all below it."""
        below = f"{path}/" if path else ""
        return (one for one in self.places.values() if one.path == path or one.path.startswith(below))

    def above(self, path: str) -> Iterator[Place]:
        """The folders around it, nearest first."""
        while path:
            path = path.rpartition("/")[0]
            if path in self.places:
                yield self.places[path]

    def holds(self, path: str, file: str) -> bool:
        """Whether the folder `path` holds a file, named from there."""
        place, name = self._at(path, file)
        return place is not None and name in place.names

    def text(self, path: str, file: str) -> str:
        """The text of such a file; empty where it was not read."""
        place, name = self._at(path, file)
        return place.texts.get(name, "") if place else ""

    def _at(self, path: str, file: str) -> tuple[Place | None, str]:
        folder, _, name = file.removeprefix("./").rpartition("/")
        return self.places.get("/".join(filter(None, (path, folder)))), name


def patterns(families: Iterable[Family]) -> tuple[str, ...]:
    """Names of files whose texts are wanted."""
    ours = {one for family in families for one in (*family.declarations, *family.package_files)}
    return (
        *sorted(ours),
        *COMPOSE,
        "Dockerfile",
        "Dockerfile.*",
        "*.Dockerfile",
        "Procfile",
        "requirements*.txt",
        *STARTS,
    )


def matching(place: Place, *wanted: str) -> Iterator[tuple[str, str]]:
    """(name, text) of the folder's files that match one of the patterns, by name."""
    return ((n, t) for n, t in sorted(place.texts.items()) if any(fnmatchcase(n, one) for one in wanted))
