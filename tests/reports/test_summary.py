"""The Markdown of a run, as a reader of GitHub's dialect sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import stories
from consumers import tables, tokens

import scenarios
from orchestrator.events import AppObserved, Explained, RunStarted
from orchestrator.model import Explanation
from orchestrator.record import Recorded
from orchestrator.reports import Run
from orchestrator.reports.summary import LARGEST, summary

Made = Callable[[], scenarios.Run]


def text(run: scenarios.Run) -> str:
    return summary(stories.told(run))


@pytest.mark.parametrize("made", stories.ALL, ids=lambda made: made.__name__)
def test_it_is_tables_lists_and_code_without_a_link_or_a_tag(made: Made) -> None:
    kinds = {token.type for token in tokens(text(made()))}
    assert not kinds & {"link_open", "image", "html_inline", "html_block"}


@pytest.mark.parametrize("made", stories.ALL, ids=lambda made: made.__name__)
def test_every_row_has_as_many_cells_as_its_table(made: Made) -> None:
    assert [len({len(row) for row in table}) for table in tables(text(made()))] == [1] * len(tables(text(made())))


def test_a_conflict_as_expected_is_told_with_its_grid_and_its_reasons() -> None:
    said = text(scenarios.dotnet())
    apps, grid = tables(said)
    assert apps[1] == ["invoice", "dotnet@2.2", "2.2.2", "local", "healthy"]
    assert grid == [
        ["app", "dotnet@3.1 alone", "dotnet@3.1 together", "dotnet@2.2 alone", "dotnet@2.2 together"],
        ["invoice", "fail exit 150", "fail exit 150", "pass", "pass"],
        ["telemetry", "pass", "pass", "fail exit 150", "fail exit 150"],
    ]
    assert "- `one-runtime`: **conflict (runtime)**, as expected\n" in said
    assert "neither `dotnet@3.1` nor `dotnet@2.2` serves both `invoice` and `telemetry`." in said
    assert "The framework 'Microsoft.NETCore.App', version '2.2.0' was not found.`" in said
    assert "isolate up apps/pair/manifest.yaml\nisolate explain apps/pair/manifest.yaml\n" in said


def test_what_the_manifest_expected_instead_is_told_with_its_line() -> None:
    assert "**no-conflict**, **but the manifest expects** `conflict (manifest.yaml:23)`" in text(
        scenarios.no_conflict()
    )
    assert "**but the manifest expects** `a reason that says 'Permission denied' (manifest.yaml:23)`" in text(
        stories.other_reason()
    )


def test_of_an_app_that_is_broken_the_last_lines_are_told() -> None:
    said = text(scenarios.broken_build())
    assert "`shop` on its own runtime: fail build: `ERROR: No matching distribution found for Django==5.0.6`" in said
    assert "\nSTEP [3/4] RUN python -m pip install" in said
    assert "**broken**: `shop` fails on its own runtime already" in said


def test_what_is_not_settled_says_how_to_try_again() -> None:
    said = text(scenarios.unsettled())
    assert "isolate doctor\nisolate up --repeat 5 apps/pair/manifest.yaml\n" in said
    assert "- `one-runtime`: **inconclusive**\n" in said


def test_each_entry_has_its_own_grid_and_its_ways_out() -> None:
    said = text(stories.several())
    assert [len(table) for table in tables(said)] == [3, 3, 4, 3]
    assert "### `again` on `debian:trixie` with `PYTHONUTF8=1`\n" in said
    assert ["side-by-side", "works", "every declared runtime in one filesystem"] in tables(said)[2]


def test_a_run_that_ended_before_a_verdict_says_why_and_what_it_saw() -> None:
    assert text(stories.before_anything()).startswith(
        "## isolate\n\n**The run ended before a verdict**: `the engine went away`, at `unix:///run/docker.sock`, "
        "hint: `isolate doctor`\n\n```text\ndial: no such file\n```\n"
    )
    assert "fail exit 150" in text(stories.midway())
    assert "**The run ended before a verdict**: it was cut short." in text(stories.cut_short())


def test_an_explanation_is_told() -> None:
    run = stories.told(scenarios.dotnet())
    why = Explained("one-runtime", Explanation((), ("because `invoice` <b>needs</b> 2.2",), (), ()))
    said = summary(replace(run, recorded=(*run.recorded, Recorded(15.2, why))))
    assert "Why:\n\n- ``because `invoice` <b>needs</b> 2.2``\n" in said


@pytest.mark.parametrize(
    "said", ["`", "``a``", "a`", "```", "\\`", "\\", "|", "\\|", "\\\\|", " ", "", "\x1b[0m", "~~~"]
)
def test_no_quotation_ends_its_span_its_cell_or_its_block(said: str) -> None:
    run = stories.told(scenarios.hostile(said))
    made = summary(run)
    assert [len({len(row) for row in table}) for table in tables(made)] == [1, 1]
    assert [token.content for token in tokens(made) if token.type == "fence"][-1].startswith("isolate up")


def test_however_much_was_said_github_takes_it() -> None:
    run = stories.told(scenarios.many())
    started, *rest = run.recorded
    assert isinstance(started.event, RunStarted)
    apps = {f"app-{number}-{'x' * 60}": "python@3.12" for number in range(20_000)}
    seen = next(one.event for one in rest if isinstance(one.event, AppObserved))
    more = [Recorded(1.0, replace(seen, app=app, state="failed", tail=("y" * 300,) * 12)) for app in apps]
    flood = summary(Run((replace(started, event=replace(started.event, apps=apps)), *more), {}))
    assert len(flood.encode()) < LARGEST + 200 < 2**20
    assert flood.endswith("the record of the run has all of it.\n")
