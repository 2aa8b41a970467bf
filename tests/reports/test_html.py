"""The page, as text: what it holds, what it never holds, and how large it may become."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from hashlib import sha256
from itertools import pairwise

import pages
import pytest
from markup import seen

import scenarios
from orchestrator.events import BuildEnded, CellObserved, RunEnded
from orchestrator.record import Recorded
from orchestrator.reports import Run
from orchestrator.reports.html import html

HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=alert(1)><svg/onload=alert(2)></style></title></pre>"
    "]]>--><!--<![CDATA[&amp;&#60;b&#62;{{ 7 * 7 }}{% raw %} javascript:alert(3) \" onmouseover=\"alert(4)' x='"
    "\x1b[2J\x1b]0;owned\x07\u202eevil\u2066\x00\u2028\ud800 https://example.org/ ::error::owned"
)
LONG = "<'&\x00" * 7_500_000
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module", params=pages.STORIES)
def page(request: pytest.FixtureRequest) -> str:
    return html(pages.STORIES[request.param]())


def test_nothing_in_the_page_can_act_or_be_fetched(page: str) -> None:
    found = seen(page)
    assert not {tag for tag, _ in found.elements} & {
        "script",
        "img",
        "iframe",
        "object",
        "embed",
        "link",
        "base",
        "form",
    }
    assert not {name for _, has in found.elements for name in has if name.startswith("on") or name in {"style", "src"}}
    assert all(target.startswith("#") for target in found.every("href"))
    assert "://" not in page.replace("http://127.0.0.1", "")


def test_the_policy_allows_the_stylesheet_by_its_hash_and_nothing_else(page: str) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = next(meta["content"] for meta in seen(page).each("meta") if "http-equiv" in meta)
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_headings_go_down_one_level_at_a_time_from_a_single_first_one(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in seen(page).elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(lower - upper <= 1 for upper, lower in pairwise(levels))


def test_a_screen_reader_finds_landmarks_names_and_scopes(page: str) -> None:
    found = seen(page)
    ids = found.every("id")
    assert len(ids) == len(set(ids))
    named = [name for value in found.every("aria-labelledby") for name in value.split()]
    assert set(named) | {target[1:] for target in found.every("href")} <= set(ids)
    assert all(has.get("scope") for has in found.each("th"))
    assert all(has.get("role") == "img" or has.get("aria-hidden") or has.get("x") for has in found.each("svg"))
    assert [len(found.each(name)) for name in ("header", "main", "footer")] == [1, 1, 1]
    assert found.each("html") == [{"lang": "en"}]


def words(run: Run) -> str:
    return " ".join("".join(seen(html(run)).words).split())


def classes(run: Run) -> list[str]:
    return seen(html(run)).every("class")


def test_a_conflict_is_told_in_the_first_heading_with_its_reasons_and_what_was_quoted() -> None:
    said = words(pages.STORIES["dotnet"]())
    assert "✗ conflict (runtime), as expected" in said
    assert "Neither dotnet@3.1 nor dotnet@2.2 serves both invoice and telemetry." in said
    assert "The framework 'Microsoft.NETCore.App', version '2.2.0' was not found." in said


def test_the_failing_app_is_lit_up_in_the_shared_box_and_only_there() -> None:
    page = html(pages.STORIES["dotnet"]())
    isolated, shared = re.findall(r'<svg viewBox="0 0 480 .*?</figure>', page, re.DOTALL)
    assert 'class="tile fail"' not in isolated
    assert 'class="glow"' not in isolated
    assert shared.count('class="tile fail"') == 1
    assert shared.count('class="glow"') == 1
    assert "invoice: fail exit 150 and telemetry: pass; in one dotnet@3.1 for all." in shared


def test_what_is_drawn_lies_inside_of_the_drawing() -> None:
    for story in pages.STORIES.values():
        for viewed, drawing in re.findall(r'<svg viewBox="0 0 480 (\d+)" role(.*?)</figure>', html(story()), re.DOTALL):
            for y, height in re.findall(r'<rect class="(?:box|kernel)[^>]* y="(\d+)"[^>]* height="(\d+)"', drawing):
                assert int(y) + int(height) <= int(viewed)


@pytest.mark.parametrize(
    ("story", "says"),
    [
        ("no-conflict", "✓ no-conflict, but the manifest expects conflict (manifest.yaml:23)"),
        ("packages", "one python@3.12 for all: not built"),
        ("broken", "8 more were planned and not run."),
        ("broken", "ERROR: Ignored the following versions that require a different python version"),
        ("inconclusive", "? inconclusive This run proves nothing"),
        ("isolated-only", "Nothing was put together in this run."),
        ("explained", "without pydantic<2 ✓ passes installs"),
        ("explained", "Cheaper ways out way out outcome what was seen side-by-side ✓ works"),
        ("matrix", "legacy claims >=3.8 (manifest.yaml:7); too much, it fails at python@3.12 and python@3.13"),
        ("matrix", "modern python@3.12 not looked at not looked at ✓ pass"),
        ("packed", "2 environments serve 2 apps"),
        ("bisected", "python@3.12 is the first version that breaks legacy"),
        ("failed", "no base for dotnet@2.2"),
        ("remembered", "remembered from 2026-01-01T00:00:00+00:00"),
        ("left-behind", "b: in use"),
        ("cut-short", "no verdict"),
        ("empty", "nothing was observed"),
    ],
)
def test_every_way_a_run_can_end_has_its_words(story: str, says: str) -> None:
    assert says in words(pages.STORIES[story]())


def test_what_apps_say_changes_no_element_and_no_attribute_but_in_words() -> None:
    quiet, loud = (
        [(tag, sorted(set(has) - {"aria-label"})) for tag, has in seen(html(pages.saying(said))).elements]
        for said in ("word", HOSTILE)
    )
    assert loud == quiet


def test_characters_that_act_are_shown_instead() -> None:
    page = html(pages.saying(HOSTILE))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", page)
    page.encode()
    assert "\\x1b]0;owned\\x07\\u202eevil" in page
    assert "&lt;script&gt;document.title=&#39;owned&#39;" in page


def test_lines_of_thirty_megabytes_make_a_small_page_at_once_that_says_what_is_left_out() -> None:
    run = pages.saying(LONG)
    began = time.monotonic()
    page = html(run)
    assert time.monotonic() - began < 5
    assert len(page) < MEGABYTE
    assert "29999400 more characters" in page
    assert "characters before this are left out" in page


def test_many_long_logs_share_the_room_and_all_are_there() -> None:
    logs = {f"log {number}": f"first\n{'x<' * 500_000}\nlast {number}" for number in range(400)}
    page = html(Run((), logs))
    assert len(page) < 4 * MEGABYTE
    assert "last 0" in page
    assert "last 299" in page
    assert "100 more logs are left out" in page


def test_of_thousands_of_observations_the_first_are_shown_and_the_rest_counted() -> None:
    cells = [pages.cell("old", "python@3.12", f"{number}{'x' * 5000}") for number in range(3000)]
    page = html(pages.after(*[CellObserved("one-runtime", cell, ("y" * 5000,) * 100) for cell in cells]))
    assert "2706 more observations are left out" in page
    assert len(page) < 8 * MEGABYTE


def test_a_cell_that_speaks_for_several_entries_is_shown_once_with_all_of_them() -> None:
    cell = pages.cell("old", "python@3.8")
    said = words(pages.after(CellObserved("one", cell), CellObserved("two", cell)))
    assert said.count("alone in python@3.8") == 1
    assert "one, two: alone in python@3.8" in said


def test_the_timeline_tells_in_numbers_what_its_bars_show() -> None:
    said = words(pages.STORIES["dotnet"]())
    assert "invoice alone on dotnet@2.2 3.6 s 0.9 s 1.0 s" in said
    assert "invoice + telemetry together in dotnet@2.2 0.9 s 1.0 s" in said


def test_an_image_that_is_met_again_was_built_only_once() -> None:
    again = BuildEnded(scenarios.image("invoice"), "invoice", "reused")
    run = pages.after(again, scenario=scenarios.dotnet)
    assert "invoice alone on dotnet@2.2 3.6 s 0.9 s 1.0 s" in words(run)


def test_the_command_to_see_it_again_is_told_as_far_as_it_is_known() -> None:
    assert "Next: isolate up 'a b.yaml'" in words(started("a b.yaml", "packages"))
    assert "Next: isolate bisect m.yaml legacy" in words(started("m.yaml", "bisected"))
    assert "Next" not in words(pages.STORIES["empty"]())


def started(manifest: str, story: str) -> Run:
    first, *rest = pages.STORIES[story]().recorded
    return Run((pages.replace(first, event=pages.replace(first.event, manifest=manifest)), *rest), {})  # type: ignore[type-var]


def test_what_a_ci_service_makes_of_it_stands_above_the_verdict() -> None:
    assert re.search(r'class="outcome pass".*?as expected.*?<h1', page_of(scenarios.dotnet()), re.DOTALL)
    assert re.search(r'class="outcome fail".*?not as expected.*?<h1', page_of(scenarios.no_conflict()), re.DOTALL)


def test_a_run_that_was_cut_short_after_a_verdict_says_so_first() -> None:
    of, story = scenarios.dotnet()
    page = page_of((of, [one for one in story if not isinstance(one[1], RunEnded)]))
    assert "ended early" in page.partition("</h1>")[0].partition("<h1")[2]


def page_of(run: scenarios.Run) -> str:
    return html(Run(tuple(Recorded(at, event) for at, event in run[1]), {}))
