"""The final picture: exact at 80 columns, readable without colour, and of use for what comes next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from golden import drawn, same

import scenarios
from orchestrator import console
from orchestrator.console.final import final
from orchestrator.events import CellObserved, Failed, Planned, RunStarted, VerdictReached
from orchestrator.picture import picture
from scenarios import Run
from worlds import carry_out, manifest, plan, scripted, service

RUNS = [
    scenarios.dotnet,
    scenarios.python,
    scenarios.no_conflict,
    scenarios.packages,
    scenarios.broken_build,
    scenarios.unsettled,
    scenarios.isolated_only,
]


def text(run: Run, width: int = 80) -> str:
    of, story = run
    return drawn(final(picture(event for _, event in story), of, ["apps/pair.yaml"]), width)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
def test_the_final_picture_is_this_at_80_columns(run: Callable[[], Run]) -> None:
    assert same(f"{run.__name__}.final", text(run()))


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_screen_or_ends_in_blanks(run: Callable[[], Run], width: int) -> None:
    lines = text(run(), width).splitlines()
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line != line.rstrip()]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
def test_everything_of_ours_is_ascii(run: Callable[[], Run]) -> None:
    assert text(run()).isascii()


def test_the_newest_environment_comes_first_whichever_was_observed_first() -> None:
    of, story = scenarios.dotnet()
    cells = [event for _, event in story if isinstance(event, CellObserved)]
    others = [event for _, event in story if not isinstance(event, CellObserved | Planned)]
    backwards = [*others[:-2], *reversed(cells), *others[-2:]]
    assert drawn(final(picture(backwards), of, ["apps/pair.yaml"]), 80) == text((of, story))


def test_environments_that_do_not_fit_beside_each_other_go_below() -> None:
    wide, narrow = text(scenarios.python(), 120).splitlines(), text(scenarios.python(), 60).splitlines()
    assert [line.split() for line in wide if line.startswith("          python@")] == [["python@3.12", "python@3.8"]]
    heads = [line.split() for line in narrow if line.startswith("          python@")]
    assert heads == [["python@3.12"], ["python@3.8"]]


def test_on_a_narrow_screen_nothing_of_an_address_is_lost() -> None:
    shown = text(scenarios.dotnet(), 50)
    table = shown[: shown.index("one-runtime")]
    assert "32801" in table.replace("\n", "").replace(" ", "")


def test_addresses_are_quoted_for_the_shell_and_carry_the_path_of_a_check() -> None:
    assert "  curl 'http://127.0.0.1:32802/stream?from=0&to=9'\n" in text(scenarios.dotnet())


def test_a_project_that_was_given_another_name_keeps_it_in_the_next_commands() -> None:
    of, story = scenarios.isolated_only()
    apps = {name: replace(app, project="its-own-name") for name, app in of.apps.items()}
    assert "  isolate up -p dotnet-pair apps/pair.yaml\n" in text((replace(of, apps=apps), story))


def test_no_more_than_a_handful_of_addresses_is_listed() -> None:
    assert text(scenarios.many()).count("curl") == 4


def test_away_from_a_terminal_the_summary_is_100_columns_wide_and_without_colour(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    of, story = scenarios.dotnet()
    console.summary([event for _, event in story], of, ["apps/pair.yaml"])
    assert capsys.readouterr().out == text((of, story), 100)


def test_a_run_that_ended_before_a_verdict_says_only_why_and_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    of, story = scenarios.dotnet()
    told = [event for at, event in story if at < 7]
    console.summary([*told, Failed("interrupted; what this run made is removed", "", "", 130)], of, [])
    assert capsys.readouterr() == ("", "interrupted; what this run made is removed\n")


def test_what_the_conductor_really_emits_can_be_drawn() -> None:
    of = manifest(service("legacy", "python@3.8"), service("modern", "python@3.12"))
    compiled = plan(of)
    apart = {"legacy": {"python@3.8"}, "modern": {"python@3.12"}}
    _, events = carry_out(compiled, scripted(compiled, apart))
    apps = {name: str(app.runtime) for name, app in of.apps.items()}
    started = RunStarted(of.name, "run", "0.1.0", apps, of.shared)
    shown = drawn(final(picture([started, *events]), of, []), 80)
    assert [event.verdict.name for event in events if isinstance(event, VerdictReached)] == ["conflict"]
    assert "conflict (runtime): neither python@3.12 nor python@3.8 serves both" in shown
    assert shown.count("fail exit 1") == 4
