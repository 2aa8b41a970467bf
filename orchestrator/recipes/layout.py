"""A choice -> the images it takes, as values: Dockerfiles, tags and hashes. Nothing is fetched or made here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from orchestrator import catalogue, render, resources
from orchestrator.catalogue import Recipe
from orchestrator.labels import BASE
from orchestrator.model import Image
from orchestrator.recipes import packing, rootfs
from orchestrator.recipes.choice import Choice

SYSTEM = "debian"
"""The folder of `images/` whose versions are operating systems, which recipes stand on."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What the images of one Dockerfile have in common. `seeds` go into the hash beside its text."""

    family: str
    version: str
    cause: str
    seeds: tuple[str, ...]
    facts: Mapping[str, object] = field(default_factory=dict)
    parents: tuple[str, ...] = ()


def system(recipe: Recipe) -> Recipe:
    """What the root filesystem holds: the suite's own needs and the recipe's packages."""
    suite = catalogue.entries(SYSTEM)[recipe.suite].recipes[0]
    return replace(suite, packages=tuple(sorted({*suite.packages, *recipe.packages})))


def root(recipe: Recipe) -> Image:
    """The Debian that a recipe stands on; it belongs to every recipe with the same suite and packages."""
    made = system(recipe)
    tidy = (resources.images() / "debian/tidy").read_text(encoding="utf-8")
    seeds = (*made.packages, *made.hooks, *rootfs.OPTIONS, rootfs.EPOCH, tidy)
    return _image(_Sheet(SYSTEM, recipe.suite, f"Debian {recipe.suite}", seeds), "runtime", "")


def runtimes(choice: Choice) -> tuple[Image, ...]:
    """The image to run on and, for a compiled family, the one to build on. Their `files` are still to come.

    A bare suite has none: it is its root.
    """
    if choice.entry.family == SYSTEM:
        return ()
    sheet = _sheet(choice)
    runtime = _image(sheet, "runtime", "")
    return (runtime, _image(sheet, "sdk", "-sdk")) if choice.entry.build_image else (runtime,)


def _sheet(choice: Choice) -> _Sheet:
    entry, recipe, base = choice.entry, choice.recipe, root(choice.recipe)
    release = choice.found.release if choice.found else ""
    edition = packing.EDITION if choice.found else ""
    return _Sheet(
        entry.family,
        entry.version,
        f"{entry.family}@{entry.version}: {choice.origin}",
        seeds=(base.digest, release, edition, *map(repr, recipe.inputs)),
        facts={"root": base.tag, "inputs": [one.path for one in recipe.inputs], "interpreter": release},
        parents=(base.tag,),
    )


def _image(sheet: _Sheet, target: str, suffix: str) -> Image:
    """One target of a Dockerfile. All share a digest: with another LABEL the classic builder would start again."""
    template = f"{sheet.family}/base.Dockerfile"
    text = render.dockerfile(template, label="", **sheet.facts)
    digest = hashlib.sha256("\0".join((text, *sheet.seeds)).encode()).hexdigest()
    return Image(
        tag=f"isolate/base-{sheet.family}{suffix}:{sheet.version}-{digest[:16]}",
        digest=digest,
        dockerfile=render.dockerfile(template, label=digest, **sheet.facts),
        files=(),
        cause=sheet.cause,
        parents=sheet.parents,
        target=target,
        label=BASE,
    )
