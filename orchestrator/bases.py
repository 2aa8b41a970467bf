"""Where a base image comes from: local (already there), registry (official images), recipe (made here)."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from orchestrator import catalogue, places, recipes
from orchestrator.engines import Engine
from orchestrator.errors import IsolateError, Unavailable
from orchestrator.events import BaseResolved, BuildEnded, BuildLine, BuildStarted, Emit
from orchestrator.model import Base, Image, Runtime

PROBE_SECONDS = 5.0
REMEMBERED_SECONDS = 600.0
_asking = threading.Lock()
Source = Literal["local", "registry", "recipe"]
UNREACHABLE = re.compile(r"dial tcp|no such host|connection refused|no answer within|[Tt]imeout|deadline exceeded")
"""What the engine says of a registry that cannot be reached; any other refusal is of one image alone."""
SOURCES: tuple[Source, ...] = ("local", "registry", "recipe")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One base to find: for running (`role` empty) or compiling (`/build`)."""

    runtime: Runtime
    role: str
    official: str
    declared: bool

    @property
    def key(self) -> str:
        return f"{self.runtime.key}{self.role}"

    def __str__(self) -> str:
        """An OS base that is an image of the user's own has no other name."""
        own = self.runtime.image == self.runtime.version
        return f"{self.runtime.version if own else self.runtime}{self.role}"


def choose(
    engine: Engine, runtimes: Sequence[Runtime], emit: Emit, sources: Sequence[Source] = SOURCES
) -> dict[str, Base]:
    """A base for each runtime, by `Runtime.key`, and for each that compiles another with `/build` appended.

    Raises Unavailable naming every source that was tried where one cannot be had.
    """
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(
            lambda runtime: [(one.key, _find(engine, one, emit, sources)) for one in _wanted(runtime)], runtimes
        )
        return {key: base for pairs in found for key, base in pairs}


def _wanted(runtime: Runtime) -> Iterator[Wanted]:
    entry = catalogue.entries(runtime.family).get(runtime.version)
    image, build = runtime.image or (entry.image if entry else ""), runtime.build_image or (entry and entry.build_image)
    yield Wanted(runtime, "", image, declared=bool(runtime.image))
    if build:
        yield Wanted(runtime, "/build", build, declared=bool(runtime.build_image))


def official(runtimes: Sequence[Runtime]) -> dict[str, Base]:
    """The catalogue's official images, unresolved: what `render` writes and a dry run shows."""
    return {one.key: Base(one.official, one.official, "registry") for r in runtimes for one in _wanted(r)}


def from_recipes(runtimes: Sequence[Runtime]) -> dict[str, Base]:
    """The recipes' images by tag, whether they are there or not."""
    return {one.key: _recipe_base(one) for runtime in runtimes for one in _wanted(runtime)}


def _find(engine: Engine, wanted: Wanted, emit: Emit, sources: Sequence[Source]) -> Base:
    tried: list[str] = []
    began = time.monotonic()
    for source in ("local", "registry") if wanted.declared else sources:
        try:
            base = _TRY[source](engine, wanted, emit)
        except Unavailable as error:
            tried.append(f"{source}: {error.message}")
            continue
        took = round(time.monotonic() - began, 3)
        emit(BaseResolved(str(wanted), base.reference, base.source, tuple(tried), took))
        return base
    raise Unavailable(
        f"no base image for {wanted}: {'; '.join(tried)}",
        where=str(wanted.runtime.source or ""),
        hint="isolate doctor tells what is missing for each source",
    )


def _local(engine: Engine, wanted: Wanted, _: Emit) -> Base:
    """Already there: one made by the recipe, or the official image, by digest."""
    made = None if wanted.declared else _maybe_recipe(wanted)
    names = [wanted.official, mirrored(wanted.official)] if wanted.official else []
    present = engine.present([*([made.reference] if made else []), *names])
    if made and made.reference in present:
        return replace(made, source="local")
    for name in names:
        if name in present:
            digest = present[name]
            return Base(digest if "@" in digest else name, digest, "local")
    raise Unavailable(f"{wanted.official} is not there")


