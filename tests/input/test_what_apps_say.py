"""However lines are made, what they mean is found in time."""

from __future__ import annotations

import time

import pytest

from orchestrator import signs
from orchestrator.runtimes import families

PIECES = (
    *(" ", "a", "- a requires ext-a ", "a requires php b ", " your php version (", "Error: ", "E: ", "1.", "'", "_"),
    *(
        "Could not fetch URL ",
        " conflicts with ",
        "Cannot install ",
        "Uncaught Error: ",
        "ERROR: ",
        "Because a depends on ",
    ),
)
SECONDS = 3.0
"""Of processor, for all families and 200 lines of 8 KiB; without a bound it is hours."""


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("head", ["", "  - ", "ERROR: "])
def test_two_hundred_long_lines_are_quoted_in_time(head: str, piece: str) -> None:
    lines = [head + piece * (8192 // len(piece))] * 200
    began = time.process_time()
    signs.quote(lines, families().values())
    signs.sign(lines, families().values())
    assert time.process_time() - began < SECONDS
