"""How an app that failed on its own runtime is told of: in words that are true of it."""

from __future__ import annotations

from golden import drawn

from orchestrator.console.final import final
from orchestrator.console.plain import told
from orchestrator.engines import Answer
from orchestrator.engines.memory import Fate, MemoryEngine
from orchestrator.events import CellObserved, Event, RunStarted, VerdictReached
from orchestrator.model import App, ExitCheck, Healthcheck, HttpCheck, Manifest, Mark, Matcher
from orchestrator.picture import picture
from worlds import carry_out, job, manifest, plan, prints, scripted, service

NEW = "python@3.12"
BRIEF = Healthcheck(interval=0.05, retries=2)


def ran(app: App, fate: Fate) -> tuple[Manifest, list[Event]]:
    """A run in which the app is broken and the one beside it is not."""
    of = manifest(app, service("other", NEW))
    good = Fate(answers={"": Answer(200, "ok")})
    engine = MemoryEngine(
        lambda _, name: fate if name == app.name else good, lambda _: {"python": prints("python", "3.12")}
    )
    _, events = carry_out(plan(of), engine)
    return of, events


def shown(of: Manifest, events: list[Event]) -> str:
    apps = {name: str(app.runtime) for name, app in of.apps.items()}
    started = RunStarted(of.name, "run", "0.1.0", apps, of.shared)
    return drawn(final(picture([started, *events]), of, []), 200)


def because(events: list[Event]) -> tuple[str, ...]:
    return next(event.verdict.because for event in events if isinstance(event, VerdictReached))


def test_a_job_that_takes_long_did_not_end_and_the_hint_gives_it_longer() -> None:
    of, events = ran(job("slow", NEW, healthcheck=BRIEF), Fate())
    said = shown(of, events)
    assert "slow was still running (manifest.yaml:5:14): did not end within 0.1 s\n" in said
    assert "hint: healthcheck: {retries: 6} gives it 0.3 s\n" in said
    assert "HTTP" not in said
    assert "fail no end" in next(told(0, event) or "" for event in events if isinstance(event, CellObserved))
    assert because(events) == ("slow fails on its own runtime, python@3.12: did not end within 0.1 s",)


def test_a_service_that_takes_long_gives_no_answer() -> None:
    said = shown(*ran(service("slow", NEW, healthcheck=BRIEF), Fate()))
    assert "slow gives no HTTP answer on its port (manifest.yaml:5:14): not ready within 0.1 s" in said


def test_a_job_that_ended_wrongly_is_not_said_not_to_have_started() -> None:
    of, events = ran(job("bad", NEW), Fate(1, stderr=("ValueError: no",)))
    assert "bad ended with exit 1 (manifest.yaml:5:14): ValueError: no\n" in shown(of, events)


def test_a_job_killed_at_its_limit_is_not_said_not_to_have_started() -> None:
    of, events = ran(job("big", NEW), Fate(137, met=frozenset({"memory"})))
    said = shown(of, events)
    assert "big ended with exit 137 (manifest.yaml:5:14): killed at the box's memory limit" in said
    assert "start" not in because(events)[0]


def test_a_service_that_ended_did_not_start() -> None:
    said = shown(*ran(service("bad", NEW), Fate(1, stderr=("ValueError: no",))))
    assert "bad did not start (manifest.yaml:5:14, exit 1): ValueError: no\n" in said


def test_a_search_that_does_not_end_is_one_sentence() -> None:
    check = HttpCheck("/", body=Matcher("(a|aa)+$", regex=True))
    said = shown(*ran(service("slow", NEW, checks=(check,)), Fate(answers={"": Answer(200, "a" * 60 + "b")})))
    why = "GET /: not known within 2 s whether '(a|aa)+$' matches: simplify the expression"
    assert f"slow could not be checked (manifest.yaml:5:14): {why}" in " ".join(said.split())


def test_a_check_that_fails_is_told_with_its_own_line() -> None:
    marks = {"checks": Mark("m.yaml", 8, 5), "checks.0": Mark("m.yaml", 9, 9), "checks.1": Mark("m.yaml", 10, 9)}
    asked = (HttpCheck("/"), HttpCheck("/total", body=Matcher("13")))
    said = shown(*ran(service("bad", NEW, checks=asked, marks=marks), Fate(answers={"": Answer(200, "12")})))
    assert "bad started and failed a check (m.yaml:10:9): GET /total: answered 12, without '13'\n" in said


def test_a_job_that_ends_otherwise_than_it_should_is_told_with_the_line_that_says_how() -> None:
    one = job("bad", NEW, checks=(ExitCheck(2),), marks={"checks.0": Mark("m.yaml", 9, 9)})
    assert "bad ended with exit 1 (m.yaml:9:9): " in shown(*ran(one, Fate(1, stderr=("no",))))


def test_a_second_try_is_told_with_what_came_of_the_first() -> None:
    _, events = ran(service("slow", NEW, healthcheck=BRIEF), Fate())
    said = [line.split("s  ", 1)[1] for event in events if (line := told(0, event))]
    assert said.index("slow: not ready within 0.1 s; once more") > said.index("started slow")
    assert said.count("started slow") == 1


def test_so_is_that_of_a_shared_box() -> None:
    pair = plan(manifest(service("legacy", "python@3.8"), service("modern", NEW)))
    _, events = carry_out(pair, scripted(pair, {"legacy": {"python@3.8"}, "modern": {NEW}}))
    said = [line.split("s  ", 1)[1] for event in events if (line := told(0, event))]
    assert "legacy, control: legacy: ModuleNotFoundError: No module named 'legacy_needs'; once more" in said
