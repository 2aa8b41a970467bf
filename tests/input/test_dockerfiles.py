"""Whatever a manifest says, as long as it is let through: its Dockerfiles hold the expected instructions and no other.

Expected is what a twin of the manifest gives, of which every text is a plain word, with the texts put in afterwards,
after its Dockerfiles were parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

import worlds
from dockerfiles import instructions
from orchestrator import bases, catalogue, render
from orchestrator.errors import ManifestError
from orchestrator.manifest import Folder, Source, parse, words
from orchestrator.model import App, ContextFile, Image, Manifest
from orchestrator.plan import Context, compile_plan, needed
from orchestrator.runtimes import families

TEXTS = json.loads((Path(__file__).parents[1] / "hostile" / "texts.json").read_text())
NASTY = [text for group in TEXTS.values() for text in group.values()]
VERSIONS = {name: tuple(catalogue.entries(name)) for name in families()}
HASH = re.compile(r"\b[0-9a-f]{64}\b|(?<=:)[0-9a-f]{16}\b")
LONG = 70_000
SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}
HOST = dict.fromkeys(("ca.pem", "node/npmrc", "python/pip.conf", "ruby/gemrc", "php/composer-config.json"), b"x")


def said(pattern: str = "") -> st.SearchStrategy[str]:
    """Any text, what is known to bite, and what the grammar of the field lets through."""
    free = st.one_of(st.text(max_size=12), st.sampled_from(NASTY))
    return st.one_of(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True), free) if pattern else free


def mostly(usual: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Nearly always the usual: one text that is refused hides all others. Hypothesis likes 0, so 0 is usual."""
    return st.integers(0, 99).flatmap(lambda number: other if number == 61 else usual)


@cache
def good(pattern: str) -> st.SearchStrategy[str]:
    texts = pool(pattern)
    return mostly(st.sampled_from(texts), said()) if texts else said()


def pool(pattern: str) -> list[str]:
    """Texts that a grammar lets through, if any; drawn once, since drawing one costs more than all that is tested."""
    found: set[str] = set()

    @settings(max_examples=60, database=None, derandomize=True, phases=[Phase.generate], **SETTINGS)
    @given(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))
    def collect(text: str) -> None:
        found.add(text)

    with suppress(Unsatisfiable):
        collect()
    return sorted(found)


PROSE = st.one_of(
    st.text(st.characters(exclude_categories=("C", "Z")), max_size=20),
    st.sampled_from([*TEXTS["literal or refused"].values(), *TEXTS["refused outside of prose"].values()]),
)


@st.composite
def app(draw: st.DrawFn, family: str) -> dict[str, Any]:
    version = draw(st.sampled_from(VERSIONS[family]))
    one: dict[str, Any] = {"runtime": f"{family}@{version}", "command": ["run", *draw(st.lists(PROSE, max_size=3))]}
    if draw(st.booleans()):
        one["build"] = "./context"
    if draw(st.integers(0, 3)) == 0:
        one["runtime"] = {"family": family, "version": version, "image": draw(good(words.IMAGE.pattern))}
    for key, texts in {
        "packages": st.lists(good(families()[family].package.pattern), max_size=2),
        "system_packages": st.lists(good(words.SYSTEM_PACKAGE.pattern), max_size=2, unique=True),
        "working_dir": good(words.BOX_PATH.pattern.removesuffix("?")),
        "environment": st.dictionaries(good(words.VARIABLE.pattern), PROSE, max_size=2),
        "labels": st.dictionaries(good(words.LABEL.pattern), mostly(PROSE, said()), max_size=2),
    }.items():
        if draw(st.integers(0, 2)) == 0:
            one[key] = draw(texts)
    return one


@st.composite
def manifests(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, str]]:
    """A manifest, and what lies in the folder of its apps: file name -> text."""
    family = draw(st.sampled_from(sorted(families())))
    names = draw(st.lists(good(f"[a-z]({words.APP_NAME.pattern})"), min_size=1, max_size=2, unique=True))
    entries = [{"policy": "one-runtime"}, {"policy": "side-by-side"}, {"name": "os", "base": "debian:bookworm"}]
    document = {
        "name": draw(good(words.PROJECT.pattern)),
        "description": draw(PROSE),
        "apps": {name: draw(app(family)) for name in names},
        "shared": [draw(st.sampled_from(entries))],
    }
    special = [*families()[family].package_files, "Makefile", "Dockerfile", "isolate", "launch"]
    files = st.one_of(
        st.sampled_from(special), st.text(min_size=1, max_size=12).map(lambda name: name.strip("/") or "x")
    )
    return document, draw(st.dictionaries(files, st.text(max_size=30), max_size=3))


def understood(document: Mapping[str, Any]) -> Manifest:
    folder = Folder(Path("/somewhere/context"))
    text = json.dumps(document, ensure_ascii=False)
    return parse([Source(Path("manifest.yaml"), text, lambda *_: folder)], families(), VERSIONS)


