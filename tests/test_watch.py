"""The watch over all boxes: that it looked at nearly all of them, and at what is there already."""

from __future__ import annotations

from typing import Any

import docker
import pytest

import fences
from fences import FEW, OURS, Watch


class Api:
    """An engine that holds these boxes, of which it tells nothing but that they are privileged."""

    def __init__(self, *boxes: str) -> None:
        self.boxes = boxes

    def containers(self, **_: object) -> list[dict[str, Any]]:
        return [{"Id": name, "Labels": {OURS: "x"}} for name in (*self.boxes, "gone")]

    def inspect_container(self, name: str) -> dict[str, Any]:
        if name not in self.boxes:
            raise docker.errors.NotFound(name)
        return {"Name": name}


@pytest.fixture(autouse=True)
def _one_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fences, "FENCES", {"it is called good": lambda box: box["Name"] == "good"})


def created(name: str) -> dict[str, Any]:
    return {"Action": "create", "Actor": {"ID": name, "Attributes": {OURS: "x"}}}


def test_a_watch_that_found_most_boxes_gone_has_seen_nothing() -> None:
    found = Watch(Api("good"))
    for _ in range(FEW):
        found.take(created("gone"))
    assert not found.blind
    found.take(created("gone"))
    assert found.blind


def test_a_few_of_many_may_be_gone() -> None:
    names = [f"b{number}" for number in range(100)]
    found = Watch(Api(*names))
    for name in (*names, *["gone"] * (FEW + 5)):
        found.take(created(name))
    assert not found.blind


def test_boxes_that_are_there_are_looked_at_once() -> None:
    assert fences.look(Api("good")) == []
    assert fences.look(Api("good", "bad")) == ["bad: it is called good"]
