"""How much room there is for images."""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestrator.errors import IsolateError


def free() -> int | None:
    """Bytes free where the engine in use keeps its images; None where that is not on this machine."""
    from orchestrator.running import open_engine

    try:
        return shutil.disk_usage(Path(open_engine().setup().root)).free
    except (OSError, IsolateError):
        return None
