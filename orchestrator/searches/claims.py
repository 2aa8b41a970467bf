"""What the files of an app promise about versions, and how that compares with what was observed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from orchestrator import catalogue
from orchestrator.family import Family
from orchestrator.model import App, Cell, Claim, Mark, Runtime
from orchestrator.plan import Context

LARGEST = 256 << 10
"""Bytes of a file that declares something; as for a manifest."""


def claims(app: App, context: Context, family: Family, runtimes: Iterable[Runtime]) -> tuple[Claim, ...]:
    """`requires-python`, `engines`, TargetFramework: each with the runtimes that it admits.

    One that admits no version of the whole catalogue is taken for one that is not understood, and left out.
    """
    found = []
    for file in context.files:
        readers = [family.declarations[pattern] for pattern in family.claims if fnmatchcase(file.path, pattern)]
        if not readers or file.source is None or not file.source.is_file() or file.source.stat().st_size > LARGEST:
            continue
        text = file.source.read_text(encoding="utf-8-sig", errors="replace")
        for says in filter(None, (reads(text) for reads in readers)):
            if any(family.allows(says[0], version) for version in catalogue.entries(family.name)):
                admits = tuple(str(one) for one in runtimes if family.allows(says[0], one.version))
                found.append(Claim(says[0], Mark(f"{app.build}/{file.path}", says[1], 1), admits))
    return tuple(found)


def compared(cells: Sequence[Cell], found: Sequence[Claim]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Over: admitted by every claim, and the app fails. Under: some claim does not admit it, and the app passes.

    What is not settled is neither; without a claim nothing is claimed.
    """
    if not found:
        return (), ()
    admitted = {cell.environment for cell in cells if all(cell.environment in claim.admits for claim in found)}
    over = tuple(cell.environment for cell in cells if cell.outcome == "fail" and cell.environment in admitted)
    under = tuple(cell.environment for cell in cells if cell.outcome == "pass" and cell.environment not in admitted)
    return over, under
