"""Which runtime an app declares: in the manifest, or in the files of its build context."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations
from pathlib import Path

from orchestrator.family import Family, meet
from orchestrator.manifest.fields import Fields
from orchestrator.manifest.hints import known_are, suggestion
from orchestrator.manifest.nodes import Wrong
from orchestrator.manifest.source import Folder
from orchestrator.model import Mark, Runtime


@dataclass(frozen=True, slots=True)
class Known:
    """The families there are, and the versions in their catalogues, oldest first."""

    families: Mapping[str, Family]
    versions: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Declaration:
    """What one file says."""

    family: str
    version: str
    mark: Mark

    def __str__(self) -> str:
        return f"{self.mark.file}:{self.mark.line} says {self.family} {self.version}"


def written(value: str | Fields, mark: Mark, known: Known) -> Runtime:
    """The runtime as the manifest states it; raises Wrong for an unknown family or version."""
    if isinstance(value, str):
        family, _, version = value.partition("@")
        return _checked(Runtime(family, version, source=mark), known)
    images = {key: value.get(key) for key in ("image", "build_image")}
    return _checked(Runtime(value.get("family"), value.get("version"), **images, source=mark), known)


def _checked(runtime: Runtime, known: Known) -> Runtime:
    if runtime.family not in known.families:
        raise Wrong(f"there is no runtime family {runtime.family!r}", suggestion(runtime.family, known.families))
    versions = known.versions.get(runtime.family, ())
    if not runtime.image and runtime.version not in versions:
        hint = f"{known_are(list(versions))}; any other needs `image`"
        raise Wrong(f"{runtime} is not in the catalogue", hint)
    return runtime


def found(folder: Folder | None, shown_as: str, known: Known) -> Runtime:
    """The newest version that every file of the context admits; raises Wrong where there is none.

    shown_as: the folder as messages name it.
    """
    says = told_apart(list(declarations(folder.texts, shown_as, known.families)) if folder else [])
    families = {one.family for one in says}
    if len(families) != 1:
        raise Wrong(_unclear(says), "write runtime: python@3.12, say")
    family = known.families[families.pop()]
    versions = known.versions.get(family.name, ())
    fits = fitting(says, family, versions)
    if not fits:
        what = "no known version satisfies all: " if len(says) > 1 else "no known version satisfies it: "
        raise Wrong(
            what + "; ".join(map(str, says)),
            f"{known_are(list(versions))}; write `runtime`, with an `image` for any other",
        )
    return Runtime(family.name, fits[-1], source=_most_exact(says, family, versions).mark)


def fitting(says: Sequence[Declaration], family: Family, versions: Sequence[str]) -> list[str]:
    """The versions that every file admits; none where two of them pin versions that differ."""
    agreed = all(meet(one.version, other.version) for one, other in combinations(filter(_is_exact, says), 2))
    return [v for v in versions if agreed and all(family.allows(one.version, v) for one in says)]


def told_apart(says: Sequence[Declaration]) -> list[Declaration]:
    """`.tool-versions` lists tools of any family; where another file names one, that one is meant."""
    named = {one.family for one in says if Path(one.mark.file).name != ".tool-versions"}
    return [one for one in says if not named or one.family in named]


def _is_exact(says: Declaration) -> bool:
    return re.fullmatch(r"\d+(?:\.\d+)*", says.version) is not None


def _unclear(says: list[Declaration]) -> str:
    if not says:
        return "the app has no `runtime`, and no file of its build context names one"
    return "the files of the build context name several runtimes: " + "; ".join(map(str, says))


def _most_exact(says: list[Declaration], family: Family, versions: tuple[str, ...]) -> Declaration:
    return min(says, key=lambda one: sum(family.allows(one.version, v) for v in versions))


def declarations(texts: Mapping[str, str], shown_as: str, families: Mapping[str, Family]) -> Iterator[Declaration]:
    """What the files of one folder say, by name; shown_as is the folder as messages name it, or empty."""
    for name, text in sorted(texts.items()):
        for family in families.values():
            readers = [reads for pattern, reads in family.declarations.items() if fnmatchcase(name, pattern)]
            for declared in filter(None, (reads(text) for reads in readers)):
                place = f"{shown_as}/{name}" if shown_as else name
                yield Declaration(family.name, declared[0], Mark(place, declared[1], 1))
