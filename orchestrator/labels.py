"""The labels by which isolate knows its own, and what a project's name may look like."""

from __future__ import annotations

from collections.abc import Mapping

PREFIX = "io.isolate."
PROJECT = f"{PREFIX}project"
OWNER = f"{PREFIX}owner"
"""The manifest's own mark: a name that is used in two folders is two projects."""
RUN = f"{PREFIX}run"
ARM = f"{PREFIX}arm"
APP = f"{PREFIX}app"
"""The apps of a box, with commas between them."""
RUNTIME = f"{PREFIX}runtime"
BOX = f"{PREFIX}box"
"""The hash of what makes two boxes the same."""
ENVIRONMENT = f"{PREFIX}environment"
"""An isolated app's variables as JSON, for commands that are run in its box later. The launcher has none."""
SETTLE = "isolate-settle-"
"""How the run is called that is only a question to the engine (`running/sweep.py`)."""
BASE = f"{PREFIX}base"
IMAGE = f"{PREFIX}image"
"""Of images: the hash of what went in."""

NAME = "[a-z0-9][a-z0-9.-]{0,40}"
"""Of a project; whole, it names a file."""


def kin(carried: Mapping[str, str] | None, wanted: Mapping[str, str]) -> bool:
    """Whether both are of the same project, and of the same owner's: the name alone says neither."""
    return all((carried or {}).get(label) == wanted.get(label) for label in (PROJECT, OWNER))
