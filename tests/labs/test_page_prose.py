"""A lab's Markdown says something and does nothing, whoever wrote it."""

from __future__ import annotations

import re

import pytest

from orchestrator.lab.page.prose import inline, markup

HOSTILE = """\
<script>document.title = "owned"</script> <img src=x onerror=alert(1)> <b onmouseover=alert(2)>b</b>

[one](javascript:alert(3)) [two](JaVaScRiPt:alert(4)) [three](data:text/html,<script>alert(5)</script>)
[four](&#106;avascript:alert(6)) [five](vbscript:x) [six](file:///etc/passwd) [seven](//evil.example/x)
[eight](do/reset) <javascript:alert(7)> [nine][ref] <https://evil.example/"onclick="alert(8)>

![a picture](https://evil.example/track.png) ![another](x "onerror=alert(9)")

```"><script>alert(10)</script>
</code></pre><script>alert(11)</script>
```

&lt;script&gt; \u202eevil\u2066 \x1b[2J {{ 7 * 7 }} {% raw %}

[ref]: javascript:alert(12)
"""
TAG = re.compile(r"<(/?\w+)([^<>]*)>")
SAFE = {"p", "pre", "code", "a", "ul", "ol", "li", "em", "strong", "br"}


def tags(text: str) -> list[tuple[str, str]]:
    return [(name.strip("/"), rest) for name, rest in TAG.findall(text)]


def test_markdown_is_what_it_says() -> None:
    told = markup("## Look\n\n*it* **is** `code`\n\n- one\n\n| a |\n| - |\n| 2 |\n\n```sh\nisolate up\n```\n")
    for part in (
        "<h2>Look</h2>",
        "<em>it</em>",
        "<strong>is</strong>",
        "<code>code</code>",
        "<li>one",
        "<td>2</td>",
    ):
        assert part in told
    assert '<pre><code class="language-sh">isolate up\n</code></pre>' in told


@pytest.mark.parametrize("reader", [markup, inline])
def test_nothing_of_a_hostile_text_is_markup_that_acts(reader: object) -> None:
    told = str(reader(HOSTILE))  # type: ignore[operator]
    assert {name for name, _ in tags(told)} <= SAFE
    for name, rest in tags(told):
        assert not re.search(r"""(?:^|["\s])on\w+\s*=\s*""", re.sub(r'"[^"]*"', '""', rest)), (name, rest)
        assert "src" not in rest
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "{{ 7 * 7 }}" in told


def test_a_link_leads_to_the_web_alone_and_tells_it_nothing() -> None:
    assert re.findall(r'href="(\w+):', markup(HOSTILE)) == ["https"]
    assert inline("[a](https://example.org/x)") == (
        '<a href="https://example.org/x" target="_blank" rel="noopener noreferrer">a</a>'
    )
    assert inline("[a](javascript:alert(1))") == "[a](javascript:alert(1))"


def test_a_picture_is_what_its_author_calls_it() -> None:
    assert inline("![a <b> picture](https://example.org/x.png)") == "a &lt;b&gt; picture"


def test_a_text_is_read_once() -> None:
    assert markup("one *text* of this test") is markup("one *text* of this test")


def test_a_text_of_any_length_is_cut() -> None:
    assert len(markup("a" * 5_000_000)) < 30_000
