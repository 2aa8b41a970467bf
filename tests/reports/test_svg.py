"""The slide, as XML: what it says of each verdict, what it never holds, and that the kept pictures are today's."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pages
import pytest
import stories
from lxml import etree
from test_html import HOSTILE, LONG

import scenarios
from orchestrator import runs
from orchestrator.events import CellObserved, Event
from orchestrator.model import SharedEntry
from orchestrator.reports import Run
from orchestrator.reports.page.marks import Mark
from orchestrator.reports.slide.letters import cut, fitted, width
from orchestrator.reports.slide.notes import fates
from orchestrator.reports.svg import svg
from worlds import manifest, service

ROOT = Path(__file__).parents[2]
KEPT = sorted((Path(__file__).parent / "kept").iterdir())
NAMESPACE = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "desc", "rect", "text", "tspan"}
PAYLOADS = {"hostile": HOSTILE, "no-break": "\u00a0W" * 3000, "markup": "</text></svg></desc>", "wide": "価" * 3000}
RUNS: dict[str, Callable[[], Run]] = {
    **{one.__name__: lambda one=one: stories.told(one()) for one in stories.ALL},  # type: ignore[misc]
    **{f"page {name}": story for name, story in pages.STORIES.items()},
    **{f"said {name}": lambda said=said: pages.saying(said) for name, said in PAYLOADS.items()},  # type: ignore[misc]
}


def root(run: Run, entry: str = "") -> etree._Element:
    return etree.fromstring(svg(run, entry).encode())


def words(run: Run, entry: str = "") -> list[str]:
    """Each text, as it is shown."""
    return ["".join(one.itertext()) for one in root(run, entry).iter(f"{NAMESPACE}text")]


@pytest.mark.parametrize("name", RUNS)
def test_every_run_is_one_frame_of_sixteen_to_nine_in_which_nothing_can_act_or_be_fetched(name: str) -> None:
    slide = root(RUNS[name]())
    assert slide.get("viewBox") == "0 0 1600 900"
    assert {one.tag.removeprefix(NAMESPACE) for one in slide.iter()} <= ELEMENTS
    attributes = {str(key) for one in slide.iter() for key in one.attrib}
    assert not [key for key in attributes if "href" in key or key.startswith("on") or key in {"style", "src", "class"}]
    assert not [value for one in slide.iter() for value in one.values() if "url(" in value or "://" in value]


@pytest.mark.parametrize("name", RUNS)
def test_what_stands_on_the_slide_is_in_the_frame_by_the_room_that_is_reckoned(name: str) -> None:
    for one in root(RUNS[name]()).iter(f"{NAMESPACE}text"):
        parent = one.getparent()
        assert parent is not None
        x, y = float(one.get("x", 0)), float(one.get("y", 0))
        right = float(parent.get("width", 1600)) if parent.get("x") else 1600
        assert 0 < y < (float(parent.get("height", 900)) if parent.get("x") else 900)
        most = {"end": x, "middle": 2 * min(x, right - x)}.get(one.get("text-anchor", ""), right - x)
        parts = [(one.text, one), *((part.text, part) for part in one)]
        assert sum(taken(text or "", part, one) for text, part in parts) <= most


def taken(text: str, part: etree._Element, line: etree._Element) -> float:
    """The room of one part of a line."""
    mono = "mono" in line.get("font-family", "")
    bold = part.get("font-weight", line.get("font-weight")) == "700"
    return width(text, float(part.get("font-size", 0)), "mono" if mono else "bold" if bold else "plain") + float(
        part.get("dx", 0)
    )


@pytest.mark.parametrize(
    ("story", "says"),
    [
        (
            scenarios.dotnet,
            [
                "dotnet-pairTwo C# programs, two .NET Core runtimes, one machine.",
                "\u2717 conflict (runtime)as expected",
                "Neither dotnet@3.1 nor dotnet@2.2",
                "isolatedeach on its own runtime",
                "dotnet@2.2 (2.2.2)",
                "\u2713 ok",
                "sharedone dotnet@3.1 for all",
                "\u2717 fail exit 150",
                "alone in it: \u2717 invoice fails, \u2713 telemetry passes",
                "with dotnet@2.2 instead: \u2717 telemetry fails",
                "The framework 'Microsoft.NETCore.App', version '2.2.0' was not found.",
                "isolate test apps/pair/manifest.yaml",
                "one kernel, docker 26.1.5, isolate 0.1.0, 2026-01-01",
            ],
        ),
        (
            scenarios.no_conflict,
            [
                "\u2713 no-conflict",
                "but the manifest expects conflict (manifest.yaml:23)",
                "alone in it: \u2713 old and new pass",
            ],
        ),
        (scenarios.broken_build, ["! broken", "\u2717 fail build", "\u2013 not run", scenarios.PIP_REFUSES[5]]),
        (scenarios.unsettled, ["? inconclusive", "? flaky", "Temporary failure in name resolution"]),
        (stories.flaky, ["? inconclusive", "? flaky", "alone in it: ? legacy is unsettled, \u2713 modern passes"]),
        (scenarios.packages, ["\u2717 conflict (packages)", "sharedpython@3.12 with PIP_NO_INPUT=1: not built"]),
        (scenarios.isolated_only, ["nothing was shared in this run"]),
        (stories.before_anything, ["\u2717 ended before a verdict", "the engine went away", "dial: no such file"]),
        (stories.midway, ["the run did not come this far"]),
    ],
)  # fmt: skip
def test_a_slide_says(story: Callable[[], scenarios.Run], says: list[str]) -> None:
    shown = words(stories.told(story()))
    assert [one for one in says if one not in shown] == []


def test_broken_is_not_taken_for_a_conflict() -> None:
    broken, conflict = (root(stories.told(story())) for story in (scenarios.broken_build, scenarios.dotnet))
    bars = [[one.get("fill") for one in slide.iter(f"{NAMESPACE}rect")][1] for slide in (broken, conflict)]
    assert bars[0] != bars[1]


def test_the_command_is_test_where_apps_were_put_together() -> None:
    assert any(text.startswith("isolate up ") for text in words(stories.told(scenarios.isolated_only())))


def test_another_entry_is_drawn_where_it_is_named() -> None:
    run = stories.told(stories.several())
    assert "one-runtime, one of 2" in words(run)
    shown = words(run, "again")
    assert "again, one of 2" in shown
    assert "sharedpython@3.12 on debian:trixie with PYTHONUTF8=1" in shown


def together(number: int) -> Run:
    """So many apps, of which the last one fails."""
    apps = [service(f"app-{one}", "python@3.12") for one in range(1, number + 1)]
    entry = SharedEntry("one-runtime", apps=tuple(app.name for app in apps))
    of = manifest(*apps, shared=(entry,), name="some")

    def fails(_: float, event: Event) -> Event:
        if isinstance(event, CellObserved) and event.cell.app == apps[-1].name and event.cell.beside:
            return replace(event, cell=replace(event.cell, outcome="fail", phase="start", exit_code=1, quote="no"))
        return event

    return stories.told(scenarios.mended(scenarios.told(of, {"python@3.12": "3.12.1"}, {}), fails))


@pytest.mark.parametrize("number", range(2, 9))
def test_up_to_eight_apps_stand_in_both_lanes(number: int) -> None:
    shown = words(together(number))
    assert [shown.count(f"app-{one}") for one in range(1, number + 1)] == [2] * number
    assert "\u2717 fail exit 1" in shown
    assert len([text for text in shown if text.startswith("python@3.12")]) == number


def test_of_more_apps_those_that_fail_are_shown_and_the_others_are_counted() -> None:
    shown = words(together(20))
    assert shown.count("app-20") == 2
    assert shown.count("and 13 more") == 2
    assert "alone in it: \u2713 all 20 pass" in shown


def test_all_are_said_to_fail_where_all_do() -> None:
    cells = [(f"app-{number}", Mark("fail", "fail")) for number in range(4)]
    assert fates(cells, 4) == "\u2717 all 4 fail"
    assert fates(cells, 5) == "\u2717 app-0, app-1, app-2 and 1 more fail"


def test_every_outcome_has_its_sign_beside_its_colour() -> None:
    for story in (scenarios.dotnet, scenarios.broken_build, scenarios.unsettled):
        for row in root(stories.told(story())).iter(f"{NAMESPACE}svg"):
            texts = ["".join(one.itertext()) for one in row.findall(f"{NAMESPACE}text")]
            assert row.get("viewBox") or any(text.startswith(("\u2713 ", "\u2717 ", "? ", "\u2013 ")) for text in texts)


def test_a_line_of_thirty_megabytes_costs_no_more_than_a_short_one() -> None:
    run = pages.saying(LONG)
    began = time.monotonic()
    text = svg(run)
    assert time.monotonic() - began < 2
    assert len(text) < 20_000


def test_texts_are_cut_where_their_room_ends() -> None:
    assert cut("short", 20, 1000) == "short"
    assert cut("W" * 100, 20, 222) == "W" * 9 + "\u2026"
    lines = fitted("one two three four five six", 200, ((40, 1), (30, 2)), "mono")
    assert (lines.size, lines.texts) == (30, ("one two", "three fou\u2026"))
    assert fitted("aaaa bbbb cccc dd", 300, ((30, 2),), "mono").texts == ("aaaa bbbb", "cccc dd")
    assert fitted("", 200, ((30, 1),)).texts == ("",)


@pytest.mark.parametrize("folder", KEPT, ids=lambda folder: folder.name)
def test_the_pictures_of_the_verdicts_are_what_is_drawn_of_the_runs_that_were_kept(folder: Path) -> None:
    assert (ROOT / f"docs/verdicts/{folder.name}.svg").read_text() == svg(runs.read(folder))


def test_there_is_a_picture_of_every_verdict() -> None:
    names = [folder.name for folder in KEPT]
    assert names == ["broken", "conflict", "inconclusive", "no-conflict"]
    assert sorted(path.stem for path in (ROOT / "docs/verdicts").glob("*.svg")) == names
