"""What a test asks for: a manifest as it is now, and how it is run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from orchestrator import running
from orchestrator.errors import IsolateError
from orchestrator.model import Manifest
from orchestrator.testing import evidence


@dataclass(frozen=True, slots=True)
class How:
    """How an experiment is run; the words are those of `isolate up`."""

    app: Sequence[str] = ()
    shared: Sequence[str] = ()
    limit: Sequence[str] = ()
    repeat: int | None = None
    base: str = "auto"
    keep_going: bool = False
    remembered: bool = False


def changed(how: How, options: Mapping[str, Any]) -> How:
    """The same, but for these options. Raises TypeError for one that there is not."""
    __tracebackhide__ = True
    known = [one.name for one in fields(How)]
    if unknown := [name for name in options if name not in known]:
        raise TypeError(f"there is no option {unknown[0]!r}; there is: {', '.join(known)}")
    return replace(how, **options)


@dataclass(frozen=True, slots=True)
class Asked:
    """An experiment: a manifest as it is now, and how it is run. `key` is another one where any of it has changed."""

    of: Manifest
    how: How
    key: str


@contextmanager
def refused() -> Iterator[None]:
    """What isolate refuses fails the test, with the reason and without a traceback."""
    told = None
    try:
        yield
    except IsolateError as error:
        told = evidence.error(error)
    evidence.insist(told)


def asked(path: Path, how: How, *more: str) -> Asked:
    """Reads the manifest and the build contexts: a test may have rewritten them since they were run."""
    with refused():
        of = _manifest(path, how)
        sources = {name: context.digest for name, context in running.contexts(of).items()}
        told = repr((str(path.resolve()), path.read_bytes(), sources, how, more))
        return Asked(of, how, hashlib.sha256(told.encode()).hexdigest()[:12])


def _manifest(path: Path, how: How) -> Manifest:
    app, shared, limit = ([one] if isinstance(one, str) else list(one) for one in (how.app, how.shared, how.limit))
    return running.manifest([path], apps=app, shared=shared, limits=limit)
