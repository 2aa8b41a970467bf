"""Which runtime an app is for: every source with its line, and the newest version that all of them admit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from orchestrator.family import Family, declared
from orchestrator.manifest.hints import known_are
from orchestrator.manifest.runtime import Declaration, Known, declarations, fitting, told_apart
from orchestrator.model import Mark
from orchestrator.proposals.tree import Place, Tree, matching
from orchestrator.proposals.values import Chosen

COMPILED = r"^#[^\n]*?(?:with python|with Python|--python-version[ =]|-p) *(\d{1,3}(?:\.\d{1,3}){1,2})\b"
"""The head of a list that pip-compile or uv wrote: for which Python."""
HINTS = {
    "python": ("requirements*.txt", "pyproject.toml", "setup.py", "setup.cfg", "Pipfile"),
    "node": ("package.json",),
    "ruby": ("Gemfile", "config.ru"),
    "php": ("composer.json", "index.php"),
    "dotnet": ("*.csproj",),
    "java": ("pom.xml",),
}
"""Files that name a family, whatever they say of its version."""
SOURCES = {
    "python": ("app.py", "main.py", "server.py", "manage.py"),
    "node": ("server.js", "app.js", "index.js", "main.js"),
    "ruby": ("app.rb", "main.rb", "server.rb"),
    "php": ("app.php", "main.php"),
    "java": ("*.java",),
}
"""The same, where there is none of those."""


def chosen(tree: Tree, place: Place, images: Sequence[Declaration], known: Known) -> Chosen | None:
    """None for a folder that names no runtime at all.

    images: what the Dockerfile and Compose say; they tell which family is run, where several are named. One that
    names no version counts for its family alone.
    """
    says = told_apart([*declarations(place.texts, place.path, known.families), *_more(place)])
    says = [one for one in (*images, *says) if one.family in known.families]
    families = _families(place, images, says)
    if not families:
        return None
    if len(families) > 1:
        return _several(families, says, known)
    family = known.families[families[0]]
    own = [one for one in says if one.family == family.name and one.version]
    return _agreed(family, tuple(own or _inherited(tree, place, family)), known.versions.get(family.name, ()))


def hinted(place: Place) -> tuple[str, ...]:
    """Families that the folder's files name, but for their versions."""
    for files in (HINTS, SOURCES):
        found = tuple(f for f, wanted in files.items() if any(fnmatchcase(n, w) for n in place.names for w in wanted))
        if found:
            return found
    return ()


def named(place: Place, families: Mapping[str, Family]) -> bool:
    """Whether a file names a runtime, or says how an image of the folder is made; a source alone does not."""
    wanted = {one for family in families.values() for one in family.declarations}
    wanted |= {"Dockerfile", *(one for files in HINTS.values() for one in files)}
    return any(fnmatchcase(name, one) for name in place.names for one in wanted)


def _families(place: Place, images: Sequence[Declaration], says: Sequence[Declaration]) -> list[str]:
    """An image of a language is what runs; one of a bare system says little where another file names a language."""
    run = [one.family for one in images if one.family != "debian"]
    named = run or [one.family for one in says if one.family != "debian"] or hinted(place)
    system = [] if run else [one.family for one in images]
    return list(dict.fromkeys([*system, *named]))


def _agreed(family: Family, says: tuple[Declaration, ...], versions: Sequence[str]) -> Chosen:
    fits = fitting(says, family, versions)
    if fits and not says:
        remark = "no file says a version; this is the newest that isolate knows"
        return Chosen(f"{family.name}@{fits[-1]}", family.name, remark=remark)
    if fits:
        return Chosen(f"{family.name}@{fits[-1]}", family.name, says)
    alone = [fitting([one], family, versions) for one in says]
    choices = tuple(dict.fromkeys(f"{family.name}@{one[-1]}" for one in alone if one))
    if all(alone):
        return Chosen("", family.name, says, "these disagree: " + "; ".join(map(_said, says)), choices)
    strange = [one for one, fit in zip(says, alone, strict=True) if not fit]
    about = strange or says
    remark = f"isolate has no version for this: {'; '.join(map(_said, about))}; {known_are(list(versions))}"
    return Chosen("", family.name, says, f"{remark}; any other needs `image`")


def _several(families: Iterable[str], says: Sequence[Declaration], known: Known) -> Chosen:
    """One choice for each family that is named; nothing tells which of them is run."""
    made = []
    for name in families:
        own = [one for one in says if one.family == name and one.version]
        made.append(_agreed(known.families[name], tuple(own), known.versions.get(name, ())))
    choices = tuple(choice for one in made for choice in ([one.runtime] if one.runtime else one.choices))
    silent = [f"files for {name}, without a version" for name in families if all(one.family != name for one in says)]
    told = "; ".join([*map(_said, says), *silent])
    return Chosen("", "", tuple(says), f"several runtimes are named, and nothing tells which one runs: {told}", choices)


def _said(one: Declaration) -> str:
    """`.python-version:1 says 3.8`."""
    return f"{one.mark.file}:{one.mark.line} says {one.family} {one.version}"


def wordless(place: Place, families: Mapping[str, Family], family: str) -> Iterator[str]:
    """What the folder's pins of this family say that is no version, such as `lts/*`; of every family where it is ""."""
    for name, text in sorted(place.texts.items()):
        readers = [one.declarations.get(name) for key, one in families.items() if family in {"", key}]
        pinned = name.startswith(".") and name != ".tool-versions" and any(readers) and text.strip()
        if pinned and not any(reads(text) for reads in readers if reads):
            yield f"{place.shown(name)} says {text.split()[0]}, which isolate cannot read as a version"


def _more(place: Place) -> Iterator[Declaration]:
    """What only a first look reads: the heads of compiled lists, and the pin of Volta."""
    for name, text in matching(place, "requirements*.txt"):
        if found := declared(COMPILED, text[:4000]):
            yield Declaration("python", found[0], Mark(place.shown(name), found[1], 1))
    text = place.texts.get("package.json", "")
    try:
        wanted = json.loads(text)["volta"]["node"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if isinstance(wanted, str):
        at = text.find('"node"', text.find('"volta"'))
        yield Declaration("node", wanted, Mark(place.shown("package.json"), text.count("\n", 0, max(at, 0)) + 1, 1))


def _inherited(tree: Tree, place: Place, family: Family) -> list[Declaration]:
    """Version managers look upwards: the nearest folder above whose pins name the family."""
    for above in tree.above(place.path):
        pins = {name: text for name, text in above.texts.items() if name.startswith(".") or name == "global.json"}
        if found := list(declarations(pins, above.path, {family.name: family})):
            return found
    return []
