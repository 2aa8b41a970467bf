"""A workshop of a test's own: two small labs, a state folder and a home that nobody else has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import paged
import pytest
from asked import Open

from orchestrator.lab.page.server import serving
from orchestrator.lab.page.workshop import Workshop


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Open]]:
    """Serves labs in which a text may be another, until the test is over."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    paged.storyteller(tmp_path, monkeypatch)
    with ExitStack() as stack:

        def opened(texts: Mapping[str, str] | None = None) -> Open:
            workshop = Workshop(paged.labs(tmp_path / "labs", texts))
            return Open(tmp_path, workshop, stack.enter_context(serving(workshop)))

        yield opened


@pytest.fixture
def opened(page: Callable[..., Open]) -> Open:
    """The page with the labs as they are."""
    return page()
