"""Base images made here, from the machine's package mirrors, where neither a local nor an official one is to be had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from orchestrator import catalogue
from orchestrator.model import ContextFile, Image
from orchestrator.recipes import layout, rootfs
from orchestrator.recipes.choice import choose
from orchestrator.recipes.command import stop
from orchestrator.recipes.inputs import fetch
from orchestrator.recipes.packing import pack

__all__ = ["RecipeTags", "prepare", "stop", "tags"]


@dataclass(frozen=True, slots=True)
class RecipeTags:
    """Names of the images of one version; `build` is None where the family compiles nothing.

    origin: what they are made of, for the user: `CPython 3.8.18 of this machine on Debian bookworm`.
    """

    root: str
    runtime: str
    build: str | None
    origin: str


def tags(family: str, version: str) -> RecipeTags:
    """The tags that `prepare` would give, from the recipe's own text and the interpreter found; nothing is fetched.

    Raises Unavailable where the version has no recipe that this machine can follow.
    """
    choice = choose(catalogue.entries(family)[version])
    root = layout.root(choice.recipe)
    runtime, *build = layout.runtimes(choice) or (root,)
    return RecipeTags(root.tag, runtime.tag, build[0].tag if build else None, choice.origin)


def prepare(family: str, version: str, emit: Callable[[str], None]) -> tuple[Image, ...]:
    """The images to build, in order: the Debian root, the runtime, and the build base of a compiled family.

    Downloads and packing happen here, once; their results stay in the cache. No step of the images needs the network.
    `emit` is called from several threads.
    Raises Unavailable where an input cannot be had.
    """
    choice = choose(catalogue.entries(family)[version])
    root = layout.root(choice.recipe)
    with ThreadPoolExecutor() as pool:
        tar = pool.submit(rootfs.make, layout.system(choice.recipe), root.digest, emit)
        packed = pool.submit(pack, choice.found, emit) if choice.found else None
        fetched = tuple(pool.map(lambda wanted: _entries(wanted.path, fetch(wanted, emit)), choice.recipe.inputs))
    files = (*((ContextFile("interpreter.tar", source=packed.result()),) if packed else ()), *chain(*fetched))
    return (
        replace(root, files=(ContextFile("rootfs.tar", source=tar.result()),)),
        *(replace(image, files=files) for image in layout.runtimes(choice)),
    )


def _entries(path: str, source: Path) -> Iterator[ContextFile]:
    """A file as it is, a folder as its files."""
    if source.is_dir():
        yield from (ContextFile(f"{path}/{file.name}", source=file) for file in sorted(source.iterdir()))
    else:
        yield ContextFile(path, source=source)
