"""A lab's Markdown as markup: its author may be anybody, so it says something and does nothing."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from orchestrator.sanitise import clean

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST = 20_000
"""As in the terminal."""
KEPT = 256
"""Texts: every event draws the whole page, and a lab's texts seldom change."""


@lru_cache(KEPT)
def markup(text: str) -> Markup:
    """No HTML of the author's, no image, links to the web alone; what else they wrote is shown as text."""
    return Markup(_reader().render(clean(text, LONGEST)))  # noqa: S704 - html=False escapes all that is not Markdown


@lru_cache(KEPT)
def inline(text: str) -> Markup:
    """The same of one paragraph, without the paragraph."""
    return Markup(_reader().renderInline(clean(text, LONGEST)))  # noqa: S704 - as above


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.validateLink = _to_the_web  # type: ignore[method-assign]
    reader.add_render_rule("image", _described)
    reader.add_render_rule("link_open", _opened)
    return reader


def _to_the_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _described(_self: Any, tokens: Sequence[Token], number: int, *_: Any) -> str:
    return str(escape(tokens[number].content))


def _opened(self: Any, tokens: Sequence[Token], number: int, options: Any, env: MutableMapping[str, Any]) -> str:
    """In a tab of its own, which learns nothing about this page."""
    tokens[number].attrSet("target", "_blank")
    tokens[number].attrSet("rel", "noopener noreferrer")
    return str(self.renderToken(tokens, number, options, env))
