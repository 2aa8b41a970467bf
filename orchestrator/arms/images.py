"""Makes the images of a plan, in parallel, parents first."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from orchestrator import signs
from orchestrator.arms.conductor import Conductor
from orchestrator.engines import Built
from orchestrator.errors import Interrupted
from orchestrator.events import BuildEnded, BuildLine, BuildStarted
from orchestrator.model import Image, Outcome

TRIES = 2
LISTS = "/isolate/lists/"
"""Where the lists of several apps lie while they are installed: a place that says nothing to a user."""
TAKEN = "this build needs a network, and --build-network none takes it away"
BUILDERS = 4
"""At once; four are 3 to 4 times as quick as one, more gain nothing on two cores."""


def build(conductor: Conductor, images: Iterable[Image]) -> dict[str, Built]:
    """Make every image that is not there, in parallel, parents first; tag -> how it ended.

    One whose parent could not be made ends as the parent did.
    """
    wanted = {image.tag: image for image in images}
    present = conductor.engine.present(tuple(wanted))
    done: dict[str, Built] = {}
    for tag in wanted.keys() & present.keys():
        conductor.emit(BuildEnded(tag, wanted[tag].cause, "reused"))
        done[tag] = Built(ok=True)
    missing = [image for tag, image in wanted.items() if tag not in present]
    with ThreadPoolExecutor(BUILDERS) as pool:
        while missing:
            ours = {image.tag for image in missing}
            ready = [image for image in missing if not ours.intersection(image.parents)]
            orphans = {i.tag: done[p] for i in ready for p in i.parents if p in done and not done[p].ok}
            ready = [image for image in ready if image.tag not in orphans]
            done |= orphans
            done.update(zip((i.tag for i in ready), pool.map(lambda i: _build(conductor, i), ready), strict=True))
            missing = [image for image in missing if image.tag not in done]
    return done


def _build(conductor: Conductor, image: Image) -> Built:
    """A build that met the network, or a builder that broke, and not its own packages, gets another try."""
    began = time.monotonic()
    conductor.emit(BuildStarted(image.tag, image.cause))
    for _ in range(TRIES):
        if conductor.stop.is_set():
            raise Interrupted("interrupted")
        built = conductor.engine.build(image, lambda line: conductor.emit(BuildLine(image.tag, line)))
        if built.ok or not signs.unproven(built.tail, conductor.families.values(), built.exit_code):
            break
    outcome, seconds = ("built" if built.ok else "refused"), round(time.monotonic() - began, 3)
    conductor.emit(BuildEnded(image.tag, image.cause, outcome, seconds, built.tail))  # type: ignore[arg-type]
    return built


def refusal(conductor: Conductor, built: Built, names: Iterable[str], images: Iterable[Image]) -> tuple[Outcome, str]:
    """What a failed build of these images proves, and the line to quote."""
    families = [conductor.families[name] for name in names]
    if why := signs.unproven(built.tail, families, built.exit_code):
        taken = conductor.offline and built.exit_code is not None and any(image.network for image in images)
        return "infrastructure", f"{TAKEN}: {why}" if taken and not signs.of_the_machine(why) else why
    return "fail", signs.quote(built.tail, families).replace(LISTS, "")
