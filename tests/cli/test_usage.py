"""Words that no command knows."""

from __future__ import annotations

import json

import pytest

from isolate import isolate

NOWHERE = "unix:///nowhere"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["test", "m.yaml", "--junt", "x.xml"], "did you mean --junit? isolate test --help"),
        (["upp", "m.yaml"], "did you mean up? isolate --help"),
        (["up", "m.yaml", "--colour"], "hint: isolate up --help"),
    ],
)
def test_a_misspelt_word_is_answered_with_the_nearest(words: list[str], says: str) -> None:
    ran = isolate(*words, url=NOWHERE)
    assert ran.returncode == 2
    assert says in ran.stderr
    assert "usage:" not in ran.stderr


def test_and_in_json() -> None:
    ran = isolate("test", "m.yaml", "--junt", "x.xml", "--json", url=NOWHERE)
    told = json.loads(ran.stdout)
    assert (told["exit_code"], told["error"]["hint"]) == (2, "did you mean --junit? isolate test --help")
