"""A folder on the spot, and what is proposed for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.cli.init import proposed
from orchestrator.proposals import Proposal
from shapes import Files, put

Propose = Callable[[Files], Proposal]


@pytest.fixture
def propose(tmp_path: Path) -> Propose:
    """Files -> the proposal for a folder called `shop` that holds them."""
    return lambda files: proposed(put(tmp_path / "shop", files))
