"""The catalogues that are shipped keep the promises that recipes and manifests rely on."""

from __future__ import annotations

import re
from datetime import date

import pytest

from orchestrator import catalogue, resources
from orchestrator.catalogue import Entry, Input, Recipe, parse

FAMILIES = sorted(path.parent.name for path in resources.images().glob("*/versions.yaml"))
ENTRIES = [entry for family in FAMILIES for entry in catalogue.entries(family).values()]
INPUTS = [one for entry in ENTRIES for recipe in entry.recipes for one in recipe.inputs]
each_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.family}@{entry.version}")


def test_the_flagship_versions_are_there() -> None:
    assert tuple(catalogue.entries("dotnet")) == ("2.2", "3.1")
    assert tuple(catalogue.entries("python")) == ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")


def test_an_entry_reads_as_it_is_written() -> None:
    text = """
    versions:
      "1.10":
        image: registry.example/tool:1.10
        build_image: registry.example/tool-sdk:1.10
        end_of_life: 2030-01-31
        recipes:
          - suite: bookworm
            packages: [libc6]
            interpreter: "1.10"
            hooks: [merged-usr]
            inputs:
              kit.tgz: {npm: kit@1.2.3, sha256: aa}
              libraries: {pypi: kit==1.2, sha256: bb, wheel: cp37-cp37m-linux, members: [lib/*]}
    """
    kit = Input("kit.tgz", "npm", "kit@1.2.3", "aa")
    libraries = Input("libraries", "pypi", "kit==1.2", "bb", "cp37-cp37m-linux", ("lib/*",))
    recipe = Recipe("bookworm", ("libc6",), "1.10", (kit, libraries), ("merged-usr",))
    images = {"image": "registry.example/tool:1.10", "build_image": "registry.example/tool-sdk:1.10"}
    entry = Entry("tool", "1.10", end_of_life=date(2030, 1, 31), recipes=(recipe,), **images)
    assert parse("tool", text) == {"1.10": entry}


@each_entry
def test_every_version_is_a_string_with_images_and_a_recipe(entry: Entry) -> None:
    assert isinstance(entry.version, str)
    assert isinstance(entry.end_of_life, date)
    assert entry.recipes
    for image in filter(None, (entry.image, entry.build_image)):
        assert re.fullmatch(r"[a-z0-9./-]+:[\w.-]+", image)


@each_entry
def test_every_recipe_stands_on_a_suite_of_the_debian_catalogue(entry: Entry) -> None:
    assert {recipe.suite for recipe in entry.recipes} <= set(catalogue.entries("debian"))


@pytest.mark.parametrize("wanted", INPUTS, ids=lambda wanted: wanted.package)
def test_every_input_is_pinned_by_version_and_hash(wanted: Input) -> None:
    pattern = r"(@[\w-]+/)?[\w.-]+@\d[\w.]*" if wanted.source == "npm" else r"[\w-]+==\d[\w.]*"
    assert re.fullmatch(pattern, wanted.package)
    assert re.fullmatch(r"[0-9a-f]{64}", wanted.sha256)


def test_python_bases_carry_what_the_official_images_carry() -> None:
    for version, entry in catalogue.entries("python").items():
        old = int(version.split(".")[1]) < 12
        for recipe in entry.recipes:
            names = [one.package.split("==")[0] for one in recipe.inputs]
            assert names == (["pip", "setuptools", "wheel"] if old else ["pip"])


@pytest.mark.parametrize(
    "name", ["", "@", "@x", "nobody@one", "../python@x", "python@" + "9" * 5000, "\0@x", "python@3."]
)
def test_any_name_can_be_sorted(name: str) -> None:
    found = sorted([name, "python@3.10", "python@3.9"], key=catalogue.order)
    assert found.index("python@3.9") < found.index("python@3.10")
