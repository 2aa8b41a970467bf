"""The skeleton of a lab, for those who write one."""

from __future__ import annotations

import json
import re
from pathlib import Path

from orchestrator.errors import Unavailable, UsageError
from orchestrator.lab.definition import schema
from orchestrator.manifest import words

FILES = {
    "lab.yaml": """\
# yaml-language-server: $schema=lab.schema.json
title: {title}
summary: One line for the list.
minutes: 15
gallery: [python/legacy, python/modern]
steps:
  - name: declare
    title: Say what they need
    check:
      - verdict: conflict
        kind: runtime
    hints:
      - Look at the first lines of the program.
      - Which Python was it written for?
      - "`import imp` ends with Python 3.11."
    idea: The legacy app declares python@3.8, and then nothing serves both.
""",
    "files/manifest.yaml": """\
name: lab-{name}
apps:
  legacy:
    runtime: python@3.12
    build: ./legacy
    command: [python, app.py]
    ports: ["8080"]
    checks: [{{http: /link/spring/42}}]
  modern:
    runtime: python@3.12
    build: ./modern
    command: [python, app.py]
    ports: ["8080"]
    checks: [{{http: /circle/1}}]
""",
    "steps/declare/text.md": "What to do, which files to look at, which command to type.\n",
    "steps/declare/after.md": "What was seen, and why.\n",
    "steps/declare/solution/README.md": "Put the files of the solution here, as they lie in the learner's folder.\n",
}


def skeleton(name: str, parent: Path) -> Path:
    """A new folder below `parent` with a lab that can be read, and whose selftest fails for want of a solution.

    Raises UsageError where the name is none or taken, Unavailable where nothing can be written.
    """
    if not re.fullmatch(words.NAME.pattern, name):
        raise UsageError(f"{name!r} is not {words.NAME.says}", hint="for example isolate lab new last-install")
    folder = parent / name
    if folder.exists():
        raise UsageError(f"{folder} is there already")
    title = name.replace("-", " ").capitalize()
    try:
        for path, text in FILES.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text.format(name=name, title=title), encoding="utf-8")
        (folder / "lab.schema.json").write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise Unavailable(f"the lab cannot be written: {error.strerror}", where=str(folder)) from None
    return folder
