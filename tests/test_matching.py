"""Matchers: substrings, searched expressions, JSON subsets with globs in their strings."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from orchestrator.manifest import meanings
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


def test_of_an_expression_that_does_not_come_to_an_end_it_is_not_known_whether_it_holds() -> None:
    with pytest.raises(TimeoutError):
        matches(Matcher("(a|aa)+$", regex=True), "a" * 60 + "b")


@pytest.mark.parametrize(
    ("expression", "holds", "lacks"),
    [
        ("(total){e}", "total{e}", "zzz"),
        ("(?:total){i<=1,d<=1}", "total{i<=1,d<=1}", "tota"),
        ("a{e", "a{e", "a"),
        ("{e}", "{e}", "e"),
        ('{"total": [0-9]{2,}}', '{"total": 13}', '{"total": 1}'),
        (r"\{e}[{e}]", "{e}}", "{e}x"),
        ("[[:alpha:]]", "a]", "b"),
        (r"\N{DIGIT ONE}{2}", "11", "1"),
    ],
)
def test_an_expression_means_what_python_means_by_it(expression: str, holds: str, lacks: str) -> None:
    assert meanings.expression(expression) == expression
    assert matches(Matcher(expression, regex=True), holds)
    assert not matches(Matcher(expression, regex=True), lacks)


WORDS = r"""a b e i d s 1 2 , { } [ ] ^ $ ( ) | * + ? . \ - : <= < [^ [:alpha:] (?: (?= (?<! {1} {,2} {1,} && -- ||
 (?i) (?s) \d \{ \b \Z \1 (?P<n> (?P=n) (?> ++ \x41 \N{DIGIT|ONE} \w K \u0130""".replace("|ONE", " ONE").split(" ")
TEXTS = st.text(st.sampled_from("abe12{}[]:-\n A|&,<=ik\u212a"), max_size=8)


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map("".join), st.lists(TEXTS, min_size=6, max_size=6))
@settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_whatever_python_compiles_finds_the_same(expression: str, texts: list[str]) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted = re.compile(expression)
    except (re.error, OverflowError):
        assume(False)
    found = [matches(Matcher(expression, regex=True), text) for text in texts]
    assert found == [wanted.search(text) is not None for text in texts]
