"""What was observed before, by content: the same image, environment, command and checks are the same observation.
What a resolver said is remembered by its question.

State, never truth: a run observes again unless it is told to remember, and what is remembered says from when it is.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestrator import __version__, places
from orchestrator.model import Cell, CheckResult
from orchestrator.plan import Plan, Trial

SETTLED = frozenset({"pass", "fail"})
"""Outcomes worth remembering; what proves nothing today may prove something tomorrow."""
UNREADABLE = (OSError, ValueError, LookupError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Said:
    """An answer in words; `remembered` is the time at which an earlier run was given it."""

    text: str
    remembered: str | None = None


def fingerprint(trial: Trial, plan: Plan) -> str:
    """The hash of everything that an observation depends on, and that we know of.

    An app alone may call the isolated boxes of its peers, so these are part of it.
    """
    box, apps = trial.box, plan.manifest.apps
    asked = [(name, apps[name].checks, apps[name].healthcheck) for name in trial.apps]
    peers = [
        (name, plan.images[name].digest, plan.boxes[name].launches)
        for name, app in apps.items()
        if app.is_service and name not in trial.apps
    ]
    what = (__version__, trial.image.digest, box.launches, box.limits, box.tmpfs, trial.serves, asked, peers)
    return hashlib.sha256(repr(what).encode()).hexdigest()


class Memory:
    """Cells by fingerprint, and what a resolver said, in files; within one run also what that run has seen."""

    def __init__(self, *, use: bool, folder: Path | None = None) -> None:
        self._use = use
        self._folder = folder or places.state() / "observed"
        self._seen: dict[str, tuple[Cell, ...]] = {}
        self._said: dict[str, Said] = {}

    def recall(self, key: str, repeat: int) -> tuple[Cell, ...] | None:
        """What was observed; cells of an earlier run carry its time. A box that failed too few times is none."""
        if key in self._seen:
            return self._seen[key]
        cells = self._read(key) if self._use else None
        often = all(cell.runs >= repeat for cell in cells or () if cell.outcome == "fail" and cell.phase != "build")
        return cells if often else None

    def keep(self, key: str, cells: Sequence[Cell]) -> None:
        """Remember what is settled; a state folder that cannot be written to is no failure."""
        if any(cell.outcome not in SETTLED for cell in cells):
            return
        self._seen[key] = tuple(cells)
        self._write(key, {"cells": [asdict(cell) for cell in cells]})

    def recall_said(self, key: str) -> Said | None:
        """What was said to a question, and when where an earlier run had asked it."""
        return self._said.get(key) or (self._read_said(key) if self._use else None)

    def keep_said(self, key: str, text: str) -> Said:
        """Remember an answer; returns it."""
        self._said[key] = Said(text)
        self._write(key, {"said": text})
        return self._said[key]

    def _write(self, key: str, what: Mapping[str, object]) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        part = self._folder / f"{key}.{os.getpid()}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.write_text(json.dumps({"at": at, **what}), encoding="ascii")
            part.replace(self._folder / f"{key}.json")
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def _read(self, key: str) -> tuple[Cell, ...] | None:
        try:
            kept = self._kept(key)
            return tuple(_cell(one, str(kept["at"])) for one in kept["cells"])
        except UNREADABLE:
            return None

    def _read_said(self, key: str) -> Said | None:
        try:
            kept = self._kept(key)
            text, at = kept["said"], kept["at"]
            return Said(text, at) if isinstance(text, str) and isinstance(at, str) else None
        except UNREADABLE:
            return None

    def _kept(self, key: str) -> Any:
        return json.loads((self._folder / f"{key}.json").read_text(encoding="ascii"))


def _cell(kept: Mapping[str, object], at: str) -> Cell:
    cell = Cell(**kept)  # type: ignore[arg-type]
    checks = tuple(CheckResult(**check) for check in kept["checks"])  # type: ignore[attr-defined]
    return replace(cell, beside=tuple(cell.beside), checks=checks, remembered=at)
