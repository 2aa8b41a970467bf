"""A page as a parser sees it: elements with their attributes, and the words between."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

APART = {"td", "th", "dt", "dd", "li", "p"}
"""Elements whose words do not run into those before."""


@dataclass
class Seen:
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def each(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]

    def every(self, attribute: str) -> list[str]:
        return [value for _, found in self.elements if (value := found.get(attribute)) is not None]


def seen(page: str) -> Seen:
    found = Seen()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.elements.append((tag, dict(attrs)))
            found.words.append(" " if tag in APART else "")

        def handle_data(self, data: str) -> None:
            found.words.append(data)

    Reader().feed(page)
    return found
