"""What images a recipe takes: their tags change when what goes in changes, and only then."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator import catalogue
from orchestrator.catalogue import Recipe
from orchestrator.model import Image
from orchestrator.recipes import layout, packing
from orchestrator.recipes.choice import Choice
from orchestrator.recipes.interpreter import Interpreter

PYTHON = Interpreter(Path("/opt/python"), "3.8.18")


def choice(family: str, version: str, recipe: int = 0) -> Choice:
    entry = catalogue.entries(family)[version]
    return Choice(entry, entry.recipes[recipe], PYTHON if entry.recipes[recipe].interpreter else None)


CHOICES = [
    choice(family, entry.version, number)
    for family in ("dotnet", "python")
    for entry in catalogue.entries(family).values()
    for number in range(len(entry.recipes))
]
IMAGES = [image for one in CHOICES for image in (layout.root(one.recipe), *layout.runtimes(one))]
each_image = pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.tag)


def tags(one: Choice) -> list[str]:
    return [image.tag for image in layout.runtimes(one)]


def test_a_compiled_family_has_an_image_to_build_on() -> None:
    runtime, build = layout.runtimes(choice("dotnet", "2.2"))
    assert runtime.tag.startswith("isolate/base-dotnet:2.2-")
    assert build.tag.startswith("isolate/base-dotnet-sdk:2.2-")
    assert (runtime.target, build.target) == ("runtime", "sdk")
    assert len(layout.runtimes(choice("python", "3.8"))) == 1


def test_both_targets_are_one_dockerfile_so_that_the_second_build_reuses_the_first() -> None:
    runtime, build = layout.runtimes(choice("dotnet", "3.1"))
    assert runtime.dockerfile == build.dockerfile


def test_versions_that_stand_on_the_same_debian_share_it() -> None:
    assert layout.root(choice("dotnet", "2.2").recipe) == layout.root(choice("dotnet", "3.1").recipe)
    assert layout.root(choice("python", "3.8").recipe) != layout.root(choice("dotnet", "3.1").recipe)


def test_the_tag_is_stable() -> None:
    assert tags(choice("python", "3.8")) == tags(choice("python", "3.8"))


def _repinned(recipe: Recipe) -> Recipe:
    return replace(recipe, inputs=(replace(recipe.inputs[0], sha256="0" * 64), *recipe.inputs[1:]))


@pytest.mark.parametrize(
    "changed",
    [
        lambda one: replace(one, found=replace(one.found, release="3.8.19")),
        lambda one: replace(one, recipe=replace(one.recipe, packages=(*one.recipe.packages, "curl"))),
        lambda one: replace(one, recipe=replace(one.recipe, suite="trixie")),
        lambda one: replace(one, recipe=_repinned(one.recipe)),
    ],
    ids=["interpreter", "packages", "suite", "pin"],
)
def test_the_tag_changes_with_what_goes_in(changed: object) -> None:
    one = choice("python", "3.8")
    assert tags(changed(one)) != tags(one)


def test_the_tag_changes_with_the_way_of_packing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = tags(choice("python", "3.8"))
    monkeypatch.setattr(packing, "EDITION", "next")
    assert tags(choice("python", "3.8")) != before


def test_the_tag_does_not_change_with_where_the_interpreter_lies() -> None:
    one = choice("python", "3.8")
    assert tags(replace(one, found=replace(PYTHON, prefix=Path("/elsewhere")))) == tags(one)


@each_image
def test_every_stage_carries_our_label_right_after_its_from(image: Image) -> None:
    lines = image.dockerfile.splitlines()
    stages = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    assert stages
    assert {lines[number + 1] for number in stages} == {f'LABEL io.isolate.base="{image.digest}"'}


@each_image
def test_a_dockerfile_is_plain_enough_for_the_classic_builder_and_needs_no_network(image: Image) -> None:
    unwanted = r"# *syntax=|--mount|--link|--chmod|--checksum|<<|apt-get|curl |wget "
    assert not re.search(unwanted, image.dockerfile)
    assert not image.network


@each_image
def test_every_image_names_the_parent_that_must_be_there_first(image: Image) -> None:
    named = set(re.findall(r"^FROM (isolate/\S+)", image.dockerfile, re.MULTILINE))
    assert named == set(image.parents)
