"""Others that read what we write: the public schema of JUnit files, and a reader of Markdown as GitHub has it."""

from __future__ import annotations

import sys
import tarfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree
from markdown_it import MarkdownIt
from markdown_it.token import Token

from orchestrator.recipes.command import run
from orchestrator.recipes.store import artefact

SDIST = "pytest==8.4.2"
SHA256 = "86c0d0b93306b961d58d62a4db4879f27fe25513d4b969df351abdddb3c30e01"
SCHEMA = "testing/example_scripts/junit-10.xsd"
"""Of Jenkins's xunit plug-in; pytest checks its own files against it, too, and its sources have a copy."""
OPTIONS = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary=:all:", "--require-hashes")


@cache
def junit_schema() -> etree.XMLSchema:
    """Downloaded once, pinned and hashed, then kept with what recipes download."""
    return etree.XMLSchema(etree.parse(artefact(f"junit-10-{SHA256[:12]}.xsd", _download)))


def _download(target: Path) -> None:
    with TemporaryDirectory(dir=target.parent) as name:
        folder = Path(name)
        pin = folder / "pin.txt"
        pin.write_text(f"{SDIST} --hash=sha256:{SHA256}\n")
        pip = (sys.executable, "-m", "pip", "download", *OPTIONS, "--dest", name, "-r", str(pin))
        run(pip, f"{SDIST}, which has the schema, could not be fetched", seconds=300, hint="try again with a network")
        (sdist,) = folder.glob("*.tar.gz")
        with tarfile.open(sdist) as sources:
            (member,) = [one for one in sources if one.name.partition("/")[2] == SCHEMA]
            file = sources.extractfile(member)
            assert file
            target.write_bytes(file.read())


def valid(text: str) -> etree._Element:
    """The document's root, as libxml2 reads it; raises where it does not hold the schema."""
    root = etree.fromstring(text.encode())
    junit_schema().assertValid(root)
    return root


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("gfm-like", {"html": True})


def tokens(text: str) -> list[Token]:
    """What GitHub would make of it: blocks, and what stands in them."""
    return [one for token in _reader().parse(text) for one in (token, *(token.children or ()))]


def tables(text: str) -> list[list[list[str]]]:
    """Each table as rows of cells."""
    found: list[list[list[str]]] = []
    for token in _reader().parse(text):
        match token.type:
            case "table_open":
                found.append([])
            case "tr_open":
                found[-1].append([])
            case "inline" if found and token.level >= 4:
                found[-1][-1].append("".join(one.content for one in token.children or ()))
    return found
