"""What the buttons do: one action at a time, told to whoever looks, and ended with the server."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import paged
import pytest
from asked import Open, ask, do

from orchestrator.lab import course, progress
from orchestrator.lab.finding import Finding
from orchestrator.lab.page import actions
from orchestrator.lab.page.server import serving
from orchestrator.lab.page.workshop import Workshop


@contextmanager
def messages(opened: Open) -> Iterator[Iterator[dict[str, Any]]]:
    """What the page is told, one after the other."""
    at = urlsplit(opened.site.address)
    connection = http.client.HTTPConnection("127.0.0.1", at.port, timeout=20)
    connection.request("GET", f"{at.path}events")
    answer = connection.getresponse()
    try:
        yield (json.loads(line[6:]) for line in answer if line.startswith(b"data: "))
    finally:
        connection.close()


def wait(workshop: Workshop, condition: Callable[[], bool]) -> None:
    """Until it is true, which a change of the workshop has to tell."""
    changed = threading.Event()
    leave = workshop.watch(changed.set)
    while not condition():
        assert changed.wait(20)
        changed.clear()
    leave()


def idle(opened: Open) -> None:
    wait(opened.workshop, lambda: not opened.workshop.state.doing)


@contextmanager
def checking(opened: Open) -> Iterator[None]:
    """Inside, a check has seen its first cell and goes on."""
    with paged.held(opened.folder):
        do(opened, "check")
        wait(opened.workshop, lambda: any(side.cell for side in opened.workshop.state.drawn.sides.values()))
        yield


def test_a_lab_from_its_first_step_to_the_next_lab(opened: Open) -> None:
    do(opened, "start", value="first")
    do(opened, "check")
    idle(opened)
    assert "Not yet." in ask(opened)[2]
    do(opened, "next")
    assert "step 1 of first is not done yet" in ask(opened)[2]
    (opened.files / "manifest.yaml").write_text(paged.SOLUTION)
    do(opened, "check")
    idle(opened)
    assert "No runtime serves both." in ask(opened)[2]
    do(opened, "next")
    assert "Write <code>done</code> into notes.md." in ask(opened)[2]
    do(opened, "solve")
    idle(opened)
    assert "first.before-1" in ask(opened)[2]
    do(opened, "check")
    idle(opened)
    assert "That was all of this lab" in ask(opened)[2]
    do(opened, "next")
    assert course.standing().lab.name == "second"


def test_reset_brings_the_files_back_and_forgets_what_was_seen(opened: Open) -> None:
    do(opened, "start", value="first")
    (opened.files / "mine.txt").touch()
    do(opened, "check")
    idle(opened)
    do(opened, "reset")
    do(opened, "reset")
    told = ask(opened)[2]
    assert "Not yet." not in told
    assert "kept in" in told
    assert not (opened.files / "mine.txt").exists()


def test_a_reset_is_asked_for_twice_in_a_row(opened: Open) -> None:
    do(opened, "start", value="first")
    (opened.files / "mine.txt").touch()
    for _ in range(2):
        do(opened, "reset")
        assert "Reset once more" in ask(opened)[2]
        do(opened, "hint")
        assert "Reset once more" not in ask(opened)[2]
    assert (opened.files / "mine.txt").exists()


def test_a_check_that_runs_nothing_leaves_what_the_last_one_has_run(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    do(opened, "start", value="first")
    do(opened, "check")
    idle(opened)
    assert "from an earlier run" not in ask(opened)[2]

    def silent(*_: object) -> tuple[Finding, ...]:
        return (Finding("fail", "an answer: culprit", "answers.yaml has none yet"),)

    with monkeypatch.context() as patch:
        patch.setattr(course, "check", silent)
        do(opened, "check")
        idle(opened)
        told = ask(opened)[2]
    assert "from an earlier run" in told
    assert "ERROR: No matching distribution found" in told
    assert '<span class="wanted">culprit</span>: <span class="mark fail">not yet</span>' in told
    do(opened, "check")
    idle(opened)
    assert "from an earlier run" not in ask(opened)[2]


def test_the_list_of_labs_says_what_is_behind_each_button(page: Callable[..., Open]) -> None:
    opened = page({"lab.yaml": paged.LAB.format(title="The first lab").replace("One line", "One `line`")})
    assert "One <code>line</code> for the list." in ask(opened)[2]
    do(opened, "start", value="first")
    do(opened, "start", value="second")
    assert "Go on<span" in ask(opened)[2]
    for step in ("declare", "note"):
        progress.change("first", lambda begun, step=step: begun.done(step))  # type: ignore[misc]
    do(opened, "start", value="second")
    assert "Look again<span" in ask(opened)[2]


def test_nothing_begins_once_the_server_is_closed(opened: Open) -> None:
    opened.workshop.close()
    opened.workshop.act("start", "first")
    assert not opened.files.exists()
    assert not opened.workshop.state.doing


def test_a_second_action_is_refused_while_a_check_is_under_way_and_the_first_goes_on(opened: Open) -> None:
    do(opened, "start", value="first")
    with checking(opened):
        for name in ("check", "reset", "solve", "hint", "next", "start"):
            assert do(opened, name, value="second") == 303
            assert "A check is under way." in ask(opened)[2]
    idle(opened)
    assert "Not yet." in ask(opened)[2]
    assert course.standing().hints == ()


def test_what_is_loaded_again_while_a_check_goes_on_is_what_a_page_was_told(opened: Open) -> None:
    do(opened, "start", value="first")
    with checking(opened), messages(opened) as told:
        lanes = next(told)["regions"]["lanes"][1]
        assert "ERROR: No matching distribution found" in lanes
        assert lanes in ask(opened)[2]
        assert lanes in ask(opened)[2]


def test_a_page_is_told_of_what_has_changed_and_of_that_alone(opened: Open) -> None:
    do(opened, "start", value="first")
    with messages(opened) as told:
        assert set(next(told)["regions"]) == {"where", "text", "told", "result", "hints", "lanes", "labs"}
        do(opened, "hint")
        seen = [next(told)]
        while "hints" not in seen[-1]["regions"]:
            seen.append(next(told))
    assert "Look at the first lines." in seen[-1]["regions"]["hints"][1]
    assert not any({"where", "text", "lanes"} & set(one["regions"]) for one in seen)


def test_what_a_terminal_does_is_seen(opened: Open) -> None:
    do(opened, "start", value="first")
    with messages(opened) as told:
        next(told)
        progress.change("first", lambda begun: begun.done("declare"))
        found = next(told)
    assert found["buttons"]["next"] == "on"
    assert "No runtime serves both." in found["regions"]["result"][1]


def test_stop_ends_a_check_which_may_clean_up(opened: Open) -> None:
    do(opened, "start", value="first")
    with checking(opened):
        do(opened, "stop")
        assert not opened.workshop.state.doing
    assert (opened.folder / "cleaned").exists()
    told = ask(opened)[2]
    assert "isolate test was ended before it was done" in told
    assert "cut short" in told
    assert "http://127.0.0.1:3" not in told
    do(opened, "check")
    idle(opened)
    assert "Not yet." in ask(opened)[2]


def test_a_check_ends_with_the_server(opened: Open) -> None:
    do(opened, "start", value="first")
    with serving(opened.workshop) as site:
        other = Open(opened.folder, opened.workshop, site)
        hold = paged.held(opened.folder)
        hold.__enter__()
        do(other, "check")
        wait(opened.workshop, lambda: opened.workshop.state.runs == 1)
    assert (opened.folder / "cleaned").exists()
    assert not opened.workshop.state.doing


def test_stop_with_nothing_under_way_is_no_error(opened: Open) -> None:
    assert do(opened, "stop") == 303


def test_an_error_is_shown_with_its_hint(opened: Open) -> None:
    do(opened, "start", value="frist")
    told = ask(opened)[2]
    assert "there is no lab called frist" in told
    assert "first" in told


def test_a_bug_is_told_and_the_page_goes_on(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("<b>")

    monkeypatch.setitem(actions.ACTIONS, "hint", broken)  # type: ignore[arg-type]
    do(opened, "hint")
    assert "this is a bug in isolate: RuntimeError(&#39;&lt;b&gt;&#39;)" in ask(opened)[2]
    do(opened, "start", value="first")
    assert "this is a bug" not in ask(opened)[2]


def test_labs_that_cannot_be_read_are_an_error_on_the_page(page: Callable[..., Open]) -> None:
    opened = page({"lab.yaml": "title: [\n"})
    status, _, told = ask(opened)
    assert status == 200
    assert "lab.yaml:" in told


def test_the_folder_that_is_gone_is_said_with_what_mends_it(opened: Open) -> None:
    do(opened, "start", value="first")
    opened.files.rename(opened.folder / "elsewhere")
    do(opened, "check")
    idle(opened)
    told = ask(opened)[2]
    assert "is gone" in told
    assert "isolate lab start first" in told
