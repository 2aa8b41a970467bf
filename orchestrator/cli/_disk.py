"""How much room images take and how much there is: on the engine in use, and where its data lie."""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestrator.errors import IsolateError


def held() -> int:
    """Bytes of all images of isolate's; layers that several share count for each of them, as Docker counts."""
    from orchestrator.cli._images import mine
    from orchestrator.running import open_engine

    return sum(one.held.size for one in mine(open_engine().images()))


def free() -> int:
    """Bytes free where the engine keeps its images; 0 where that is not on this machine."""
    from orchestrator.running import open_engine

    try:
        return shutil.disk_usage(Path(open_engine().setup().root)).free
    except (OSError, IsolateError):
        return 0
