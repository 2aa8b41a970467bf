"""The two lanes, from what commands really tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

import scenarios
from orchestrator.events import AppObserved, AppReady
from orchestrator.lab.page import lanes
from orchestrator.lab.page.boxes import Box
from orchestrator.picture import Picture, picture


def until(run: scenarios.Run, seconds: float) -> Picture:
    return picture(event for at, event in run[1] if at <= seconds)


def words(boxes: list[Box]) -> dict[str, str]:
    return {tile.app: tile.mark.word for box in boxes for tile in box.tiles if tile.mark}


def test_an_app_is_built_starts_answers_and_is_healthy() -> None:
    story = scenarios.dotnet()
    seen = [words(lanes.isolated(until(story, at), up=True, going=True))["invoice"] for at in (0.2, 1, 4.5, 5.2, 7)]
    assert seen == ["waiting", "building", "starting", "answering", "healthy"]


def test_the_address_of_an_app_is_a_link_while_it_answers_and_only_to_this_machine() -> None:
    drawn = until(scenarios.dotnet(), 7)
    assert [box.tiles[0].url for box in lanes.isolated(drawn, up=True, going=True)] == [
        "http://127.0.0.1:32801",
        "http://127.0.0.1:32802",
    ]
    assert not any(box.tiles[0].url for box in lanes.isolated(drawn, up=False, going=False))


@pytest.mark.parametrize("url", ["http://evil.example/", "http://127.0.0.1:80@evil.example/", "javascript:alert(1)"])
def test_no_other_address_becomes_a_link(url: str) -> None:
    def lies(_: float, event: object) -> object:
        return replace(event, url=url) if isinstance(event, AppReady | AppObserved) else event

    story = [lies(at, event) for at, event in scenarios.dotnet()[1]]
    assert not any(box.tiles[0].url for box in lanes.isolated(picture(story), up=True, going=True))  # type: ignore[arg-type]


def test_the_same_apps_in_one_environment_beside_each_alone_in_it_with_the_line_that_fails() -> None:
    (group,) = lanes.shared(picture(event for _, event in scenarios.dotnet()[1]), going=False)
    newest, oldest = group.boxes
    assert (newest.title, oldest.title) == ("one dotnet@3.1 for all", "one dotnet@2.2 for all")
    assert {tile.app: tile.alone.word for tile in newest.tiles if tile.alone} == {
        "invoice": "fail exit 150",
        "telemetry": "pass",
    }
    assert "2.2.0" in next(tile for tile in newest.tiles if tile.app == "invoice").quote
    assert newest.look == oldest.look == "fail"
    assert group.verdict.startswith("conflict (runtime)")


def test_each_order_of_installing_is_a_box() -> None:
    (group,) = lanes.shared(picture(event for _, event in scenarios.python()[1]), going=False)
    assert "one python@3.12 for all, in order" in [box.title for box in group.boxes]


def test_what_waited_when_all_was_over_never_came() -> None:
    drawn = until(scenarios.dotnet(), 1)
    assert set(words(lanes.isolated(drawn, up=False, going=False)).values()) == {"not run"}
    drawn = until(scenarios.dotnet(), 5.2)
    assert set(words(lanes.isolated(drawn, up=False, going=False)).values()) == {"cut short"}


@pytest.mark.parametrize("scenario", [scenarios.many, scenarios.searched, scenarios.interrupted, scenarios.unsettled])
def test_every_story_has_lanes_at_every_moment(scenario: object) -> None:
    run = scenario()  # type: ignore[operator]
    for at, _ in run[1]:
        drawn = until(run, at)
        assert len(lanes.isolated(drawn, up=True, going=True)) == len(drawn.sides)
        lanes.shared(drawn, going=True)
        lanes.running(drawn)
