"""`images` knows ours from others', and takes away nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from orchestrator.cli._images import day, mine, size, unused
from orchestrator.diagnosis.leftovers import left_over
from orchestrator.engines import Held
from orchestrator.engines.docker import DockerEngine
from orchestrator.labels import IMAGE
from orchestrator.model import Image
from tests.cli.conftest import Isolate

docker = pytest.mark.docker
DIGEST = uuid.uuid4().hex * 2
HASH = DIGEST[:16]


def held(*tags: str, used: bool = False, layers: str = "", **labels: str) -> Held:
    named = {f"io.isolate.{name}": value for name, value in labels.items()}
    users = frozenset(["a box"] if used else ())
    return Held(f"sha256:{layers or 1}", tags, 1_500_000, 1_700_000_000, named, users, tuple(layers))


def names(*images: Held) -> list[tuple[str, str, str]]:
    return [(one.name, one.what, one.source) for one in mine(images)]


@pytest.mark.parametrize(
    ("tag", "label", "what", "source"),
    [
        (f"isolate/base-dotnet-sdk:2.2-{HASH}", "base", "base of dotnet@2.2 (build)", "recipe"),
        (f"isolate/base-python:3.12-{HASH}", "base", "base of python@3.12", "recipe"),
        (f"isolate/invoice:{HASH}", "image", "app invoice", "built"),
        (f"isolate/shared:{HASH}", "image", "shared environment", "built"),
    ],
    ids=["base for builds", "base", "app", "shared"],
)
def test_an_image_of_ours_says_what_it_is(tag: str, label: str, what: str, source: str) -> None:
    assert names(held(tag, **{label: DIGEST})) == [(tag, what, source)]


def test_an_app_image_inherits_its_bases_label_and_is_no_base() -> None:
    assert names(held(f"isolate/web:{HASH}", image=DIGEST, base="f" * 64))[0][1:] == ("app web", "built")


def test_an_official_base_is_shown_and_not_ours_to_remove() -> None:
    image = held("python:3.12-slim-bookworm")
    assert names(image) == [("python:3.12-slim-bookworm", "base of python@3.12", "registry")]
    assert not unused(list(mine([image])), bases=True)


def test_what_others_built_upon_ours_inherits_the_label_and_is_theirs() -> None:
    assert not names(
        held("shop/web:latest", image=DIGEST), held("isolate/mine:latest", image=DIGEST), held("busybox:1")
    )


def test_a_second_tag_of_another_owner_is_left_out() -> None:
    assert names(held(f"isolate/web:{HASH}", "shop/web:1", image=DIGEST)) == [
        (f"isolate/web:{HASH}", "app web", "built")
    ]


@pytest.mark.parametrize("label", ["image", "base"])
def test_what_a_build_leaves_is_ours_where_it_is_no_more_of_what_bears_its_tag(label: str) -> None:
    """A stage of the classic builder's, or what another run has built at the same time and lost the tag of."""
    tag = f"isolate/{'base-python' if label == 'base' else 'web'}:3.12-{HASH}"
    whole, stage = held(tag, layers="abc", **{label: DIGEST}), held(layers="xyz", **{label: DIGEST})
    assert [name[1] for name in names(stage, whole)][1] == "left over from a build"
    assert [one.id for one in left_over([whole, stage])] == [stage.id]


@pytest.mark.parametrize("layers", ["abcd", "abc"], ids=["more", "another command"])
def test_what_others_built_upon_ours_is_not_left_over_once_it_has_lost_its_tag(layers: str) -> None:
    whole, theirs = held(f"isolate/web:{HASH}", layers="abc", image=DIGEST), held(layers=layers, image=DIGEST)
    assert names(theirs, whole) == [(f"isolate/web:{HASH}", "app web", "built")]
    assert not left_over([theirs, whole])


def test_whose_an_untagged_image_is_cannot_be_told_once_ours_is_gone_so_it_stays() -> None:
    theirs, other = held(layers="abcd", image=DIGEST), held(f"isolate/web:{HASH[::-1]}", layers="x", image=DIGEST[::-1])
    assert not left_over([theirs, other])
    assert not left_over([theirs, held("shop/web:1", layers="x", image=DIGEST)])
    assert not left_over([held(image=DIGEST), held(f"isolate/web:{HASH}", layers="abc", image=DIGEST)])


def test_prune_spares_what_a_box_uses_and_bases_unless_asked() -> None:
    app, used = held(f"isolate/a:{HASH}", image=DIGEST), held(f"isolate/b:{HASH}", image=DIGEST, used=True)
    base = held(f"isolate/base-python:3.12-{HASH}", base=DIGEST)
    known = list(mine([app, used, base]))
    assert [one.held for one in unused(known, bases=False)] == [app]
    assert [one.held for one in unused(known, bases=True)] == [app, base]


def test_sizes_and_days_are_for_people() -> None:
    assert (size(1_500_000), size(2_340_000_000), day(1_700_000_000)) == ("1.5 MB", "2.34 GB", "2023-11-14")


@pytest.fixture
def built(engine_url: str) -> Iterator[str]:
    engine = DockerEngine(engine_url)
    tag = f"isolate/test-{DIGEST[:8]}:{HASH}"
    text = f'FROM scratch\nLABEL {IMAGE}="{DIGEST}"\nCOPY Dockerfile /\n'
    assert engine.build(Image(tag, DIGEST, text, (), "a test"), lambda _: None).ok
    yield tag
    engine.remove_image(tag)


@docker
def test_an_image_is_listed_and_removed_by_its_tag(isolate: Isolate, built: str) -> None:
    assert built in [one["name"] for one in isolate("images", "--json").document["images"]]
    assert f"would remove {built}\n" in isolate("images", "prune", "--dry-run").out
    assert isolate("images", "rm", built, "--dry-run").out == f"would remove {built}\n"
    assert isolate("images", "rm", built).out == f"removed {built}\n"
    assert built not in isolate("images", "ls").out
    assert isolate("images", "rm", built).code == 3


@docker
def test_an_image_that_somebody_builds_upon_ours_stays_when_it_loses_its_tag(
    isolate: Isolate, built: str, engine_url: str
) -> None:
    """Each takes the tag from the one before: somebody's, one that two runs have built at once, one of nobody's."""
    engine, tag = DockerEngine(engine_url), f"isl-test:{DIGEST[:8]}"
    texts = (f"FROM {built}\n", f'FROM scratch\nLABEL {IMAGE}="{DIGEST}"\n', "FROM scratch\nLABEL test=1\n")
    ids: list[str] = []
    try:
        for text in texts:
            made = Image(tag, DIGEST, f"{text}COPY Dockerfile /more\n", (), "a test")
            assert engine.build(made, lambda _: None).ok
            ids += [one.id for one in engine.images() if tag in one.tags]
        theirs, twin, _ = ids
        assert {theirs, twin} <= {one.id for one in engine.images() if not one.tags}
        would = isolate("images", "prune", "--dry-run").out
        assert (theirs in would, twin in would) == (False, True)
    finally:
        for name in (tag, *ids[:2]):
            engine.remove_image(name)


@docker
def test_an_image_that_is_not_ours_is_refused(isolate: Isolate) -> None:
    ran = isolate("images", "rm", "isl-test:bb")
    assert (ran.code, ran.err.splitlines()[0]) == (3, "error: isl-test:bb is no image that isolate made")
