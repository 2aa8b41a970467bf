"""docs/method.md shows what isolate prints: its outputs are run again."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from isolate import isolate

ROOT = Path(__file__).parents[1]
METHOD = (ROOT / "docs/method.md").read_text()
BLOCKS = re.findall(r"^```\n\$ (isolate [^\n]*)\n(.*?)^```", METHOD, re.MULTILINE | re.DOTALL)


@pytest.mark.docker
@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=[command for command, _ in BLOCKS])
def test_an_output_of_the_method_is_what_a_run_prints(command: str, shown: str, engine_url: str) -> None:
    _, verb, manifest, *options = shlex.split(command)
    ran = isolate(verb, str(ROOT / manifest), *options, "-p", "method", "--progress", "quiet", url=engine_url)
    isolate("down", "method", url=engine_url)
    printed = ran.stdout.splitlines()
    at = 0
    for part in shown.split("...\n"):
        lines = part.splitlines()
        places = [n for n in range(at, len(printed)) if printed[n : n + len(lines)] == lines]
        assert places, (part, ran.stdout, ran.stderr)
        at = places[0] + len(lines)


def test_the_method_shows_outputs() -> None:
    assert len(BLOCKS) >= 4
