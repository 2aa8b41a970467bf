"""What runs that died left on the engine."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator import runs
from orchestrator.diagnosis.finding import Finding
from orchestrator.engines import Engine


def look(found: Engine) -> Iterator[Finding]:
    """Boxes of an experiment that is over, networks and volumes that no box is left for, untagged images."""
    held = found.holdings({"io.isolate.project": ""})
    boxes = [one for one in held if one.kind == "container" and one.labels.get("io.isolate.arm") == "isolated"]
    living = {one.labels["io.isolate.project"] for one in boxes}
    over: dict[str, list[str]] = {}
    for one in held:
        project, arm = one.labels["io.isolate.project"], one.labels.get("io.isolate.arm")
        if (arm in {"control", "shared"} or project not in living) and not runs.unfinished(project):
            over.setdefault(project, []).append(one.name)
    for project, names in over.items():
        yield Finding("leftovers", "warning", f"of {project}: {', '.join(names)}", f"isolate down {project}")
    ours = {"io.isolate.image", "io.isolate.base"}
    if images := [one for one in found.images() if not one.tags and ours & one.labels.keys()]:
        yield Finding(
            "leftovers", "warning", f"{len(images)} untagged images, left over from builds", "isolate images prune"
        )
    if not over and not images:
        yield Finding("leftovers", "ok", "none")
