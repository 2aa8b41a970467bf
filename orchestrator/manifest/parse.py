"""The way from texts to a Manifest, step by step; each step ends where the one before found problems."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from orchestrator.errors import UsageError
from orchestrator.family import Family
from orchestrator.manifest import words
from orchestrator.manifest.apps import Reading, app
from orchestrator.manifest.complaint import complaint
from orchestrator.manifest.definition import MANIFEST
from orchestrator.manifest.fields import Fields
from orchestrator.manifest.merge import Part, merged
from orchestrator.manifest.nodes import Problems, RefusedError
from orchestrator.manifest.reader import read
from orchestrator.manifest.runtime import Known
from orchestrator.manifest.shared import entries
from orchestrator.manifest.source import Source
from orchestrator.manifest.tree import tree
from orchestrator.model import Manifest


def parse(
    sources: Sequence[Source],
    families: Mapping[str, Family],
    versions: Mapping[str, tuple[str, ...]],
    *,
    project: str | None = None,
    together: bool = False,
) -> Manifest:
    """One manifest out of one or more files.

    families: name -> family. versions: name -> the versions in its catalogue.
    project: another name than the first file's. together: add a shared entry over all apps.
    Raises ManifestError, with the first problem in full and up to nineteen more as its others.
    """
    if project is not None and not re.fullmatch(words.PROJECT.pattern, project):
        raise UsageError(f"{project!r} is not {words.PROJECT.says}", hint=f"for example -p {words.PROJECT.example}")
    known = Known(families, versions)
    problems = Problems()
    try:
        whole = merged([_part(source, known) for source in sources], project, problems, together=together)
        problems.settle()
    except RefusedError as refused:
        raise complaint(refused.problems, {str(source.path): source.text for source in sources}) from None
    return whole


def _part(source: Source, known: Known) -> Part:
    problems = Problems()
    record: Fields = read(MANIFEST, tree(source.text, str(source.path)), problems)
    problems.settle()
    reading = Reading(source, record.get("name"), known, problems)
    records: Mapping[str, Fields] = record.get("apps")
    found = [app(name, one, record.place("apps", name), reading) for name, one in records.items()]
    problems.settle()
    apps = {one.name: one for one in found if one}
    shared = entries(record, apps, known, problems)
    problems.settle()
    return Part(source, reading.project, record.get("description", ""), apps, shared)
