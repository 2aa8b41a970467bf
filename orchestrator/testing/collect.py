"""A manifest as a file of tests: one for the apps on their own runtimes, one for each shared entry."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.errors import IsolateError

LARGEST = 256 * 1024
_SCHEMA = re.compile(r"\A\ufeff?#[^\n]*\$schema=[^\n]*(isolate|orchestrator)")
_APPS = re.compile(r"^apps:", re.MULTILINE)
_APP = re.compile(r"^\s+(runtime|command|checks):|[{,]\s*(runtime|command|checks):", re.MULTILINE)


def is_ours(path: Path) -> bool:
    """Whether this looks like a manifest of isolate, be it right or wrong: others call their files so, too.

    The first line names the schema, or there are apps, with one of the keys that apps have here.
    """
    if not path.is_file() or path.stat().st_size > LARGEST:
        return False
    text = path.read_text("utf-8", "replace")
    return bool(_SCHEMA.search(text) or (_APPS.search(text) and _APP.search(text)))


class ManifestFile(pytest.File):
    """Reads the manifest, and asks for no engine."""

    def collect(self) -> Iterator[pytest.Item]:
        """One test for the isolated arm, one for each entry."""
        from orchestrator.files import load
        from orchestrator.plan import needed

        manifest = load([self.path])
        needed(manifest)
        names = [entry.name for entry in manifest.shared]
        lines = {entry.name: entry.mark.line for entry in manifest.shared if entry.mark}
        yield self._item("isolated-arm" if "isolated" in names else "isolated", "", 1, _healthy(self.path))
        for name in names:
            yield self._item(name, name, lines.get(name, 1), _met(self.path, name))

    def _item(self, name: str, entry: str, line: int, test: Callable[..., None]) -> pytest.Item:
        item: ManifestItem = ManifestItem.from_parent(self, name=name, callobj=test)
        item.line, item.entry = line, entry
        item.add_marker("isolate")
        return item

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *style: Any) -> Any:
        """A wrong manifest is told with file, line and column, without a traceback."""
        if isinstance(excinfo.value, IsolateError):
            from orchestrator.testing.evidence import error

            return error(excinfo.value)
        return super().repr_failure(excinfo, *style)


class ManifestItem(pytest.Function):
    """A test that stands in a manifest. It is a function, so that fixtures can be overridden."""

    line = 1
    entry = ""
    """The shared entry it speaks of; none."""

    def reportinfo(self) -> tuple[os.PathLike[str], int, str]:
        """Where it stands, and the heading of its failure; pytest counts lines from 0."""
        file, _, name = self.nodeid.rpartition("::")
        return self.path, self.line - 1, f"{name} in {file}"


def _healthy(path: Path) -> Callable[..., None]:
    def test(isolate: Any) -> None:
        from orchestrator.testing.evidence import insist, unhealthy

        insist(unhealthy(isolate.run(path)))

    return test


def _met(path: Path, name: str) -> Callable[..., None]:
    def test(isolate: Any) -> None:
        from orchestrator.testing.evidence import insist, unmet

        insist(unmet(isolate.run(path), name))

    return test