def images(of: Manifest, files: Mapping[str, str], *, buildkit: bool) -> Iterator[Image]:
    """Every image that `up` would build."""
    there = tuple(ContextFile(name, text.encode(errors="replace")) for name, text in sorted(files.items()))
    contexts = {name: Context(there if one.build else (), "0" * 64) for name, one in of.apps.items()}
    found = bases.official(needed(of))
    world = worlds.world(of, bases=found, contexts=contexts, render=render.dockerfile, buildkit=buildkit, host=HOST)
    drawn = compile_plan(of, world)
    yield from drawn.images.values()
    yield from (image for trial in drawn.trials for image in trial.images)


class Twin:
    """The same manifest in plain words, and the way back."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}

    def plain(self, kind: str, text: str) -> str:
        """One word for one text, sorted as their numbers."""
        return next((word for word, known in self.words.items() if known == text and word.startswith(kind)), None) or (
            self.words.setdefault(f"{kind}{len(self.words)}x", text) and f"{kind}{len(self.words) - 1}x"
        )

    def of(self, one: App) -> App:
        runtime = one.runtime
        if runtime.image:
            runtime = replace(runtime, image=self.plain("example.test/plain-image:", runtime.image))
        debian = runtime.family == "debian"
        return replace(
            one,
            runtime=runtime,
            command=(self.plain("plain-command-", json.dumps(one.command)[2:-2]),),
            working_dir=self.plain("/plain-folder-", one.working_dir) if one.working_dir else "",
            system_packages=tuple(self.plain("plain-system-", name) for name in one.system_packages),
            packages=tuple(self.plain("plain-package-", name) for name in one.packages) if debian else one.packages,
            environment={},
            labels={},
        )

    def back(self, text: str) -> str:
        return re.sub(
            r"(?:example\.test/plain-image:|plain-command-|/plain-folder-|plain-(?:system|package)-)\d+x",
            lambda found: self.words[found[0]],
            text,
        )


def expected_and_got(of: Manifest, files: Mapping[str, str], *, buildkit: bool) -> Iterator[tuple[Any, Any]]:
    twin = Twin()
    plain = replace(of, apps={name: twin.of(one) for name, one in of.apps.items()})
    pairs = zip(images(plain, files, buildkit=buildkit), images(of, files, buildkit=buildkit), strict=True)
    for theirs, ours in pairs:
        wanted = [(name, HASH.sub("", twin.back(words))) for name, words in instructions(theirs.dockerfile)]
        yield wanted, [(name, HASH.sub("", words)) for name, words in instructions(ours.dockerfile)]
        yield [file.path for file in theirs.files], [file.path for file in ours.files]


def holds(document: Mapping[str, Any], files: Mapping[str, str], *, buildkit: bool) -> bool:
    """Whether the manifest was let through; what it gives is checked then."""
    try:
        of = understood(document)
        needed(of)
    except ManifestError:
        return False
    for expected, got in expected_and_got(of, files, buildkit=buildkit):
        assert got == expected
    for one, image in zip(of.apps.values(), images(of, files, buildkit=buildkit), strict=False):
        found = dict(instructions(image.dockerfile))
        assert json.loads(found["CMD"]) == list(one.command)
        assert found["USER"] == "10001:10001"
        assert found["WORKDIR"] == one.folder
        lists = [file.content for file in image.files if file.path == "isolate/packages.txt"]
        assert lists == [b"".join(f"{name}\n".encode() for name in one.packages)] * bool(one.packages)
    return True


def test_the_parser_knows_what_bites() -> None:
    assert instructions("# escape=`\nRUN a `\n b\nRUN c\\\n") == [("# escape", "`"), ("RUN", "a  b"), ("RUN", "c\\")]
    assert instructions("ENV A=x\\\nLABEL b=c\n") == [("ENV", "A=xLABEL b=c")]
    assert instructions("FROM a\n# syntax=b\nRUN c \\\n# d\n\n e\n") == [("FROM", "a"), ("RUN", "c  e")]
    assert instructions("RUN <<E\nFROM b\nE\nUSER c") == [("RUN", "<<E\nFROM b"), ("USER", "c")]
    for wrong in ("ECHO a\n", "RUN <<E\nfoo\n", f"RUN {'x' * LONG}\n"):
        with pytest.raises(ValueError):
            instructions(wrong)


@settings(max_examples=200, **SETTINGS)
@given(manifests(), st.booleans())
def test_a_dockerfile_holds_the_expected_instructions_whatever_the_manifest_says(
    asked: tuple[dict[str, Any], dict[str, str]], buildkit: bool
) -> None:
    holds(*asked, buildkit=buildkit)


@pytest.mark.torture
@pytest.mark.parametrize("quarter", range(4))
def test_ten_thousand_dockerfiles_hold_the_expected_instructions(quarter: int) -> None:
    """Ten thousand manifests that are let through; the refused ones do not count."""
    through = 0

    @settings(max_examples=1000, database=None, **SETTINGS)
    @given(manifests(), st.booleans())
    def some(asked: tuple[dict[str, Any], dict[str, str]], buildkit: bool) -> None:
        nonlocal through
        through += holds(*asked, buildkit=buildkit)

    while through < 2_500:
        some()
