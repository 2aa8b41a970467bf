"""Whatever bytes an app prints: none of them acts in any form of the output, and every file can be read."""

from __future__ import annotations

import json
import random
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence

import pytest
from consumers import tables, tokens, valid
from everywhere import FORMS, cut_off, everywhere
from junitparser import JUnitXml
from lxml import etree
from test_github import read

import scenarios
from orchestrator import record

AT_ONCE = 40
"""Characters in one payload; the end of a longer one would be cut off unseen."""
BYTES = bytes(range(256))
CONTROLS = [*range(0x20), *range(0x7F, 0xA0)]
BIDIRECTIONAL = [0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
INVISIBLE = [
    0xAD,
    0x180E,
    *range(0x200B, 0x200E),
    0x2028,
    0x2029,
    *range(0x2060, 0x2066),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
]
NO_CHARACTERS = [*range(0xFDD0, 0xFDF0), *(plane * 0x10000 + end for plane in range(17) for end in (0xFFFE, 0xFFFF))]
SURROGATES = [0xDC00, 0xDD1E, 0xDFFF, 0xD800, 0xD834, 0xDBFF]
"""No two of them make a character together: JSON would take them for one."""
TAGS = [0xE0001, *range(0xE0020, 0xE0080)]
PRIVATE = [0xE000, 0xF8FF, 0xF0000, 0x100000]
COMBINING = [0x300, 0x34F, 0x489, 0x20DD, 0xFE0F, 0xE0100]
EMOJI = [0x1F600, 0x1F468, 0x200D, 0x1F3FD, 0x1F1E9, 0x1F1EA]
COMMANDS = [
    "::error::x",
    "  ::add-mask::x",
    "a ##[add-mask]b",
    "##vso[task.x]",
    "###[error]x",
    "a\n::set-output name=b::c",
    "\u2028::error::x",
]
"""What a CI service would obey."""
MARKUP = [
    "<script>x</script>",
    "<!-- -->",
    "]]>",
    "&amp;&#x1b;",
    "![i](http://x.test)",
    "[l](u)",
    "www.x.test",
    "a@x.test",
    "`@me` #1",
    "|---|",
    "\\`",
    "**b**",
    "# h",
    "$x$",
]


def points() -> list[int]:
    """2,000 of Unicode's, from all planes: whatever acts, and others by chance."""
    acting = [*CONTROLS, *BIDIRECTIONAL, *INVISIBLE, *NO_CHARACTERS, *SURROGATES, *TAGS, *PRIVATE, *COMBINING, *EMOJI]
    chosen = dict.fromkeys(acting)
    chance = random.Random(20260101)
    while len(chosen) < 2000:
        chosen[chance.randrange(sys.maxunicode + 1)] = None
    return list(chosen)


def pieces(characters: Sequence[str]) -> Iterator[str]:
    """With a letter on both sides, so that none is trimmed away."""
    for begin in range(0, len(characters), AT_ONCE):
        yield f"a{''.join(characters[begin : begin + AT_ONCE])}z"


PAYLOADS = {
    "each byte, as latin-1": list(pieces(BYTES.decode("latin-1"))),
    "each byte, as UTF-8": list(pieces(BYTES.decode("utf-8", "replace"))),
    "each byte, at the start of a line": [f"\n{chr(byte)}::error::x" for byte in range(256)][::4],
    "2,000 code points": list(pieces([chr(point) for point in points()])),
    "commands of CI services": COMMANDS,
    "markup": [*MARKUP, " ".join(MARKUP)],
}


def acts(character: str) -> bool:
    """By Unicode's own tables, and not by ours."""
    if character in "\n\t":
        return False
    code = ord(character)
    return (
        unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
        or unicodedata.bidirectional(character) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
        or code in {*BIDIRECTIONAL, *INVISIBLE, *TAGS, 0xFFFE, 0xFFFF}
    )


RUNS = (everywhere, cut_off)
Form = Callable[[scenarios.Run], str]


def told(form: str, payloads: str) -> Iterator[str]:
    for payload in PAYLOADS[payloads]:
        for run in RUNS:
            yield FORMS[form](run(payload))


def test_all_that_is_claimed_is_there() -> None:
    assert len(set(points())) == 2000
    assert {point >> 16 for point in points()} == set(range(17))
    assert set(BYTES.decode("latin-1")) <= set("".join(PAYLOADS["each byte, as latin-1"]))


@pytest.mark.parametrize("payloads", PAYLOADS)
@pytest.mark.parametrize("form", FORMS)
def test_nothing_acts(form: str, payloads: str) -> None:
    for text in told(form, payloads):
        assert not {character for character in set(text) if acts(character)}
        assert not re.search("##[a-z]*\\[", text)
        if form != "github":
            assert not re.search(r"(?:^|\n)\s*::", text)


@pytest.mark.parametrize("payloads", PAYLOADS)
def test_every_file_of_junit_is_read_by_three_parsers_and_holds_the_schema(payloads: str) -> None:
    for text in told("junit", payloads):
        valid(text)
        read_by_another = JUnitXml.fromstring(text.encode())
        assert read_by_another.tests == sum(1 for suite in read_by_another for _ in suite) > 10


@pytest.mark.parametrize("payloads", PAYLOADS)
def test_every_slide_is_read_by_a_parser_and_has_no_element_that_is_not_ours(payloads: str) -> None:
    for text in told("svg", payloads):
        names = {str(one.tag).rpartition("}")[2] for one in etree.fromstring(text.encode()).iter()}
        assert names == {"svg", "title", "desc", "rect", "text", "tspan"}


@pytest.mark.parametrize("payloads", PAYLOADS)
def test_markdown_has_no_link_no_tag_and_no_mention_and_its_tables_keep_their_shape(payloads: str) -> None:
    for text in told("markdown", payloads):
        found = tokens(text)
        assert not {one.type for one in found} & {"link_open", "image", "html_inline", "html_block"}
        assert not [one for one in found if one.type == "text" and re.search(r"[@#$<]|www\.|://", one.content)]
        assert [len({len(row) for row in table}) for table in tables(text)] == [1, 1, 1, 1]
        assert [one.content for one in found if one.type == "heading_open" and one.tag == "h1"] == []


@pytest.mark.parametrize("payloads", PAYLOADS)
def test_every_line_for_github_is_one_command_of_ours(payloads: str) -> None:
    for text in told("github", payloads):
        assert {level for level, _, _ in read(text)} == {"error", "notice"}


@pytest.mark.parametrize("payloads", PAYLOADS)
def test_json_says_exactly_what_was_said(payloads: str) -> None:
    for payload in PAYLOADS[payloads]:
        document = json.loads(FORMS["result"](everywhere(payload)))
        assert document["shared"][0]["because"] == [payload]
        _, story = everywhere(payload)
        lines = FORMS["record"]((scenarios.dotnet()[0], story)).split("\n")
        assert [record.read(line).event for line in lines] == [event for _, event in story]


def test_what_can_be_read_is_shown_as_it_was_printed() -> None:
    shown = "Größe 価格 ₤ 😀 {{7*7}} %s <b> & ' \""
    (case,) = [one for one in valid(FORMS["junit"](cut_off(shown))).iter("testcase") if "to its end" in one.get("name")]
    assert shown in case[0].text
    assert f"`{shown}`" in FORMS["markdown"](everywhere(shown))
    assert shown in FORMS["plain"](everywhere(shown))
    assert shown in read(FORMS["github"](everywhere(shown)))[0][2]
