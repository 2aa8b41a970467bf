"""A project of somebody else's, in which pytest runs; runs are recorded ones, so no engine is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pydantic
import pytest

import scenarios
from orchestrator.runs import RunFolder
from orchestrator.runtimes import families
from orchestrator.testing import collect, marker, run

LOADED = (pydantic, collect, marker, run, families())
"""A session inside this one finds them loaded, and is quicker."""
MANIFEST = """\
name: {name}
apps:
  old:
    runtime: python@3.8
    command: [python, -V]
  new:
    runtime: python@3.12
    command: [python, -V]
shared:
{entries}
"""
RECORDED = """\
import contextlib, pathlib, pytest

@pytest.fixture(scope="session")
def isolate_runner():
    @contextlib.contextmanager
    def recorded(of, suffix, options):
        with open({log!r}, "a") as log:
            log.write(f"{{of.name}} {{suffix}} {{options.repeat}} {{options.arm}}\\n")
        yield pathlib.Path({runs!r}, of.name, "run")
    return recorded
"""


@dataclass(frozen=True, slots=True)
class Project:
    """What `pytester` is for pytest, with experiments."""

    pytester: pytest.Pytester

    def add(self, name: str, told: Callable[[], scenarios.Run], *entries: str) -> Path:
        """A manifest in a folder of that name, whose run is the recorded one."""
        names = entries or ("one-runtime",)
        text = MANIFEST.format(name=name, entries="\n".join(f"  - name: {entry}" for entry in names))
        path = self.pytester.path / name / "manifest.yaml"
        path.parent.mkdir()
        path.write_text(text)
        folder = RunFolder(name, "run", self.pytester.path / "runs")
        for _, event in told()[1]:
            folder.take(event)
        folder.close()
        return path

    def runs(self) -> list[str]:
        """The experiments that were asked for: manifest, project's suffix, repeat, arm."""
        log = self.pytester.path / "asked"
        return log.read_text().splitlines() if log.exists() else []

    def pytest(self, *words: str) -> pytest.RunResult:
        return self.pytester.runpytest("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *words)
