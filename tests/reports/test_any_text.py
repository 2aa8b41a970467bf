"""Any text in any field of any event: a record may have been written by others."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator, Mapping
from functools import cache

import stories
from consumers import tables, tokens, valid
from everywhere import everywhere
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from test_github import read

from orchestrator import events, model
from orchestrator.record import Recorded
from orchestrator.reports import Run
from orchestrator.reports.github import annotations
from orchestrator.reports.junit import junit
from orchestrator.reports.summary import summary
from orchestrator.reports.svg import svg

OURS = {word for name in dir(model) for word in typing.get_args(getattr(model, name)) if isinstance(word, str)}
OURS |= {"built", "reused", "refused"}
"""A record with another word in these places is refused when it is read."""
PIECES = st.sampled_from(
    [
        "`",
        "``",
        "|",
        "\\",
        "<b>",
        "\n",
        "\r\n",
        "\x1b[2J",
        "]]>",
        "@me",
        "::error::",
        "##[add-mask]",
        "http://x.test",
        "%0A",
        "\ud800",
        "+",
    ]
)
TEXT = st.lists(PIECES | st.text(max_size=8), max_size=5).map("".join)


@cache
def _runs() -> tuple[Run, ...]:
    return stories.told(everywhere("said")), stories.told(stories.midway()), stories.told(stories.other_reason())


def texts(value: object) -> Iterator[str]:
    """All that stand in it, but for words of ours."""
    match value:
        case str():
            yield from () if value in OURS else (value,)
        case Mapping():
            yield from (text for pair in value.items() for one in pair for text in texts(one))
        case tuple():
            yield from (text for one in value for text in texts(one))
        case _ if dataclasses.is_dataclass(value):
            yield from (text for one in dataclasses.fields(value) for text in texts(getattr(value, one.name)))


def changed(value: object, instead: Mapping[str, str]) -> object:
    """The same with other texts."""
    match value:
        case str():
            return instead.get(value, value)
        case Mapping():
            return {changed(key, instead): changed(one, instead) for key, one in value.items()}
        case tuple():
            return tuple(changed(one, instead) for one in value)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {one.name: changed(getattr(value, one.name), instead) for one in dataclasses.fields(value)}
            return type(value)(**fields)
    return value


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """A run in which some texts, wherever they stand, are others."""
    run = draw(st.sampled_from(_runs()))
    there = sorted({text for event in run.events for text in texts(event)})
    instead = draw(st.dictionaries(st.sampled_from(there), TEXT, min_size=1, max_size=6))
    recorded = (Recorded(one.at, typing.cast("events.Event", changed(one.event, instead))) for one in run.recorded)
    return Run(tuple(recorded), {})


@given(runs())
@settings(deadline=None)
def test_every_run_makes_a_junit_file_that_holds_the_schema(run: Run) -> None:
    for strict in (False, True):
        root = valid(junit(run, strict=strict))
        names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
        assert len(names) == len(set(names))


@given(runs())
@settings(deadline=None)
def test_every_run_makes_markdown_of_which_nothing_is_anybody_elses(run: Run) -> None:
    text = summary(run)
    found = tokens(text)
    assert not {one.type for one in found} & {"link_open", "image", "html_inline", "html_block"}
    assert not [one for one in found if one.type == "text" and "@" in one.content]
    assert all(len({len(row) for row in table}) == 1 for table in tables(text))


@given(runs())
@settings(deadline=None)
def test_every_run_makes_commands_of_ours_and_no_other(run: Run) -> None:
    read(annotations(run))


@given(runs())
@settings(deadline=None)
def test_every_run_makes_a_slide_that_is_xml_and_of_our_elements_alone(run: Run) -> None:
    names = {str(one.tag).rpartition("}")[2] for one in etree.fromstring(svg(run).encode()).iter()}
    assert names <= {"svg", "title", "desc", "rect", "text", "tspan"}
