"""What runs that died left on the engine: told by labels, by what this machine has recorded, and by locks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from orchestrator import locks, runs
from orchestrator.diagnosis.finding import Finding
from orchestrator.engines import Engine, Found, Held
from orchestrator.labels import ARM, BASE, IMAGE, OWNER, PROJECT, RUN, SETTLE

Fate = Literal["dead", "stays", "strange"]
"""`strange`: of a run that is not recorded here; whether somebody else's still goes on cannot be told."""


@dataclass(frozen=True, slots=True)
class Left:
    """What one owner has of one project that is idle."""

    project: str
    owner: str
    dead: tuple[Found, ...]
    stays: tuple[Found, ...]
    strange: tuple[Found, ...]

    @property
    def sweeps(self) -> list[Mapping[str, str]]:
        """Labels that the dead carry, and nothing else does: of everything, or of the arms of single runs."""
        mine = {PROJECT: self.project, OWNER: self.owner}
        if not self.stays and not self.strange:
            return [mine]
        boxes = [one.labels for one in self.dead if one.kind == "container"]
        return [{**mine, RUN: run, ARM: arm} for run, arm in sorted({(of[RUN], of.get(ARM, "")) for of in boxes})]


def of(engine: Engine, project: str) -> list[Left]:
    """By owner. Only inside `locks.idle`: what a run has that is under way looks the same."""
    owned: dict[str, list[Found]] = {}
    for one in engine.holdings({PROJECT: project}):
        if owner := one.labels.get(OWNER):
            owned.setdefault(owner, []).append(one)
    return [_left(project, owner, found) for owner, found in sorted(owned.items())]


def projects(engine: Engine) -> list[str]:
    """All that have something on the engine."""
    return sorted({one.labels[PROJECT] for one in engine.holdings({PROJECT: ""})} - {""})


def _left(project: str, owner: str, found: Collection[Found]) -> Left:
    boxes = [(one, _fate(project, one)) for one in found if one.kind == "container"]
    inhabited = any(fate != "dead" for _, fate in boxes)
    rest = [(one, "stays" if inhabited else _fate(project, one)) for one in found if one.kind != "container"]
    by_fate = {fate: tuple(one for one, its in (*boxes, *rest) if its == fate) for fate in get_args(Fate)}
    return Left(project, owner, **by_fate)


def _fate(project: str, one: Found) -> Fate:
    """Of a box; of a network or a volume where no box is left to use it."""
    if one.labels.get(RUN, "").startswith(SETTLE):
        return "dead"
    run, arm = runs.recorded(project, one.labels.get(RUN, "")), one.labels.get(ARM, "")
    if one.kind == "container" and arm == "isolated" and (run is None or runs.left_on_purpose(run)):
        return "stays"
    return "dead" if run else "strange"


def mark(held: Held) -> tuple[str, str]:
    """Which of our labels says what the image is, and the hash in it: of an app, which stands on a base, its own."""
    label = IMAGE if IMAGE in held.labels else BASE
    return label, held.labels.get(label, "")


def left_over(images: Collection[Held]) -> list[Held]:
    """Untagged images of ours: stages of a build, and what was built twice at once.

    What somebody builds upon one of ours inherits its label, and all its layers. Where ours is not there any more, it
    cannot be told whose the other is.
    """
    whole: dict[tuple[str, str], list[Held]] = {}
    for one in images:
        digest = mark(one)[1]
        if digest and any(tag.startswith("isolate/") and tag.endswith(digest[:16]) for tag in one.tags):
            whole.setdefault(mark(one), []).append(one)
    return [
        one
        for one in images
        if not one.tags
        and one.layers
        and (made := whole.get(mark(one)))
        and not any(one.layers[: len(base.layers)] == base.layers for base in made)
    ]


def look(found: Engine) -> Iterator[Finding]:
    """What `isolate prune` would remove, what only its owner can judge, and untagged images."""
    clean = True
    for project in projects(found):
        with locks.idle(project) as idle:
            for left in of(found, project) if idle else ():
                findings = [*_told(left)]
                clean &= not findings
                yield from findings
    if images := left_over(found.images()):
        told = f"{len(images)} untagged images, left over from builds"
        yield Finding("leftovers", "warning", told, "isolate images prune")
    elif clean:
        yield Finding("leftovers", "ok", "none")


def _told(left: Left) -> Iterator[Finding]:
    if left.dead:
        told = f"of dead runs of {left.project}: {', '.join(one.name for one in left.dead)}"
        yield Finding("leftovers", "warning", told, "isolate prune")
    if left.strange:
        names = ", ".join(one.name for one in left.strange)
        told = f"of {left.project}, by runs that are not recorded here: {names}"
        yield Finding("leftovers", "warning", told, f"isolate down {left.project}, if nobody uses it")
