"""The `isolate` fixture: runs experiments for tests, each once a session, and keeps apps up for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator import running, runs
from orchestrator.errors import IsolateError
from orchestrator.events import Failed
from orchestrator.model import Manifest
from orchestrator.testing import evidence
from orchestrator.testing.once import once
from orchestrator.testing.outcome import Outcome
from orchestrator.testing.run import Runner


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


@dataclass(frozen=True, slots=True, repr=False)
class Isolate:
    """`root` is where relative paths begin, `kept` where the session notes what was run, `named` the end of a project's
    name and the process in a distributed session.
    """

    root: Path
    kept: Path
    named: tuple[str, str]
    how: How
    runner: Runner
    stack: ExitStack
    known: dict[str, Outcome] = field(default_factory=dict)
    used: list[Outcome] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<isolate below {self.root}>"

    def run(self, manifest: str | Path, **options: Any) -> Outcome:
        """The whole experiment; nothing of it is up afterwards. The same once more is not run again in this session.

        `options` are `How`'s. A run that ends before a verdict fails the test.
        """
        __tracebackhide__ = True
        asked = _asked(self.root / manifest, changed(self.how, options))

        def make() -> Path:
            with self._started(asked) as folder:
                return folder

        return self._outcome(asked.key, lambda: once(self.kept / asked.key, make))

    def up(self, manifest: str | Path, **options: Any) -> Outcome:
        """The apps alone, each on its own runtime, up until the session ends: `.apps["web"].url`.

        In a distributed session each process has its own. An app that does not do well fails the test.
        """
        __tracebackhide__ = True
        asked = _asked(self.root / manifest, changed(self.how, options), "up", self.named[1])
        outcome = self._outcome(asked.key, lambda: self.stack.enter_context(self._started(asked, "isolated")))
        evidence.insist(evidence.unhealthy(outcome))
        return outcome

    def _outcome(self, key: str, run: Callable[[], Path]) -> Outcome:
        if key not in self.known:
            with _refused():
                folder = run()
                self.known[key] = Outcome(folder, runs.read(folder))
        self.used.append(self.known[key])
        for failed in (event for event in self.known[key].run.events if isinstance(event, Failed)):
            pytest.fail(evidence.error(failed), pytrace=False)
        evidence.insist(evidence.cut_short(self.known[key]))
        return self.known[key]

    @contextmanager
    def _started(self, asked: Asked, arm: str = "shared") -> Iterator[Path]:
        how, chosen = asked.how, replace(asked.of, shared=()) if arm == "isolated" else asked.of
        options = running.options(arm, how.repeat, how.base, keep_going=how.keep_going, remembered=how.remembered)
        with self.runner(chosen, f"{self.named[0]}-{asked.key[:6]}", options) as folder:
            yield folder


@contextmanager
def opened(
    root: Path, kept: Path, named: tuple[str, str], options: Mapping[str, Any], runner: Runner
) -> Iterator[Isolate]:
    """What the fixture gives; what it has kept up is removed afterwards, also after Ctrl-C."""
    with ExitStack() as stack:
        yield Isolate(root, kept, named, changed(How(), options), runner, stack)


def seen(arguments: Mapping[str, object], *, over: bool) -> list[Outcome]:
    """The outcomes that a test with these arguments has seen, each once; `over` ends what it has asked for itself."""
    ours = arguments["isolate"]
    asked = [*ours.used] if isinstance(ours, Isolate) else []
    if isinstance(ours, Isolate) and over:
        ours.used.clear()
    given = [one for one in arguments.values() if isinstance(one, Outcome)]
    return list({one.folder: one for one in (*given, *asked)}.values())


@contextmanager
def _refused() -> Iterator[None]:
    """What isolate refuses fails the test, with the reason and without a traceback."""
    told = None
    try:
        yield
    except IsolateError as error:
        told = evidence.error(error)
    evidence.insist(told)


def _asked(path: Path, how: How, *more: str) -> Asked:
    """Reads the manifest and the build contexts: a test may have rewritten them since they were run."""
    with _refused():
        of = _manifest(path, how)
        sources = {name: context.digest for name, context in running.contexts(of).items()}
        told = repr((str(path.resolve()), path.read_bytes(), sources, how, more))
        return Asked(of, how, hashlib.sha256(told.encode()).hexdigest()[:12])


def _manifest(path: Path, how: How) -> Manifest:
    app, shared, limit = ([one] if isinstance(one, str) else list(one) for one in (how.app, how.shared, how.limit))
    return running.manifest([path], apps=app, shared=shared, limits=limit)
