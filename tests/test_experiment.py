"""The experiment on the engine in memory: which cells are filled, what stops it, and with which exit code."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from orchestrator.arms import Conductor
from orchestrator.engines import Answer, Built, Ran, Sighting
from orchestrator.engines.memory import Fate, MemoryEngine
from orchestrator.errors import Unavailable
from orchestrator.events import AppObserved, BuildEnded, CellObserved, EscapeTried, Event, VerdictReached
from orchestrator.experiment import Options, conduct
from orchestrator.model import (
    Base,
    Box,
    Cell,
    Escape,
    ExitCheck,
    Expect,
    Healthcheck,
    HttpCheck,
    Matcher,
    SharedEntry,
    Verdict,
)
from orchestrator.runtimes import families
from worlds import carry_out, job, manifest, plan, prints, scripted, service

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


BOTH = frozenset({"legacy", "modern"})
TWINS = manifest(service("legacy", OLD), service("modern", OLD))
ANYWHERE = {"legacy": {OLD}, "modern": {OLD}}


def test_what_breaks_an_app_by_being_in_the_image_is_a_clobber() -> None:
    drawn = plan(TWINS)
    assert verdict(carry_out(drawn, scripted(drawn, ANYWHERE, poison=BOTH))[1]).kind == "clobber"


def test_what_breaks_an_app_by_running_beside_it_has_no_kind_where_nothing_shared_is_found() -> None:
    drawn = plan(TWINS)
    said = verdict(carry_out(drawn, scripted(drawn, ANYWHERE, clash=BOTH))[1])
    assert (said.name, said.kind) == ("conflict", None)


def test_apps_that_write_one_path_are_a_conflict_of_kind_files() -> None:
    drawn = plan(TWINS)
    engine = scripted(drawn, ANYWHERE, clash=BOTH)
    engine.run = lambda box, *_: Ran(0, f"{box.launches[0].app}  /tmp/state\nsame  /tmp/cache\n", "")  # type: ignore[method-assign]
    said = verdict(carry_out(drawn, engine)[1])
    assert said.kind == "files"
    assert "legacy and modern both write /tmp/state, each something else" in said.because


def test_apps_that_fail_only_on_the_ports_they_declare_are_a_conflict_of_kind_port() -> None:
    entry = SharedEntry("as-declared", apps=("legacy", "modern"), ports="as-declared")
    drawn = plan(manifest(*TWINS.apps.values(), shared=(entry,)))
    good = scripted(drawn, ANYWHERE)

    def fate(box: Box, app: str) -> Fate:
        first = box.launches[0].app == app or box.launches[0].ports != box.launches[-1].ports
        return good._fate(box, app) if first else Fate(exit_code=98, stderr=("address already in use",))

    engine = MemoryEngine(fate, good._holds)
    said = verdict(carry_out(drawn, engine)[1])
    assert (said.kind, said.app) == ("port", "modern")
    assert "with a port of its own modern passes in the same box" in said.because


def test_an_answer_on_a_port_that_another_app_holds_is_not_this_apps_own() -> None:
    entry = SharedEntry("as-declared", apps=("legacy", "modern"), ports="as-declared")
    hangs = service("modern", OLD, healthcheck=Healthcheck(retries=1, interval=0.1))
    drawn = plan(manifest(service("legacy", OLD), hangs, shared=(entry,)))
    said = verdict(carry_out(drawn, scripted(drawn, ANYWHERE))[1])
    assert (said.kind, said.app) == ("port", "modern")
    assert "its port is held by legacy" in said.because[0]


def escapes(events: list[Event]) -> dict[str, Escape]:
    return {event.escape.name: event.escape for event in events if isinstance(event, EscapeTried)}


def test_every_way_out_is_tried_and_those_that_cannot_apply_say_why() -> None:
    drawn = plan(PAIR)
    _, events = carry_out(drawn, scripted(drawn, {"legacy": {OLD, "python@3.10"}, "modern": {NEW, "python@3.10"}}))
    assert {name: one.outcome for name, one in escapes(events).items()} == {
        "side-by-side": "pass",
        "roll-forward": "not-run",
        "other-version": "pass",
        "order": "not-run",
    }
    assert escapes(events)["other-version"].detail.startswith("python@3.10:")
    assert all(one.detail for one in escapes(events).values())


def test_a_way_out_that_no_base_can_be_had_for_is_open_not_shut() -> None:
    drawn = plan(PAIR)
    events: list[Event] = []

    def none(_: object) -> dict[str, Base]:
        raise Unavailable("no base image")

    conduct(Conductor(scripted(drawn, APART), families(), events.append, none), drawn, Options())
    assert escapes(events)["other-version"].outcome == "infrastructure"


def test_no_way_out_is_sought_where_there_is_no_conflict() -> None:
    drawn = plan(TWINS)
    assert escapes(carry_out(drawn, scripted(drawn, ANYWHERE))[1]) == {}


def test_runtimes_side_by_side_serve_each_app_with_its_own() -> None:
    entry = SharedEntry("side-by-side", policy="side-by-side", apps=("legacy", "modern"))
    drawn = plan(manifest(*PAIR.apps.values(), shared=(entry,)))
    said = verdict(carry_out(drawn, scripted(drawn, APART))[1])
    assert (said.name, said.works_at, said.moved) == ("no-conflict", ("side-by-side",), {})


def test_a_runtime_that_its_own_base_serves_and_another_os_does_not_is_an_os_library() -> None:
    entry = SharedEntry("bare", policy="side-by-side", apps=("legacy", "modern"), base="debian:bullseye")
    drawn = plan(manifest(*PAIR.apps.values(), shared=(entry,)))
    good = scripted(drawn, APART)
    on_base = {"isolate/environment"}

    def fate(box: Box, app: str) -> Fate:
        under = {parent.split(":")[0] for parent in engine.made[box.image].parents}
        dead = app == "legacy" and under & on_base
        return Fate(exit_code=134, stderr=("No usable version of libssl",)) if dead else good._fate(box, app)

    engine = MemoryEngine(fate, good._holds)
    said = verdict(carry_out(drawn, engine)[1])
    assert (said.kind, said.app) == ("os-library", "legacy")


def test_an_environment_of_ours_that_cannot_be_made_proves_nothing() -> None:
    entry = SharedEntry("side-by-side", policy="side-by-side", apps=("legacy", "modern"))
    drawn = plan(manifest(*PAIR.apps.values(), shared=(entry,)))
    good = scripted(drawn, APART)
    refused = Built(ok=False, tail=("python: not found",), exit_code=127)
    engine = MemoryEngine(good._fate, good._holds, lambda i: refused if "environment" in i.tag else None)
    code, events = carry_out(drawn, engine)
    assert (code, verdict(events).name) == (75, "inconclusive")


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


@pytest.mark.parametrize(
    ("fate", "outcome", "quote"),
    [
        (
            Fate(1, stderr=("OSError: no",), met=frozenset({"pids", "memory"})),
            "fail",
            (
                "OSError: no; a process was killed at the box's memory limit (512 MiB); "
                "the box was at its limit of processes (256)"
            ),
        ),
        (Fate(137, met=frozenset({"memory"})), "fail", "killed at the box's memory limit (its own share is 512 MiB)"),
        (Fate(137, out_of_memory=True), "fail", "killed at the box's memory limit (its own share is 512 MiB)"),
        (Fate(137), "infrastructure", "killed, and not at the box's memory limit: by the machine, or by someone"),
        (Fate(137, met=frozenset({"pids"})), "infrastructure", None),
    ],
    ids=["said", "told-by-the-launcher", "told-by-the-engine", "by-the-machine", "other-cap"],
)
def test_a_cap_that_was_met_is_told_and_a_kill_that_was_not_at_one_proves_nothing(
    fate: Fate, outcome: str, quote: str | None
) -> None:
    drawn = plan(manifest(job("one", NEW), job("two", NEW)))
    engine = MemoryEngine(
        lambda _, app: fate if app == "one" else Fate(0), lambda _: {"python": prints("python", "3.12")}
    )
    _, events = carry_out(drawn, engine)
    cell = next(cell for cell in cells(events) if cell.app == "one")
    assert cell.outcome == outcome
    assert quote is None or cell.quote == quote


@pytest.mark.parametrize(
    ("fate", "outcome"),
    [
        (Fate(137, stdout=("done",)), "pass"),
        (Fate(137, stdout=("done",), met=frozenset({"memory"})), "pass"),
        (Fate(137), "fail"),
    ],
    ids=["as-declared", "at-a-cap", "but-silent"],
)
def test_a_job_that_is_declared_to_end_by_a_kill_may(fate: Fate, outcome: str) -> None:
    killed = ExitCheck(137, stdout=Matcher("done"))
    engine = MemoryEngine(
        lambda _, app: fate if app == "one" else Fate(0), lambda _: {"python": prints("python", "3.12")}
    )
    _, events = carry_out(plan(manifest(job("one", NEW, checks=(killed,)), job("two", NEW))), engine)
    assert next(cell for cell in cells(events) if cell.app == "one").outcome == outcome


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

    def engine(*tail: str) -> MemoryEngine:
        joint = {trial.image.tag for trial in drawn.trials if trial.arm == "shared"}
        good = scripted(drawn, {"legacy": {OLD}, "modern": {OLD}})
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


@pytest.mark.parametrize(
    ("tail", "exit_code", "offline", "named"),
    [
        ("Failed to establish a new connection: [Errno -3]", 1, True, True),
        ("Failed to establish a new connection: [Errno -3]", 1, False, False),
        ("OSError: [Errno 28] No space left on device", 1, True, False),
        ("pip was here", 137, True, False),
        ("failed to receive status: rpc error", None, True, False),
    ],
    ids=["by-the-option", "by-the-network", "by-the-disk", "by-the-memory", "by-the-builder"],
)
def test_a_build_whose_network_was_taken_away_says_by_what(
    tail: str, exit_code: int | None, *, offline: bool, named: bool
) -> None:
    of = manifest(service("legacy", OLD, packages=("six",)), service("modern", OLD))
    drawn = plan(of)
    good, tag = scripted(drawn, {"legacy": {OLD}, "modern": {OLD}}), drawn.images["legacy"].tag
    broken = Built(ok=False, tail=(tail,), exit_code=exit_code)
    engine = MemoryEngine(good._fate, good._holds, lambda image: broken if image.tag == tag else None)
    events: list[Event] = []
    conductor = Conductor(engine, families(), events.append, lambda _: {}, offline=offline)
    assert conduct(conductor, drawn, Options()) == 75
    (cell,) = [cell for cell in cells(events) if cell.outcome == "infrastructure"]
    why = "this build needs a network, and --build-network none takes it away: "
    assert cell.quote.startswith(why) is named


def test_a_check_whose_search_does_not_end_proves_nothing() -> None:
    endless = HttpCheck("/", body=Matcher("(a|aa)+$", regex=True))
    drawn = plan(manifest(service("legacy", OLD, checks=(endless,)), service("modern", OLD)))
    good = scripted(drawn, {"legacy": {OLD}, "modern": {OLD}})
    engine = MemoryEngine(lambda *_: Fate(answers={"": Answer(200, "a" * 60 + "b")}), good._holds)
    code, events = carry_out(drawn, engine)
    assert code == 75
    (said,) = [cell for cell in cells(events) if cell.outcome == "infrastructure"]
    assert said.quote == "GET /: not known within 2 s whether '(a|aa)+$' matches: simplify the expression"


@pytest.mark.parametrize(
    ("answer", "body", "said"),
    [
        (Answer(200, "xxxxxxx", "late", 7, 12), "ok", "no whole answer within 5 s, 7 of 12 bytes came: xxxxxxx"),
        (Answer(200, "xxxxxxx", "late", 7), "ok", "no whole answer within 5 s, 7 bytes came: xxxxxxx"),
        (Answer(200, "xxxxxxx", "short", 7, 12), "ok", "the answer broke off after 7 of 12 bytes: xxxxxxx"),
        (
            Answer(200, "xxx", "long", 1048576, 3000002),
            "ok",
            "answered xxx, without 'ok' in its first 1048576 of 3000002 bytes; more is not looked at",
        ),
        (Answer(200, "xxx"), "ok", "answered xxx, without 'ok'"),
        (Answer(200, "xxx ok", "late", 6, 12), "ok", None),
    ],
    ids=["late", "late-of-no-length", "broken-off", "long", "wrong", "there-already"],
)
def test_an_answer_that_is_not_whole_is_not_told_as_wrong(answer: Answer, body: str, said: str | None) -> None:
    drawn = plan(manifest(service("legacy", OLD, checks=(HttpCheck("/", body=Matcher(body)),)), service("modern", OLD)))
    engine = MemoryEngine(lambda *_: Fate(answers={"": answer}), scripted(drawn, {})._holds)
    _, events = carry_out(drawn, engine)
    cell = next(cell for cell in cells(events) if cell.app == "legacy")
    assert (cell.outcome, cell.quote) == (("fail", f"GET /: {said}") if said else ("pass", ""))


def test_an_expression_does_not_match_where_a_text_is_missing() -> None:
    lines = ExitCheck(0, stdout=Matcher("^b", regex=True))
    asked = HttpCheck("/", body=Matcher("^b", regex=True))
    drawn = plan(manifest(job("one", NEW, checks=(lines,)), service("two", NEW, checks=(asked,))))
    fates = {"one": Fate(0, stdout=("aa",)), "two": Fate(answers={"": Answer(200, "aa")})}
    engine = MemoryEngine(lambda _, app: fates[app], lambda _: {"python": prints("python", "3.12")})
    _, events = carry_out(drawn, engine)
    assert {cell.app: cell.quote for cell in cells(events) if cell.arm == "isolated"} == {
        "one": "stdout was 'aa', which does not match '^b'",
        "two": "GET /: answered aa, which does not match '^b'",
    }


def test_a_check_that_fails_is_evidence_beside_one_whose_search_does_not_end() -> None:
    checks = (HttpCheck("/", body=Matcher("(a|aa)+$", regex=True)), HttpCheck("/", status=204))
    drawn = plan(manifest(service("legacy", OLD, checks=checks), service("modern", OLD)))
    good = scripted(drawn, {"legacy": {OLD}, "modern": {OLD}})
    engine = MemoryEngine(lambda *_: Fate(answers={"": Answer(200, "a" * 60 + "b")}), good._holds)
    _, events = carry_out(drawn, engine)
    said = next(cell for cell in cells(events) if cell.app == "legacy" and cell.outcome != "pass")
    assert (said.outcome, said.quote.startswith("GET /: status 200, not 204")) == ("fail", True)


@pytest.mark.parametrize("times", [1, 2], ids=["once", "again"])
def test_a_builder_that_breaks_is_asked_again_and_proves_nothing(times: int) -> None:
    drawn = plan(manifest(service("legacy", OLD), service("modern", OLD)))
    good, tag = scripted(drawn, {"legacy": {OLD}, "modern": {OLD}}), drawn.images["legacy"].tag
    broken = Built(
        ok=False, tail=("#5 installing", "failed to receive status: rpc error: code = Unavailable desc = EOF")
    )
    left = [broken] * times
    engine = MemoryEngine(good._fate, good._holds, lambda i: left.pop() if i.tag == tag and left else None)
    code, events = carry_out(drawn, engine)
    assert engine.calls.count(f"build {tag}") == 2
    assert code == (0 if times == 1 else 75)
    assert {c.outcome for c in cells(events)} == ({"pass"} if times == 1 else {"infrastructure", "pass", "not-run"})
    assert not any(c.quote == "#5 installing" for c in cells(events))


def test_an_image_that_cannot_be_built_is_broken_and_its_dependents_do_not_run() -> None:
    drawn = plan(manifest(service("legacy", OLD), service("modern", NEW, depends_on={"legacy": "service_healthy"})))
    tag = drawn.images["legacy"].tag
    good = scripted(drawn, APART)
    engine = MemoryEngine(
        good._fate,
        good._holds,
        lambda i: Built(ok=False, tail=("error CS1525",), exit_code=1) if i.tag == tag else None,
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
    starts = list(dict.fromkeys(call for call in engine.calls if call.startswith("start")))
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


def test_two_entries_side_by_side_are_each_asked_about_in_their_own_filesystem() -> None:
    apps = [
        service("a", OLD),
        service("b", NEW),
        service("legacy", OLD),
        service("modern", OLD),
        service("e", "python@3.9"),
    ]
    names = (("a", "b"), ("legacy", "modern", "e"))
    entries = tuple(SharedEntry(f"sxs-{n}", policy="side-by-side", apps=of) for n, of in enumerate(names))
    drawn = plan(manifest(*apps, shared=entries))
    runs = {"a": {OLD}, "b": {NEW}, "legacy": {OLD}, "modern": {OLD}, "e": {"python@3.9"}}
    code, events = carry_out(drawn, scripted(drawn, runs, poison=BOTH))
    reached = [event.verdict for event in events if isinstance(event, VerdictReached)]
    assert [(one.name, one.kind) for one in reached] == [("no-conflict", None), ("conflict", "clobber")]
    assert code == 0