def _maybe_recipe(wanted: Wanted) -> Base | None:
    try:
        return _recipe_base(wanted)
    except IsolateError:
        return None


def _recipe_base(wanted: Wanted) -> Base:
    tags = recipes.tags(wanted.runtime.family, wanted.runtime.version)
    tag = tags.build if wanted.role else tags.runtime
    if tag is None:
        raise Unavailable("there is no recipe for it")
    return Base(tag, tag, "recipe")


def _recipe(engine: Engine, wanted: Wanted, emit: Emit) -> Base:
    """Made here from what package registries and the machine offer; both roles of a version come together."""
    cause = f"base image of {wanted}"

    def step(text: str) -> None:
        emit(BuildLine(cause, text))

    base = _recipe_base(wanted)
    emit(BuildStarted(cause, "made here, once for all projects"))
    began = time.monotonic()
    for image in recipes.prepare(wanted.runtime.family, wanted.runtime.version, step):
        _build(engine, image, step)
    emit(BuildEnded(cause, "made here, once for all projects", "built", round(time.monotonic() - began, 3)))
    return base


def _build(engine: Engine, image: Image, step: Callable[[str], None]) -> None:
    if image.tag in engine.present([image.tag]):
        return
    built = engine.build(image, step)
    if not built.ok:
        raise Unavailable(
            f"the recipe of {image.tag} failed: {built.tail[-1] if built.tail else ''}", excerpt=built.tail
        )


# --- registry ------------------------------------------------------------------------------------------------


def _registry(engine: Engine, wanted: Wanted, emit: Emit) -> Base:
    if not wanted.official:
        raise Unavailable("no official image is known")
    reference = mirrored(wanted.official)
    if reason := _unreachable(engine, reference):
        raise Unavailable(reason)
    cause = f"official image of {wanted}"
    emit(BuildStarted(reference, cause))
    began = time.monotonic()
    pulled = engine.pull(reference, lambda line: emit(BuildLine(reference, line)))
    emit(BuildEnded(reference, cause, "built", round(time.monotonic() - began, 3)))
    return Base(pulled, pulled, "registry")


def mirrored(reference: str) -> str:
    """The reference at ISOLATE_REGISTRY (`host:port`, a mirror or pull-through cache) where that is set."""
    mirror = os.environ.get("ISOLATE_REGISTRY", "").rstrip("/")
    return f"{mirror}/{_path(reference)}" if mirror else reference


def host(reference: str) -> str:
    """The registry of a reference, by Docker's rule: the first part where it looks like a host."""
    first, _, rest = reference.partition("/")
    return first if rest and ("." in first or ":" in first or first == "localhost") else "docker.io"


def _path(reference: str) -> str:
    if host(reference) == "docker.io":
        path = reference.removeprefix("docker.io/")
        return path if "/" in path else f"library/{path}"
    return reference.partition("/")[2]


def _unreachable(engine: Engine, reference: str) -> str:
    """Why the registry cannot serve, or empty. Asked through the engine, briefly; whether it is there is remembered."""
    memory = places.cache() / "registries.json"
    with _asking:
        known = _remembered(memory)
        at, reason = known.get(host(reference), (0.0, ""))
        if 0 <= time.time() - at <= REMEMBERED_SECONDS:
            return reason
        reason = engine.probe(reference, PROBE_SECONDS)
        if not reason or UNREACHABLE.search(reason):
            with suppress(OSError):
                memory.parent.mkdir(parents=True, exist_ok=True)
                memory.write_text(json.dumps({**known, host(reference): (time.time(), reason)}), encoding="utf-8")
    return reason


def _remembered(path: os.PathLike[str]) -> Mapping[str, tuple[float, str]]:
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            return {host: (float(at), str(reason)) for host, (at, reason) in json.load(file).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def forget() -> None:
    """Ask the registries again next time."""
    (places.cache() / "registries.json").unlink(missing_ok=True)


_TRY: Mapping[Source, Callable[[Engine, Wanted, Emit], Base]] = {
    "local": _local,
    "registry": _registry,
    "recipe": _recipe,
}
