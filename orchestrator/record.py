"""An event <-> one JSON line: `{"at": seconds, "event": "cell-observed", ...}`. ASCII only, so any byte is safe."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, get_args

from orchestrator.events import Event
from orchestrator.sanitise import in_json

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event, `at` seconds after the run began."""

    at: float
    event: Event


def name(kind: type[Event]) -> str:
    """`CellObserved` -> `cell-observed`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()


def line(at: float, event: Event) -> str:
    """One event, `at` seconds after the run began, without the newline."""
    told = {"at": round(at, 3), "event": name(type(event)), **asdict(event)}
    return in_json(json.dumps(told, default=_plain))


def read(text: str) -> Recorded:
    """What `line` wrote. Raises ValueError for anything else."""
    told = json.loads(text)
    if not isinstance(told, dict) or told.get("event") not in kinds():
        raise ValueError("this is no event")
    at, kind = float(told.pop("at", 0)), told.pop("event")
    return Recorded(at, _adapter(kind).validate_python(told))


@cache
def kinds() -> dict[str, type[Event]]:
    """Every kind of event by its name."""
    return {name(kind): kind for kind in get_args(Event)}


@cache
def _adapter(kind: str) -> TypeAdapter[Event]:
    from pydantic import TypeAdapter

    return TypeAdapter(kinds()[kind])


def _plain(value: Any) -> Any:
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in an event")
