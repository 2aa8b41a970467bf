"""What carrying out needs beside the plan."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from orchestrator.engines import Engine
from orchestrator.events import Emit
from orchestrator.family import Family
from orchestrator.memory import Memory
from orchestrator.model import Base, Runtime


@dataclass(frozen=True, slots=True)
class Conductor:
    """`bases` finds base images that the plan did not ask for, by `Runtime.key`; it raises Unavailable.
    `repeat` is the total number of runs of a failing environment. `offline` says that no build may have a network.
    """

    engine: Engine
    families: Mapping[str, Family]
    emit: Emit
    bases: Callable[[Sequence[Runtime]], Mapping[str, Base]]
    repeat: int = 2
    folder: str = ""
    """Where the run is recorded."""
    keep: Callable[[str, str], None] = lambda _name, _text: None
    """Gets the name of an observation and all that its app said."""
    memory: Memory = field(default_factory=lambda: Memory(use=False))
    offline: bool = False
    began: float = field(default_factory=time.monotonic)
    stop: threading.Event = field(default_factory=threading.Event)
