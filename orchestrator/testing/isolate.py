"""The `isolate` fixture: runs experiments for tests, each once a session, and keeps apps up for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator import running, runs
from orchestrator.events import Failed
from orchestrator.testing import evidence
from orchestrator.testing.asked import Asked, How, asked, changed, refused
from orchestrator.testing.once import once
from orchestrator.testing.outcome import Outcome
from orchestrator.testing.run import Runner


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
        wanted = asked(self.root / manifest, changed(self.how, options))

        def make() -> Path:
            with self._started(wanted) as folder:
                return folder

        return self._outcome(wanted.key, lambda: once(self.kept / wanted.key, make))

    def up(self, manifest: str | Path, **options: Any) -> Outcome:
        """The apps alone, each on its own runtime, up until the session ends: `.apps["web"].url`.

        In a distributed session each process has its own. An app that does not do well fails the test.
        """
        __tracebackhide__ = True
        wanted = asked(self.root / manifest, changed(self.how, options), "up", self.named[1])
        outcome = self._outcome(wanted.key, lambda: self.stack.enter_context(self._started(wanted, "isolated")))
        evidence.insist(evidence.unhealthy(outcome))
        return outcome

    def _outcome(self, key: str, run: Callable[[], Path]) -> Outcome:
        if key not in self.known:
            with refused():
                folder = run()
                self.known[key] = Outcome(folder, runs.read(folder))
        self.used.append(self.known[key])
        for failed in (event for event in self.known[key].run.events if isinstance(event, Failed)):
            pytest.fail(evidence.error(failed), pytrace=False)
        evidence.insist(evidence.cut_short(self.known[key]))
        return self.known[key]

    @contextmanager
    def _started(self, wanted: Asked, arm: str = "shared") -> Iterator[Path]:
        how, chosen = wanted.how, replace(wanted.of, shared=()) if arm == "isolated" else wanted.of
        options = running.options(arm, how.repeat, how.base, keep_going=how.keep_going, remembered=how.remembered)
        with self.runner(chosen, f"{self.named[0]}-{wanted.key[:6]}", options) as folder:
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
    own = [*ours.used] if isinstance(ours, Isolate) else []
    if isinstance(ours, Isolate) and over:
        ours.used.clear()
    given = [one for one in arguments.values() if isinstance(one, Outcome)]
    return list({one.folder: one for one in (*given, *own)}.values())
