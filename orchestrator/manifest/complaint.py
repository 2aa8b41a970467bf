"""Problems -> the one error a user sees: the first in full, with its line; the others with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from orchestrator.errors import ManifestError
from orchestrator.manifest.nodes import Problem
from orchestrator.model import Mark

WIDTH = 100


def complaint(problems: Sequence[Problem], texts: Mapping[str, str]) -> ManifestError:
    """texts: file as marks name it -> its text."""
    first, *others = sorted(
        problems, key=lambda one: (list(texts).index(one.mark.file), one.mark.line, one.mark.column)
    )
    also = tuple(ManifestError(one.message, where=str(one.mark), hint=one.hint) for one in others)
    excerpt = tuple(_excerpt(first.mark, texts[first.mark.file]))
    return ManifestError(first.message, where=str(first.mark), hint=first.hint, excerpt=excerpt, others=also)


def _excerpt(mark: Mark, text: str) -> Iterator[str]:
    lines = text.split("\n")
    if mark.line > len(lines) or not lines[mark.line - 1].strip():
        return
    line = "".join(c if c.isprintable() else " " for c in lines[mark.line - 1])
    start = max(0, min(mark.column - WIDTH // 2, len(line) - WIDTH))
    yield line[start : start + WIDTH].rstrip()
    yield " " * (mark.column - 1 - start) + "^"
