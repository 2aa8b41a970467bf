"""Unquoted values mean what YAML 1.2's core schema says (its section 10.3.2), and nothing more."""

from __future__ import annotations

import math

import pytest

from orchestrator.manifest.scalars import FORBIDDEN, FORBIDDEN_IN_FILE, core


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_nothing(text: str) -> None:
    assert core(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("False", False), ("0", 0), ("-19", -19), ("+5", 5), ("010", 10), ("0o7", 7), ("0x3A", 58),
        ("0.", 0.0), ("-0.0", 0.0), (".5", 0.5), ("+12e03", 12000.0), ("-2E+05", -200000.0), ("3.10", 3.1),
    ],
)  # fmt: skip
def test_numbers_and_booleans_have_values(text: str, value: object) -> None:
    assert core(text) == value
    assert type(core(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "yes", "no", "on", "off", "y", "N", "tRUE", "nULL", "12:30:45", "5000:50", "1_000", "0b11", "0o8", "0xG",
        "-0x1", "2024-01-31", "1.2.3", "1e", ".", "-", "+", "inf", "nan", "=", "١٢",
    ],
)  # fmt: skip
def test_everything_else_is_a_string(text: str) -> None:
    assert core(text) == text


def test_infinity_and_not_a_number_are_numbers() -> None:
    assert core("-.INF") == -math.inf
    assert isinstance(core(".nan"), float)


def test_a_number_of_more_than_100_characters_is_refused() -> None:
    assert core("9" * 100) == int("9" * 100)
    with pytest.raises(ValueError, match=r"9{101}"):
        core("9" * 101)


@pytest.mark.parametrize("code", [*range(9), 0xB, 0xC, *range(0xE, 0x20), *range(0x7F, 0xA0), 0x061C, 0x200B, 0x200E,
                                  0x200F, *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xD800, 0xDFFF, 0xFEFF,
                                  0xFFFE, 0xFFFF, 0xE0041])  # fmt: skip
def test_a_character_that_acts_instead_of_being_read_is_refused(code: int) -> None:
    assert FORBIDDEN.search(chr(code))
    assert FORBIDDEN_IN_FILE.search(f"a: {chr(code)}\n")


@pytest.mark.parametrize("text", ["\t", "\n", " ", "a", "é", "\u00a0", "\u200d", "影", "\U0001f600", "\ufffd"])
def test_ordinary_characters_pass(text: str) -> None:
    assert not FORBIDDEN.search(text)
    assert not FORBIDDEN_IN_FILE.search(text)


def test_a_carriage_return_passes_only_at_the_end_of_a_line() -> None:
    assert not FORBIDDEN_IN_FILE.search("a: b\r\n")
    assert FORBIDDEN_IN_FILE.search("a: b\rc: d\n")
    assert FORBIDDEN.search("a\rb")
