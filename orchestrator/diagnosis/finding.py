"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """state: `missing` is what `up` cannot do without, `warning` what it can, `unknown` what cannot be told from here.

    fix: a command, where there is one.
    """

    subject: str
    state: Literal["ok", "warning", "unknown", "missing"]
    detail: str
    fix: str = ""
