"""apt's sources as this machine has them, and the same mirrors for the suite that follows. See sources.list(5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.parser import HeaderParser
from pathlib import Path

Source = dict[str, str]
"""One deb822 stanza, field names in lower case."""

ONE_LINE = re.compile(r"deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uris>\S+)\s+(?P<suites>\S+)\s+(?P<components>\S.*)")
PLURALS = {"arch": "architectures", "lang": "languages", "target": "targets"}
"""Options that have another name in deb822; there their values are separated by spaces, not commas."""


def machine_sources(etc: Path = Path("/etc/apt")) -> list[Source]:
    """Every binary source the machine has, in the order apt reads them."""
    files = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    readers = {".list": one_line, ".sources": deb822}
    known = [(readers[file.suffix], file) for file in files if file.suffix in readers and file.is_file()]
    return [source for read, file in known for source in read(file.read_text())]


def one_line(text: str) -> Iterator[Source]:
    """`deb [signed-by=/a.gpg arch=amd64] http://mirror/debian bookworm main contrib` and its like."""
    for line in text.splitlines():
        if found := ONE_LINE.fullmatch(line.partition("#")[0].strip()):
            fields = found.groupdict(default="")
            options = dict(option.partition("=")[::2] for option in fields.pop("options").split())
            renamed = {PLURALS[key]: value.replace(",", " ") for key, value in options.items() if key in PLURALS}
            yield {"types": "deb"} | fields | {k: v for k, v in options.items() if k not in PLURALS} | renamed


def deb822(text: str) -> Iterator[Source]:
    """Stanzas of `Types: deb`, parted by blank lines."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for stanza in re.split(r"\n\s*\n", lines):
        source = {name.lower(): value for name, value in HeaderParser().parsestr(stanza.strip("\n")).items()}
        if "deb" in source.get("types", "").split() and source.get("enabled", "yes").lower() != "no":
            yield source | {"types": "deb"}


def archive(sources: Iterable[Source], release: str, following: str | None) -> str:
    """The distribution's own archive out of `sources`, for `release` and, from the same mirrors, for `following`.

    Returns deb822 text, empty where the machine names no mirror for `release`.
    """
    ours = {release, f"{release}-updates", f"{release}-security"}
    found = [source | {"suites": " ".join(suites)} for source in sources if (suites := _offered(source, ours))]
    later = [source | {"suites": source["suites"].replace(release, following)} for source in found if following]
    return "\n".join(map(_stanza, found + later))


def _offered(source: Source, suites: set[str]) -> list[str]:
    if "main" not in source.get("components", "").split() or source["uris"].startswith("cdrom:"):
        return []
    return [suite for suite in source["suites"].split() if suite in suites]


def _stanza(source: Source) -> str:
    return "".join(f"{name}: {value}\n" for name, value in source.items())
