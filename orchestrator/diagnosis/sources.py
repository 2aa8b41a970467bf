"""The catalogue: which registries answer, and where each version's base image would come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from orchestrator import bases, catalogue, recipes
from orchestrator.catalogue import Entry
from orchestrator.diagnosis import machine
from orchestrator.diagnosis.finding import Finding
from orchestrator.engines import Engine
from orchestrator.errors import Unavailable
from orchestrator.runtimes import families


def online(found: Engine) -> Iterator[Finding]:
    """Asked through the engine, since it is the engine that pulls; what was remembered is forgotten first."""
    bases.forget()
    by_host = {bases.host(image): image for entry in _entries() for image in reversed(_official(entry))}
    with ThreadPoolExecutor() as pool:
        answers = pool.map(lambda image: found.probe(image, bases.PROBE_SECONDS), by_host.values())
        reasons = dict(zip(by_host, answers, strict=True))
    for host, reason in reasons.items():
        fix = "export ISOLATE_REGISTRY=host:port of a mirror that has them"
        yield Finding(f"registry {host}", "warning" if reason else "ok", reason or "answers", fix if reason else "")
    obstacle = _obstacle()
    yield from _bases([_source(entry, found, reasons) or _recipe(entry, obstacle) for entry in _entries()])


def offline() -> Iterator[Finding]:
    """Without an engine only the recipes can be judged."""
    obstacle = _obstacle()
    yield from _bases([_recipe(entry, obstacle) for entry in _entries()])


def _bases(found: list[Finding]) -> Iterator[Finding]:
    """A version that cannot be had is a pity; none at all is the end."""
    yield from found
    if all(finding.state != "ok" for finding in found):
        fix = next(finding.fix for finding in found)
        yield Finding("base images", "missing", "no version of any runtime can be had", fix)


def _obstacle() -> Finding | None:
    """What keeps every recipe from being followed."""
    return next((finding for finding in machine.recipes() if finding.state != "ok"), None)


def _entries() -> list[Entry]:
    return [entry for family in families() for entry in catalogue.entries(family).values()]


def _official(entry: Entry) -> list[str]:
    return [bases.mirrored(image) for image in (entry.image, entry.build_image) if image]


def _source(entry: Entry, found: Engine, reasons: Mapping[str, str]) -> Finding | None:
    """The sources before the recipes, in the order in which `up` tries them."""
    for images in (_made(entry), [image for image in (entry.image, entry.build_image) if image], _official(entry)):
        if images and len(found.present(images)) == len(images):
            return _ok(entry, f"local: {images[0]}")
    if not any(reasons[bases.host(image)] for image in _official(entry)):
        return _ok(entry, f"registry: {_official(entry)[0]}")
    return None


def _made(entry: Entry) -> list[str]:
    try:
        tags = recipes.tags(entry.family, entry.version)
    except Unavailable:
        return []
    return [tag for tag in (tags.runtime, tags.build) if tag]


def _recipe(entry: Entry, obstacle: Finding | None) -> Finding:
    if obstacle:
        return replace(obstacle, subject=f"{entry.family}@{entry.version}")
    try:
        return _ok(entry, f"recipe: {recipes.tags(entry.family, entry.version).origin}")
    except Unavailable as error:
        return Finding(f"{entry.family}@{entry.version}", "warning", error.message, error.hint)


def _ok(entry: Entry, detail: str) -> Finding:
    return Finding(f"{entry.family}@{entry.version}", "ok", detail)
