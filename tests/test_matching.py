"""Matchers: substrings, searched expressions, JSON subsets with globs in their strings."""

from __future__ import annotations

import pytest

from orchestrator.matching import includes, matches
from orchestrator.model import Matcher


@pytest.mark.parametrize(
    ("wanted", "got", "held"),
    [
        ({"total": "13.87"}, {"total": "13.87", "more": 1}, True),
        ({"total": "13.87"}, {"total": "13.83"}, False),
        ({"a": {"b": [1, {"c": True}]}}, {"a": {"b": [1, {"c": True, "d": 0}], "e": 1}}, True),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"name": "inv*"}, {"name": "invoice"}, True),
        ({"name": "[x]?"}, {"name": "[x]?"}, True),
        ({"name": "a?"}, {"name": "ab"}, False),
        ({"n": 1}, {"n": True}, False),
        ({"n": None}, {"n": None}, True),
        ({"n": None}, {}, False),
        ("*", object(), False),
    ],
)
def test_json_is_a_subset(wanted: object, got: object, *, held: bool) -> None:
    assert includes(wanted, got) is held


def test_a_string_is_a_substring_and_an_expression_is_searched_without_flags() -> None:
    assert matches(Matcher("a.c"), "xa.cx")
    assert not matches(Matcher("a.c"), "abc")
    assert matches(Matcher("^a.c$", regex=True), "abc")
    assert not matches(Matcher("^b$", regex=True), "a\nb")


def test_an_expression_that_does_not_come_to_an_end_holds_nothing() -> None:
    assert not matches(Matcher("(a+)+$", regex=True), "a" * 40 + "b")
