"""The experiment on the engine in memory: which cells are filled, what stops it, and with which exit code."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from orchestrator.engines import Built, Sighting
from orchestrator.engines.memory import Fate, MemoryEngine
from orchestrator.events import AppObserved, BuildEnded, CellObserved, Event, VerdictReached
from orchestrator.model import Box, Cell, Expect, Healthcheck, SharedEntry, Verdict
from worlds import carry_out, environments, job, manifest, plan, prints, scripted, service

OLD, NEW = "python@3.8", "python@3.12"
PAIR = manifest(service("legacy", OLD), service("modern", NEW))
APART = {"legacy": {OLD}, "modern": {NEW}}


def cells(events: list[Event]) -> list[Cell]:
    return [event.cell for event in events if isinstance(event, CellObserved)]


def verdict(events: list[Event]) -> Verdict:
    return next(event.verdict for event in events if isinstance(event, VerdictReached))


def test_two_apps_that_need_two_versions_are_a_conflict_of_kind_runtime() -> None:
    drawn = plan(PAIR)
    code, events = carry_out(drawn, scripted(drawn, APART))
    assert (code, verdict(events).name, verdict(events).kind) == (0, "conflict", "runtime")


def test_the_grid_holds_every_app_alone_and_beside_the_other_at_every_version() -> None:
    drawn = plan(PAIR)
    _, events = carry_out(drawn, scripted(drawn, APART))
    seen = {(c.app, c.arm, c.environment, c.beside): c.outcome for c in cells(events)}
    assert seen == {
        ("legacy", "isolated", OLD, ()): "pass",
        ("modern", "isolated", NEW, ()): "pass",
        ("legacy", "control", OLD, ()): "pass",
        ("modern", "control", NEW, ()): "pass",
        ("legacy", "control", NEW, ()): "fail",
        ("modern", "control", OLD, ()): "fail",
        ("legacy", "shared", OLD, ("modern",)): "pass",
        ("modern", "shared", OLD, ("legacy",)): "fail",
        ("legacy", "shared", NEW, ("modern",)): "fail",
        ("modern", "shared", NEW, ("legacy",)): "pass",
    }


def test_the_isolated_apps_stay_up_and_the_other_boxes_are_removed() -> None:
    drawn = plan(PAIR)
    engine = scripted(drawn, APART)
    carry_out(drawn, engine)
    assert {found.labels["io.isolate.arm"] for found in engine.found({})} == {"isolated"}


def test_a_second_run_builds_nothing_and_starts_no_isolated_box_again() -> None:
    drawn = plan(PAIR)
    engine = scripted(drawn, APART)
    carry_out(drawn, engine)
    engine.calls.clear()
    _, events = carry_out(drawn, engine)
    assert not [call for call in engine.calls if call.startswith("build")]
    assert not [call for call in engine.calls if call in {f"start {box.name}" for box in drawn.boxes.values()}]
    assert {event.outcome for event in events if isinstance(event, BuildEnded)} == {"reused"}


def test_apps_that_pass_alone_and_break_each_other_are_a_clobber() -> None:
    drawn = plan(manifest(service("legacy", OLD), service("modern", OLD)))
    engine = scripted(drawn, {"legacy": {OLD}, "modern": {OLD}}, clash=frozenset({"legacy", "modern"}))
    assert verdict(carry_out(drawn, engine)[1]).kind == "clobber"


def test_a_failing_environment_is_run_again_from_the_same_image() -> None:
    drawn = plan(PAIR)
    engine = scripted(drawn, APART)
    _, events = carry_out(drawn, engine)
    failing = next(trial for trial in drawn.trials if str(trial) == f"control {NEW}: legacy")
    assert engine.calls.count(f"start {failing.box.name}") == 2
    assert engine.calls.count(f"build {failing.image.tag}") == 1
    assert next(c.runs for c in cells(events) if c.outcome == "fail") == 2


def test_runs_that_disagree_are_flaky_and_inconclusive() -> None:
    drawn = plan(PAIR)
    steady = scripted(drawn, APART)
    failing = {trial.box.name for trial in drawn.trials if trial.arm == "shared"}

    def fate(box, app: str) -> Fate:
        second = box.name in failing and engine.calls.count(f"start {box.name}") > 1
        return Fate(answers=steady._fate(drawn.boxes[app], app).answers) if second else steady._fate(box, app)

    engine = MemoryEngine(fate, steady._holds)
    code, events = carry_out(drawn, engine)
    assert (code, verdict(events).name) == (75, "inconclusive")
    assert any("flaky 1/2" in line for line in verdict(events).because)


def test_an_app_that_fails_alone_on_its_own_runtime_ends_the_experiment_early() -> None:
    drawn = plan(PAIR)
    engine = scripted(drawn, {"legacy": set(), "modern": {NEW}})
    code, events = carry_out(drawn, engine)
    assert (code, verdict(events).name, verdict(events).app) == (1, "broken", "legacy")
    assert not [call for call in engine.calls if call.startswith("build isolate/shared")]
    assert next(event.tail for event in events if isinstance(event, AppObserved) and event.state == "failed")


def test_keep_going_observes_the_other_arms_all_the_same() -> None:
    drawn = plan(PAIR)
    engine = scripted(drawn, {"legacy": set(), "modern": {NEW}})
    _, events = carry_out(drawn, engine, keep_going=True)
    assert {cell.arm for cell in cells(events)} == {"isolated", "control", "shared"}


def test_another_version_than_declared_is_broken_never_substituted() -> None:
    drawn = plan(PAIR)
    good = scripted(drawn, APART)
    engine = MemoryEngine(good._fate, lambda _: {"python": prints("python", "3.11")})
    _, events = carry_out(drawn, engine)
    assert verdict(events).name == "broken"
    assert "the box holds 3.11.1" in verdict(events).because[0]


def test_an_install_that_is_refused_is_evidence_and_a_dead_network_is_not() -> None:
    drawn = plan(manifest(service("legacy", OLD), service("modern", OLD)))
    places = environments(drawn)

    def engine(*tail: str) -> MemoryEngine:
        joint = {trial.image.tag for trial in drawn.trials if trial.arm == "shared"}
        good = scripted(drawn, {"legacy": set(places.values()), "modern": set(places.values())})
        return MemoryEngine(
            good._fate, good._holds, lambda i: Built(ok=False, tail=tail, exit_code=1) if i.tag in joint else None
        )

    code, events = carry_out(drawn, engine("ERROR: ResolutionImpossible: for help visit ..."))
    assert (code, verdict(events).kind) == (0, "packages")
    assert {c.phase for c in cells(events) if c.outcome == "fail"} == {"build"}
    code, events = carry_out(
        drawn, engine("WARNING: Temporary failure in name resolution", "ERROR: No matching distribution")
    )
    assert (code, verdict(events).name) == (75, "inconclusive")


def test_an_image_that_cannot_be_built_is_broken_and_its_dependents_do_not_run() -> None:
    drawn = plan(manifest(service("legacy", OLD), service("modern", NEW, depends_on={"legacy": "service_healthy"})))
    tag = drawn.images["legacy"].tag
    good = scripted(drawn, APART)
    engine = MemoryEngine(
        good._fate, good._holds, lambda i: Built(ok=False, tail=("error CS1525",)) if i.tag == tag else None
    )
    code, events = carry_out(drawn, engine)
    assert code == 1
    assert [(c.app, c.outcome, c.phase) for c in cells(events) if c.arm == "isolated"] == [
        ("legacy", "fail", "build"),
        ("modern", "not-run", "done"),
    ]


@pytest.mark.parametrize(
    ("condition", "ended", "outcome"),
    [
        ("service_started", None, "pass"),
        ("service_healthy", None, "not-run"),
        ("service_started", 3, "pass"),
        ("service_completed_successfully", 3, "not-run"),
        ("service_completed_successfully", 0, "pass"),
    ],
)
def test_depends_on_waits_for_what_its_condition_says_and_no_more(
    condition: str, ended: int | None, outcome: str
) -> None:
    quick = {"healthcheck": Healthcheck(interval=0.01, retries=1)}
    first = service("first", NEW, **quick) if ended is None else job("first", NEW, **quick)
    drawn = plan(manifest(service("second", NEW, depends_on={"first": condition}), first, shared=()))
    good = scripted(drawn, {"second": {NEW}})

    def fate(box: Box, app: str) -> Fate:
        return Fate(exit_code=ended) if app == "first" else good._fate(box, app)

    engine = MemoryEngine(fate, good._holds)
    _, events = carry_out(drawn, engine)
    assert {cell.app: cell.outcome for cell in cells(events)}["second"] == outcome
    starts = [call for call in engine.calls if call.startswith("start")]
    assert starts == ["start isolate-pair_first", "start isolate-pair_second"][: len(starts)]


def test_apps_that_need_each_other_in_a_long_chain_all_start() -> None:
    """More of them than there are threads."""
    names = [f"app{number}" for number in range(100)]
    chain = [job(names[0], NEW)]
    chain += [
        job(name, NEW, depends_on={before: "service_completed_successfully"})
        for before, name in itertools.pairwise(names)
    ]
    drawn = plan(manifest(*reversed(chain), shared=()))
    engine = scripted(drawn, {name: {NEW} for name in names})
    assert carry_out(drawn, engine)[0] == 0
    assert [call for call in engine.calls if call.startswith("start")] == [f"start isolate-pair_{n}" for n in names]


def test_arm_isolated_reaches_no_verdict_and_exits_0() -> None:
    drawn = plan(PAIR)
    code, events = carry_out(drawn, scripted(drawn, APART), arm="isolated")
    assert code == 0
    assert not [event for event in events if isinstance(event, VerdictReached)]


def test_jobs_are_ready_when_they_end_and_checked_by_their_exit() -> None:
    drawn = plan(manifest(job("old", OLD), job("new", NEW)))
    code, events = carry_out(drawn, scripted(drawn, {"old": {OLD, NEW}, "new": {NEW}}))
    assert (code, verdict(events).name) == (0, "no-conflict")
    assert {event.state for event in events if isinstance(event, AppObserved)} == {"exited"}


def test_an_expectation_that_does_not_hold_exits_1() -> None:
    entry = SharedEntry("one-runtime", apps=("legacy", "modern"), expect=Expect(verdict="no-conflict"))
    drawn = plan(manifest(service("legacy", OLD), service("modern", NEW), shared=(entry,)))
    code, events = carry_out(drawn, scripted(drawn, APART))
    assert code == 1
    assert next(event.as_expected for event in events if isinstance(event, VerdictReached)) is False


def test_an_expected_broken_app_exits_0() -> None:
    entry = SharedEntry("one-runtime", apps=("legacy", "modern"), expect=Expect(verdict="broken", app="legacy"))
    drawn = plan(manifest(service("legacy", OLD), service("modern", NEW), shared=(entry,)))
    assert carry_out(drawn, scripted(drawn, {"legacy": set(), "modern": {NEW}}))[0] == 0


def test_no_shared_entry_runs_side_by_side_only() -> None:
    drawn = plan(manifest(service("legacy", OLD), service("modern", NEW), shared=()))
    assert carry_out(drawn, scripted(drawn, APART))[0] == 0
    assert drawn.trials == ()


@pytest.mark.parametrize("facts", [{"policy": "side-by-side"}, {"base": "debian:bullseye"}, {"ports": "as-declared"}])
def test_what_this_version_does_not_try_is_inconclusive_and_never_made_up(facts: dict[str, str]) -> None:
    entry = SharedEntry("later", apps=("legacy", "modern"), **facts)  # type: ignore[arg-type]
    drawn = plan(manifest(service("legacy", OLD), service("modern", NEW), shared=(entry,)))
    code, events = carry_out(drawn, scripted(drawn, APART))
    assert (code, verdict(events).name) == (75, "inconclusive")
    assert "is not tried by this version" in verdict(events).because[0]
    assert drawn.trials == ()


def test_a_box_that_was_stopped_from_outside_proves_nothing() -> None:
    drawn = plan(PAIR)
    good = scripted(drawn, APART)

    class Stopped(MemoryEngine):
        def look(self, box: Box) -> Sighting:
            sighting = super().look(box)
            return replace(sighting, exits={"legacy": 143}, running=False, stopped=frozenset({"legacy"}))

    code, events = carry_out(drawn, Stopped(good._fate, good._holds))
    assert (code, verdict(events).name) == (75, "inconclusive")
    assert "stopped from outside" in cells(events)[0].quote


def test_an_app_that_never_gets_ready_does_not_keep_the_next_one_from_starting() -> None:
    hangs = service("legacy", OLD, healthcheck=Healthcheck(interval=0.01, retries=1))
    drawn = plan(manifest(hangs, service("modern", OLD)))
    good = scripted(drawn, {"legacy": {OLD}, "modern": {OLD}})

    def fate(box: Box, app: str) -> Fate:
        return Fate() if box.arm == "shared" and app == "legacy" else good._fate(box, app)

    _, events = carry_out(drawn, MemoryEngine(fate, good._holds))
    shared = {cell.app: cell.outcome for cell in cells(events) if cell.arm == "shared"}
    assert shared == {"legacy": "fail", "modern": "pass"}


def test_a_job_that_dies_is_quoted_by_its_own_words_not_by_its_code() -> None:
    drawn = plan(manifest(job("old", OLD), job("new", NEW)))
    _, events = carry_out(drawn, scripted(drawn, {"old": {OLD}, "new": {NEW}}))
    failed = {cell.app: (cell.phase, cell.quote) for cell in cells(events) if cell.outcome == "fail"}
    assert failed["old"] == ("start", "ModuleNotFoundError: No module named 'old_needs'")
