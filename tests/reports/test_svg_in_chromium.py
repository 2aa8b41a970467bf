"""The slide in a real browser: every text inside of the frame and of its box, and nothing fetched or executed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from test_svg import RUNS

from browser import Browser, chromium
from orchestrator.reports.svg import svg

OUT = """
const frame = document.documentElement.getBoundingClientRect();
return [...document.querySelectorAll('text')].filter(text => {
    const row = text.closest('svg svg');
    const box = row ? row.querySelector('rect').getBoundingClientRect() : frame;
    const at = text.getBoundingClientRect();
    const wide = at.left < box.left || at.right > box.right;
    return at.width && (wide || at.top < box.top - 2 || at.bottom > box.bottom + 2);
}).map(text => text.textContent)
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.mark.parametrize("name", RUNS)
def test_no_text_leaves_its_box_and_nothing_is_fetched_executed_or_complained_of(
    browser: Browser, name: str, tmp_path: Path
) -> None:
    file = tmp_path / "slide.svg"
    file.write_text(svg(RUNS[name]()), encoding="utf-8")
    browser.requested()
    browser.show(file, 1600)
    assert browser.ask(OUT) == []
    assert browser.requested() == [file.as_uri()]
    assert browser.said() == []
    assert browser.ask("return document.querySelectorAll('script, a, image, foreignObject').length") == 0
