"""A small lab, and an isolate that tells a known story about it, so that the page can be looked at in every state."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import scenarios
from orchestrator import record
from orchestrator.lab import command
from orchestrator.reports.result import result

PROGRAM = """\
import json, signal, sys
from pathlib import Path

here = Path(__file__).parent

def ended(*_):
    (here / "cleaned").touch()
    sys.exit(130)

signal.signal(signal.SIGTERM, ended)
story = "solved" if "dotnet@2.2" in Path("manifest.yaml").read_text() else "begun"
told = json.loads((here / f"{story}.json").read_text())
for number, line in enumerate(told["events"]):
    if number == told["pause"] and (here / "gate").exists():
        (here / "gate").read_text()
    print(line, file=sys.stderr, flush=True)
print(json.dumps(told["document"]))
"""
LAB = """\
title: {title}
summary: One line for the list.
minutes: 15
steps:
  - name: declare
    title: Say what they need
    check: [{{verdict: conflict, kind: runtime}}]
    hints: [Look at the first lines., Which one was it written for, "Write `dotnet@2.2`."]
    idea: The old app declares what it needs.
  - name: note
    title: Write it down
    check: [{{file: notes.md, holds: done}}]
    hints: [one, two, three]
    idea: Write it.
"""
SOLUTION = "apps: {invoice: {runtime: dotnet@2.2}}\n"


def labs(folder: Path, texts: Mapping[str, str] | None = None) -> Path:
    """A folder with two labs of the same two steps; `texts` replace files of the first."""
    for number, name in enumerate(("first", "second")):
        files = {
            "lab.yaml": LAB.format(title=f"The {name} lab"),
            "files/manifest.yaml": "apps: {invoice: {runtime: dotnet@3.1}}\n",
            "steps/declare/text.md": "Look at **manifest.yaml**.\n",
            "steps/declare/after.md": "No runtime serves both.\n",
            "steps/declare/solution/manifest.yaml": SOLUTION,
            "steps/note/text.md": "Write `done` into notes.md.\n",
            "steps/note/after.md": "It is written down.\n",
            "steps/note/solution/notes.md": "done\n",
            **({} if number else texts or {}),
        }
        for path, text in files.items():
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_text(text)
    return folder


def storyteller(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Instead of isolate: an app that fails at home before the solution, a conflict of runtimes after it."""
    for name, scenario in (("begun", scenarios.broken_build), ("solved", scenarios.dotnet)):
        story = scenario()[1]
        document = result([event for _, event in story])
        lines = [record.line(at, event) for at, event in story]
        pause = next(number for number, line in enumerate(lines) if '"cell-observed"' in line) + 1
        told = {"events": lines, "document": document, "pause": pause}
        (folder / f"{name}.json").write_text(json.dumps(told))
    (folder / "isolate.py").write_text(PROGRAM)
    patch.setattr(command, "ISOLATE", (sys.executable, str(folder / "isolate.py")))


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Inside, a story stops after its first cell; at the end it goes on, where anybody listens to it."""
    gate = folder / "gate"
    os.mkfifo(gate)
    try:
        yield
    finally:
        with suppress(OSError):  # it was ended
            os.close(os.open(gate, os.O_WRONLY | os.O_NONBLOCK))
        gate.unlink()
