"""An event <-> one JSON line: `{"at": seconds, "event": "cell-observed", ...}`. ASCII only, so any byte is safe."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from orchestrator.events import Event


def name(event: Event) -> str:
    """`CellObserved` -> `cell-observed`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", type(event).__name__).lower()


def line(at: float, event: Event) -> str:
    """One event, `at` seconds after the run began, without the newline."""
    return json.dumps({"at": round(at, 3), "event": name(event), **asdict(event)}, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in an event")
