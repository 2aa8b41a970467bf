"""`@pytest.mark.isolate("manifest.yaml", expect={"verdict": "conflict"})`: what it says, and whether it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import pytest

from orchestrator.model import Expect, Kind, Matcher, VerdictName
from orchestrator.testing import evidence
from orchestrator.testing.asked import How, changed
from orchestrator.testing.outcome import Outcome

EXAMPLE = '@pytest.mark.isolate("manifest.yaml", expect={"verdict": "conflict", "kind": "runtime"})'
WORDS: Mapping[str, tuple[str, ...]] = {"verdict": get_args(VerdictName), "kind": get_args(Kind)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """An experiment, and what a test says of its verdict. Without `expect` it is the manifest that says it."""

    manifest: Path
    expect: Expect | None = None
    entry: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


def read(mark: pytest.Mark, item: pytest.Item) -> Wanted:
    """Raises pytest's UsageError, with the test and an example, for a marker that says nothing of use."""
    try:
        return _wanted(item.path.parent, *mark.args, **mark.kwargs)
    except (TypeError, ValueError) as error:
        reason = str(error).replace("_wanted()", "the marker")
        raise pytest.UsageError(f"{item.nodeid}: {reason}\nfor example {EXAMPLE}") from None


def hold(wanted: Wanted, outcome: Outcome) -> None:
    """Fail the test where the verdict is another one, or none."""
    if wanted.expect is None and wanted.entry is None:
        evidence.insist(evidence.unhealthy(outcome))
        for entry in outcome.started.shared:
            evidence.insist(evidence.unmet(outcome, entry.name))
    else:
        evidence.insist(evidence.unmet(outcome, wanted.entry, wanted.expect))


def _wanted(
    folder: Path,
    manifest: str | Path,
    *,
    expect: Mapping[str, Any] | None = None,
    entry: str | None = None,
    **options: Any,
) -> Wanted:
    path = folder / manifest
    if not path.is_file():
        raise ValueError(f"there is no manifest {path}")
    changed(How(), options)
    return Wanted(path, None if expect is None else _expect(expect), entry, options)


def _expect(said: Any) -> Expect:
    if not isinstance(said, Mapping) or not said:
        raise ValueError(f"expect={said!r} is no mapping of what is expected")
    known = (*WORDS, "app", "because")
    if unknown := [name for name in said if name not in known]:
        raise ValueError(f"there is no expectation {unknown[0]!r}; there is: {', '.join(known)}")
    for name, words in WORDS.items():
        if name in said and said[name] not in words:
            raise ValueError(f"{said[name]!r} is no {name}; there is: {', '.join(words)}")
    if not isinstance(said.get("app", ""), str):
        raise TypeError(f"{said['app']!r} is no app's name")
    because = _matcher(said["because"]) if "because" in said else None
    return Expect(said.get("verdict"), said.get("kind"), said.get("app"), because)


def _matcher(said: Any) -> Matcher:
    """A text is searched for; `{"matches": ...}` is a regular expression."""
    from orchestrator.manifest import meanings
    from orchestrator.manifest.nodes import Wrong

    if isinstance(said, str):
        return Matcher(said)
    if not isinstance(said, Mapping) or list(said) != ["matches"] or not isinstance(said["matches"], str):
        raise ValueError(f"because={said!r} is neither a text nor {{'matches': 'a regular expression'}}")
    try:
        meanings.expression(said["matches"])
    except Wrong as wrong:
        raise ValueError(wrong.message) from None
    return Matcher(said["matches"], regex=True)
