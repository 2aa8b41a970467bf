"""Commands as shells read them -> the list that a manifest wants."""

from __future__ import annotations

import re

from orchestrator.proposals.values import Words

META = re.compile(r"""[$`"'\\|&;<>()*?~#{}\[\]\n]|^\w+=""")
SEVERAL = re.compile(r"[|&;\n()]|^\s*(?:exec|cd|export)\b|^\s*\w+=")


def words(line: str) -> Words:
    """Its words where it is no more than words; else a shell that reads it, and makes way for a single program."""
    line = line.strip()
    if not META.search(line):
        return tuple(line.split())
    return ("sh", "-c", line if SEVERAL.search(line) else f"exec {line}")
