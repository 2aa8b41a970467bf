"""What carrying out needs beside the plan."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestrator.engines import Engine
from orchestrator.events import Emit
from orchestrator.family import Family


@dataclass(frozen=True, slots=True)
class Conductor:
    """`repeat` is the total number of runs of a failing environment."""

    engine: Engine
    families: Mapping[str, Family]
    emit: Emit
    repeat: int = 2
    folder: str = ""
    """Where the run is recorded."""
    began: float = field(default_factory=time.monotonic)
    stop: threading.Event = field(default_factory=threading.Event)
