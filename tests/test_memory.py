"""What is remembered, when it is used, and that it says from when it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.arms import Conductor
from orchestrator.engines.memory import MemoryEngine
from orchestrator.events import CellObserved, Event
from orchestrator.experiment import Options, conduct
from orchestrator.memory import Memory, fingerprint
from orchestrator.model import Cell, ExitCheck, HttpCheck
from orchestrator.plan import Plan
from orchestrator.runtimes import families
from worlds import bases, manifest, plan, scripted, service

OLD, NEW = "python@3.8", "python@3.12"
PAIR = manifest(service("legacy", OLD), service("modern", NEW))
APART = {"legacy": {OLD}, "modern": {NEW}}


def ran(drawn: Plan, memory: Memory) -> tuple[list[Cell], MemoryEngine]:
    """The cells of the other arms, and the engine they were observed on."""
    engine, events = scripted(drawn, APART), list[Event]()
    conduct(Conductor(engine, families(), events.append, bases, memory=memory), drawn, Options())
    return [one.cell for one in events if isinstance(one, CellObserved) and one.entry], engine


def boxes(engine: MemoryEngine, drawn: Plan) -> list[str]:
    own = {f"start {box.name}" for box in drawn.boxes.values()}
    return [call for call in engine.calls if call.startswith("start") and call not in own]


def test_what_an_earlier_run_has_seen_is_used_only_where_that_was_asked_for(tmp_path: Path) -> None:
    first, _ = ran(plan(PAIR), Memory(use=False, folder=tmp_path))
    assert not any(cell.remembered for cell in first)
    drawn = plan(PAIR, run="second")
    again, engine = ran(drawn, Memory(use=True, folder=tmp_path))
    assert all(cell.remembered for cell in again)
    assert {replace(cell, remembered=None) for cell in again} == set(first)
    assert boxes(engine, drawn) == []
    observed, engine = ran(drawn, Memory(use=False, folder=tmp_path))
    assert not any(cell.remembered for cell in observed)
    assert boxes(engine, drawn)


@pytest.mark.parametrize(
    "change",
    [
        {"checks": (HttpCheck("/other"),)},
        {"command": ("serve", "--other")},
        {"environment": {"A": "1"}},
        {"packages": ("six",)},
    ],
)
def test_another_check_command_variable_or_package_is_another_observation(change: dict[str, object]) -> None:
    before, after = (plan(manifest(service("a", OLD, **facts), service("b", NEW))) for facts in ({}, change))
    first, other = (fingerprint(drawn.trials[0], drawn) for drawn in (before, after))
    assert first != other
    same = plan(manifest(service("a", OLD), service("b", NEW)), run="another")
    assert fingerprint(same.trials[0], same) == first


def test_what_proves_nothing_is_not_remembered(tmp_path: Path) -> None:
    memory = Memory(use=True, folder=tmp_path)
    for outcome in ("infrastructure", "flaky", "not-run"):
        memory.keep("key", [Cell("a", "control", OLD, outcome)])  # type: ignore[arg-type]
    assert memory.recall("key", 1) is None
    assert not list(tmp_path.iterdir())


def test_a_broken_memory_is_none(tmp_path: Path) -> None:
    for text in ("", "{}", '{"at": 1, "cells": [{"nonsense": 1}]}', "[" * 99999):
        (tmp_path / "key.json").write_text(text)
        assert Memory(use=True, folder=tmp_path).recall("key", 1) is None


def test_within_a_run_the_same_box_is_not_run_twice(tmp_path: Path) -> None:
    entry = PAIR.shared[0]
    twice = manifest(*PAIR.apps.values(), shared=(entry, replace(entry, name="again")))
    drawn = plan(twice)
    _, engine = ran(drawn, Memory(use=False, folder=tmp_path))
    once = plan(PAIR)
    _, single = ran(once, Memory(use=False, folder=tmp_path / "other"))
    assert len(boxes(engine, drawn)) <= len(boxes(single, once)) + 4


def test_checks_come_back_as_they_were(tmp_path: Path) -> None:
    cell = Cell("a", "shared", OLD, "fail", beside=("b",), order="together")
    Memory(use=False, folder=tmp_path).keep("key", [cell])
    (back,) = Memory(use=True, folder=tmp_path).recall("key", 1) or ()
    assert replace(back, remembered=None) == cell
    assert ExitCheck().name == "exit 0"
