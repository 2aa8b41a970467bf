"""Is a step done? By what a run has shown, and by nothing else; what is no evidence is neither yes nor no."""

from __future__ import annotations

import json
import re
import os
from collections.abc import Callable, Sequence
from itertools import chain, repeat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labs.written import lab, step
from orchestrator import matching
from orchestrator.console import lab as console
from orchestrator.cli import parser
from orchestrator.errors import ManifestError, Unavailable
from orchestrator.lab import checking, library
from orchestrator.labels import NAME
from orchestrator.lab.finding import Finding
from orchestrator.lab.command import Ran

CELL = {
    "app": "legacy",
    "arm": "shared",
    "environment": "python@3.12",
    "outcome": "fail",
    "probe": None,
    "quote": "No imp",
}
ENTRY = {
    "name": "one-runtime",
    "verdict": "conflict",
    "kind": "runtime",
    "app": None,
    "because": ["legacy needs python 3.8"],
    "works_at": [],
    "cells": [
        CELL,
        {**CELL, "app": "modern", "outcome": "pass"},
        {**CELL, "app": "modern", "environment": "python@3.8"},
        {**CELL, "arm": "control"},
        {**CELL, "app": "modern", "arm": "control", "outcome": "pass"},
        {**CELL, "app": "modern", "arm": "shared", "probe": "alone-in-image"},
    ],
    "escapes": [{"name": "side-by-side", "outcome": "pass"}, {"name": "roll-forward", "outcome": "fail"}],
}
SECOND = {**ENTRY, "name": "second", "verdict": "no-conflict", "kind": None, "works_at": ["python@3.12", "python@3.11"]}
DOCUMENT = {"shared": [ENTRY, SECOND]}
Look = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Checks of one step against what commands answer; `asked` gets every command that was run, and where."""

    def looked(
        *checks: dict[str, Any],
        ran: Ran | Sequence[Ran] = (),
        answers: str = "",
        asked: list[Any] | None = None,
        **files: str,
    ) -> tuple[Finding, ...]:
        made = lab(tmp_path / "lab", step("only", *checks))
        folder = tmp_path / "mine"
        folder.mkdir(exist_ok=True)
        (folder / "answers.yaml").write_text(answers or "x: y\n")
        for name, text in files.items():
            (folder / name.replace("_", ".")).write_text(text)

        one_after_the_other = (ran,) if isinstance(ran, Ran) else ran or (Ran(0, json.dumps(DOCUMENT), ""),)
        following = chain(one_after_the_other, repeat(one_after_the_other[-1]))

        def run(words: Sequence[str], place: Path, *_: Any) -> Ran:
            if asked is not None:
                asked.append((list(words), place.name, sorted(one.name for one in place.iterdir())))
            return next(following)

        monkeypatch.setattr(checking, "run", run)
        found = library.load(made)
        return checking.check(found, found.steps[0], folder, lambda _: None)

    return looked


def outcomes(findings: tuple[Finding, ...]) -> list[str]:
    return [one.outcome for one in findings]


HOLDS: list[tuple[dict[str, Any], str]] = [
    ({}, "pass"),
    ({"kind": "runtime"}, "pass"),
    ({"kind": "packages"}, "fail"),
    ({"app": "legacy"}, "fail"),
    ({"because": "needs python 3.8"}, "pass"),
    ({"because": {"matches": "^No"}}, "pass"),
    ({"because": "something else"}, "fail"),
    ({"escape": "side-by-side"}, "pass"),
    ({"escape": "roll-forward"}, "fail"),
    ({"exit": 0}, "pass"),
    ({"exit": 1}, "fail"),
    ({"entry": "second"}, "fail"),
    ({"entry": "nobody"}, "fail"),
]


@pytest.mark.parametrize(("more", "outcome"), HOLDS, ids=str)
def test_a_verdict_holds_only_where_all_of_it_does(more: dict[str, Any], outcome: str, look: Look) -> None:
    assert outcomes(look({"verdict": "conflict", **more})) == [outcome]


@pytest.mark.parametrize("code", [75, 130])
def test_what_proved_nothing_is_neither_done_nor_not_done(code: int, look: Look) -> None:
    findings = look({"verdict": "conflict"}, ran=Ran(code, json.dumps(DOCUMENT), "error: no engine answers\n"))
    assert outcomes(findings) == ["infrastructure"]
    with pytest.raises(Unavailable, match="no engine answers"):
        checking.proves_nothing(findings)


@pytest.mark.parametrize("answers", [(), ({"answer": "it", "fact": "kind"},)], ids=["without", "beside an answer"])
def test_that_the_manifests_own_expectation_was_missed_is_said(answers: tuple[dict[str, Any], ...], look: Look) -> None:
    document = {"shared": [{**ENTRY, "as_expected": False}]}
    first, *_ = look({"verdict": "conflict", "exit": 0}, *answers, ran=Ran(1, json.dumps(document), ""), answers="it: x\n")
    assert first.outcome == "fail"
    assert "not as the manifest's `expect` says" in first.for_learner.seen
    assert "`expect`" in first.seen


def test_a_manifest_that_is_wrong_is_told_in_its_own_words(look: Look) -> None:
    (finding,) = look(
        {"verdict": "conflict"}, ran=Ran(2, '{"error": {}}', "error: m.yaml:3:1: an app has no key 'x'\n")
    )
    assert (finding.outcome, finding.seen) == ("fail", "error: m.yaml:3:1: an app has no key 'x'")


ENDS = {"command": ["ps", "manifest.yaml"], "stdout": "Exited"}
UP_AND_ENDED = (Ran(0, "Up 3 seconds", ""), Ran(0, "Up 3 seconds", ""), Ran(0, "Exited (143)", ""))


def test_what_may_take_a_while_is_looked_at_again_until_it_is_so(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "PAUSE_SECONDS", 0)
    asked: list[Any] = []
    assert outcomes(look({**ENDS, "within": 60}, ran=UP_AND_ENDED, asked=asked)) == ["pass"]
    assert len(asked) == len(UP_AND_ENDED)
    assert outcomes(look({**ENDS, "within": 1}, ran=UP_AND_ENDED[0])) == ["fail"], "it comes to an end"
    assert outcomes(look(ENDS, ran=UP_AND_ENDED)) == ["fail"], "where nothing is said, it is looked at once"


def test_what_comes_after_it_is_asked_of_the_last_run(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "PAUSE_SECONDS", 0)
    answer, asked = {"answer": "it", "fact": "stdout"}, list[Any]()
    found = look({**ENDS, "within": 60}, answer, ENDS, ran=UP_AND_ENDED, answers="it: Exited (143)", asked=asked)
    assert outcomes(found) == ["pass"] * 3
    assert len(asked) == len(UP_AND_ENDED), "and the same command is not run once more"


def test_only_commands_that_ask_are_run_again(tmp_path: Path) -> None:
    made = lab(tmp_path / "lab", step("only", {"command": ["test", "manifest.yaml"], "within": 5}))
    with pytest.raises(ManifestError, match="only ps, logs, exec are run again"):
        library.load(made)


def test_what_proves_nothing_is_not_waited_for(look: Look) -> None:
    asked: list[Any] = []
    assert outcomes(look({**ENDS, "within": 60}, ran=Ran(75, "", "no engine"), asked=asked)) == ["infrastructure"]
    assert len(asked) == 1


FACTS: list[tuple[dict[str, Any], str, str]] = [
    ({"fact": "shared", "at": "python@3.12"}, "legacy", "pass"),
    ({"fact": "shared", "at": "python@3.12"}, "[legacy, modern]", "fail"),
    ({"fact": "shared", "at": "python@3.8"}, "Modern", "pass"),
    ({"fact": "works_at", "entry": "second"}, "python@3.11, python@3.12", "pass"),
    ({"fact": "works_at", "entry": "second"}, "python@3.11, python@3.12, python@3.8", "fail"),
    ({"fact": "kind"}, "runtime, runtime", "fail"),
    ({"fact": "control", "at": "python@3.12"}, "legacy", "pass"),
    ({"fact": "control", "at": "python@3.8"}, "legacy", "fail"),
    ({"fact": "verdict"}, "conflict", "pass"),
    ({"fact": "verdict", "entry": "second"}, "no-conflict", "pass"),
    ({"fact": "kind"}, "runtime", "pass"),
    ({"fact": "works_at", "entry": "second"}, "[python@3.11, python@3.12]", "pass"),
    ({"fact": "works_at", "entry": "second"}, "[python@3.11]", "fail"),
    ({"fact": "escapes"}, "side-by-side", "pass"),
    ({"fact": "app"}, "legacy", "fail"),
]


@pytest.mark.parametrize(("asked", "given", "outcome"), FACTS, ids=str)
def test_an_answer_is_compared_with_what_the_run_has_shown(
    asked: dict[str, Any], given: str, outcome: str, look: Look
) -> None:
    found = look({"verdict": "conflict"}, {"answer": "it", **asked}, answers=f"it: {given}\n")
    assert outcomes(found) == ["pass", outcome]


SEARCHES = {
    "pack": {"environments": [{"environment": "python@3.8"}, {"environment": "python@3.12"}]},
    "bisect": {"first": "python@3.12"},
    "shared": [{"name": "x", "explanation": {"lines": [{"text": "pydantic<2"}, {"text": "fastapi>=0.100"}]}}],
}


@pytest.mark.parametrize(
    ("fact", "given", "outcome"),
    [
        ("environments", "2", "pass"),
        ("environments", "3", "fail"),
        ("environments", "[python@3.12, python@3.8]", "pass"),
        ("first", "python@3.12", "pass"),
        ("lines", '["pydantic<2", "fastapi>=0.100"]', "pass"),
        ("lines", '["pydantic<2"]', "fail"),
        ("lines", "pydantic<2, fastapi>=0.100", "pass"),
    ],
)
def test_what_searches_find_can_be_asked_for(fact: str, given: str, outcome: str, look: Look) -> None:
    found = look(
        {"command": ["pack", "m.yaml", "--json"]},
        {"answer": "it", "fact": fact},
        ran=Ran(0, json.dumps(SEARCHES), ""),
        answers=f"it: {given}\n",
    )
    assert outcomes(found) == ["pass", outcome]


def test_what_a_command_prints_is_a_fact_and_unquoted_numbers_stay_as_they_are_written(look: Look) -> None:
    checks = ({"command": ["exec", "m.yaml", "web", "--", "uname", "-r"]}, {"answer": "it", "fact": "stdout"})
    assert outcomes(look(*checks, ran=Ran(0, "3.10\n", ""), answers="it: 3.10\n")) == ["pass", "pass"]
    assert outcomes(look(*checks, ran=Ran(0, "3.10\n", ""), answers="it: 3.1\n")) == ["pass", "fail"]


@pytest.mark.parametrize("answers", ["it:\n", "it: ''\n", "it: []\n", "other: x\n"])
def test_a_blank_answer_fails_without_a_run(answers: str, look: Look) -> None:
    asked: list[Any] = []
    found = look({"verdict": "conflict"}, {"answer": "it", "fact": "kind"}, answers=answers, asked=asked)
    assert (outcomes(found), asked) == (["fail"], [])


def test_answers_that_cannot_be_read_are_told_with_their_place(look: Look) -> None:
    with pytest.raises(ManifestError) as error:
        look({"verdict": "conflict"}, {"answer": "it", "fact": "kind"}, answers="it: &a x\n")
    assert error.value.where.endswith("answers.yaml:1:5")


def test_a_command_holds_by_its_end_and_its_words(look: Look) -> None:
    command = {"command": ["validate", "m.yaml"]}
    said = Ran(2, "out", "error: m.yaml:1:1: no\n")
    assert outcomes(look({**command, "exit": 2, "stderr": "m.yaml:1:1"}, ran=said)) == ["pass"]
    assert outcomes(look({**command, "exit": 2, "stdout": "other"}, ran=said)) == ["fail"]
    assert outcomes(look(command, ran=said)) == ["fail"]
    assert outcomes(look(command, ran=Ran(75, "", "no engine"))) == ["infrastructure"]
    assert outcomes(look({**command, "exit": 75}, ran=Ran(75, "", "no engine"))) == ["pass"]


def test_one_command_is_run_once_for_all_that_ask_of_it(look: Look) -> None:
    asked: list[Any] = []
    look(
        {"verdict": "conflict"},
        {"verdict": "no-conflict", "entry": "second"},
        {"answer": "x", "fact": "kind"},
        asked=asked,
    )
    ((words, _, _),) = asked
    assert [words[0], *words[3:]] == ["test", "manifest.yaml", "--json"]


def test_who_is_at_the_same_lab_in_another_folder_has_a_project_of_another_name(tmp_path: Path) -> None:
    words = ("test", "manifest.yaml", "--json")
    one, other = (checking._apart(words, tmp_path / name) for name in ("one", "other"))
    assert one[1:3] != other[1:3]
    assert parser().parse_args(one).project == one[2]
    assert re.fullmatch(NAME, one[2])
    assert checking._apart(("exec", "m.yaml", "web", "--", "id"), tmp_path)[1] == "m.yaml", (
        "found by its manifest's path"
    )


def test_an_overlay_lies_on_a_copy_and_the_learners_folder_stays_as_it_is(look: Look, tmp_path: Path) -> None:
    (tmp_path / "lab/over/typo").mkdir(parents=True)
    (tmp_path / "lab/over/typo/broken.py").write_text("(")
    asked: list[Any] = []
    found = look({"verdict": "conflict", "over": "typo"}, {"verdict": "conflict"}, asked=asked, mine_py="mine")
    assert outcomes(found) == ["pass", "pass"]
    assert [names for _, _, names in asked] == [["answers.yaml", "broken.py", "mine.py"], ["answers.yaml", "mine.py"]]
    assert not (tmp_path / "mine/broken.py").exists()


def test_what_the_right_answer_is_is_not_said(look: Look) -> None:
    *_, wrong = look({"verdict": "conflict"}, {"answer": "it", "fact": "kind"}, answers="it: port\n")
    assert (wrong.for_learner.wanted, wrong.for_learner.seen) == ("answers.yaml", "the answer is not what was shown")
    assert wrong.seen == "it says port; the run has shown something else"


@pytest.mark.parametrize(
    ("asked", "given", "words"),
    [
        ({"fact": "works_at", "entry": "second"}, "3.12", "python@3.12, python@3.8"),
        ({"fact": "escapes"}, "side by side", "roll-forward, side-by-side"),
        ({"fact": "verdict"}, "no_conflict", "broken, conflict, inconclusive, no-conflict"),
        ({"fact": "shared", "at": "python@3.8"}, "lagacy", "legacy, modern, none"),
    ],
)
def test_a_word_that_no_run_can_show_is_told_with_those_there_are(
    asked: dict[str, Any], given: str, words: str, look: Look
) -> None:
    *_, wrong = look({"verdict": "conflict"}, {"answer": "it", **asked}, answers=f"it: {given}\n")
    assert wrong.for_learner.seen == f"the answer is not what was shown\nit: the words there are: {words}"


SEVEN = [{"answer": f"a{number}", "fact": "kind"} for number in range(7)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([0], "1 of 7 answers is not what was shown"),
        ([6], "1 of 7 answers is not what was shown"),
        ([2, 4], "2 of 7 answers are not what was shown"),
        ([*range(7)], "7 of 7 answers are not what was shown"),
    ],
    ids=str,
)
def test_which_of_several_answers_is_wrong_is_not_said(wrong: list[int], said: str, look: Look) -> None:
    """Not even where each is asked of a run of its own: two values for each would be tried one by one."""
    checks = [
        one
        for number, answer in enumerate(SEVEN)
        for one in ({"verdict": "conflict", "manifest": f"m{number}.yaml"}, answer)
    ]
    answers = "".join(f"a{number}: {'port' if number in wrong else 'runtime'}\n" for number in range(7))
    found = look(*checks, answers=answers)
    assert outcomes(found) == [*["pass"] * 7, "fail"]
    assert (found[-1].for_learner.wanted, found[-1].for_learner.seen, found[-1].checks) == ("answers.yaml", said, 7)
    assert all(f"a{number} says port" in found[-1].seen for number in wrong)


def test_one_that_is_blank_is_named(look: Look) -> None:
    (blank,) = look({"verdict": "conflict"}, *SEVEN[:2], answers="a0: x\n")
    assert (blank.for_learner.wanted, blank.for_learner.seen) == ("an answer: a1", "answers.yaml has none yet")


TELLING: dict[str, tuple[tuple[dict[str, Any], ...], list[str]]] = {
    "an answer is asked for": (
        (
            {"verdict": "conflict", "kind": "runtime", "exit": 0, "manifest": "third.yaml", "entry": "one-runtime"},
            {"command": ["test", "third.yaml", "--keep-going"], "exit": 0, "stdout": "runtime"},
            {"answer": "it", "fact": "kind"},
        ),
        ["third.yaml, one-runtime: isolate test", "isolate test third.yaml --keep-going", "an answer: it"],
    ),
    "the reason is the task": (
        ({"verdict": "conflict", "because": "No imp"}, {"verdict": "conflict", "exit": 0}),
        ["manifest.yaml: isolate test", "manifest.yaml: conflict, exit 0"],
    ),
    "who is the task": (({"verdict": "conflict", "app": "legacy"},), ["manifest.yaml: isolate test"]),
    "nothing is": (({"verdict": "conflict", "kind": "runtime"},), ["manifest.yaml: conflict (runtime)"]),
}


@pytest.mark.parametrize("what", TELLING)
def test_a_check_does_not_print_what_is_asked_for(what: str, look: Look) -> None:
    checks, wanted = TELLING[what]
    entry = {**ENTRY, "app": "legacy"}
    found = look(*checks, ran=Ran(0, json.dumps({"shared": [entry]}), ""), answers="it: runtime\n")
    said = [one.for_learner.wanted for one in found]
    if {"command"} & set().union(*checks):  # its stdout holds "runtime"
        assert outcomes(found) == ["pass"] * 3
    assert said == wanted
    assert [one.for_learner for one in found] == [one.for_learner.for_learner for one in found]


def test_what_does_not_hold_is_not_told_by_what_was_wanted(look: Look) -> None:
    (found,) = look({"verdict": "no-conflict"}, {"answer": "it", "fact": "kind"}, answers="it: port\n")
    assert found.for_learner.seen == "it is not what this step asks for"
    assert (found.wanted, found.seen) == (
        "manifest.yaml: no-conflict",
        "conflict (runtime), exit 0: legacy needs python 3.8",
    )
    (found,) = look({"verdict": "conflict", "because": "secret"})
    assert found.for_learner.seen == (
        "conflict (runtime), exit 0: legacy needs python 3.8; it is not what this step asks for"
    )
    assert "secret" in found.wanted


@pytest.mark.parametrize("answers", [(), ({"answer": "it", "fact": "kind"},)], ids=["without", "beside an answer"])
def test_that_the_manifests_own_expectation_was_missed_is_said(answers: tuple[dict[str, Any], ...], look: Look) -> None:
    document = {"shared": [{**ENTRY, "as_expected": False}]}
    first, *_ = look({"verdict": "conflict", "exit": 0}, *answers, ran=Ran(1, json.dumps(document), ""), answers="it: x\n")
    assert first.outcome == "fail"
    assert "not as the manifest's `expect` says" in first.for_learner.seen
    assert "`expect`" in first.seen


def test_a_manifest_that_is_wrong_is_told_to_the_learner_too(look: Look) -> None:
    ran = Ran(2, '{"error": {}}', "error: m.yaml:3:1: an app has no key 'x'\n")
    (found,) = look({"verdict": "conflict"}, {"answer": "it", "fact": "kind"}, ran=ran, answers="it: x\n")
    assert found.for_learner.seen == "error: m.yaml:3:1: an app has no key 'x'"
    (found,) = look({"command": ["ps", "m.yaml"]}, {"answer": "it", "fact": "stdout"}, ran=ran, answers="it: x\n")
    assert found.for_learner.seen == "exit 2: error: m.yaml:3:1: an app has no key 'x'"


NEVER = {"matches": "^(a|aa)+$"}


@pytest.mark.parametrize(
    "asked",
    [
        {"verdict": "conflict", "because": NEVER},
        {"command": ["ps", "m.yaml"], "stdout": NEVER},
        {"command": ["ps", "m.yaml"], "stderr": NEVER},
        {"file": "a.txt", "holds": NEVER},
    ],
    ids=str,
)
def test_an_expression_without_an_end_proves_nothing(
    asked: dict[str, Any], look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "SECONDS", 0.05)
    long = "a" * 60 + "b"
    ran = Ran(0, json.dumps({"shared": [{**ENTRY, "because": [long]}]}), long)
    if "stdout" in asked:
        ran = Ran(0, long, "")
    (found,) = look(asked, ran=ran, a_txt=long)
    assert (found.outcome, found.seen) == ("infrastructure", "the expression does not come to an end")
    assert "aa" not in found.for_learner.wanted or "verdict" not in asked


def test_a_file_that_is_a_link_to_itself_is_not_there(look: Look, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/a.txt").symlink_to("a.txt")
    assert outcomes(look({"file": "a.txt", "holds": "x"})) == ["fail"]


def test_a_pipe_in_the_learners_folder_is_no_part_of_a_copy(look: Look, tmp_path: Path) -> None:
    (tmp_path / "lab/over/typo").mkdir(parents=True)
    (tmp_path / "mine").mkdir()
    os.mkfifo(tmp_path / "mine/pipe")
    asked: list[Any] = []
    assert outcomes(look({"verdict": "conflict", "over": "typo"}, asked=asked)) == ["pass"]
    assert [names for _, _, names in asked] == [["answers.yaml"]]


def test_a_terminal_counts_what_was_not_looked_at_and_gives_nothing_away(
    look: Look, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = ({"verdict": "conflict", "kind": "runtime"}, *SEVEN)
    answers = "".join(f"a{number}: port\n" for number in range(7))
    found = look(*checks, answers=answers)
    console.checked(SimpleNamespace(step=SimpleNamespace(checks=checks)), found)  # type: ignore[arg-type]
    said = capsys.readouterr().out
    assert "7 of 7 answers are not what was shown" in said
    assert "not looked at yet" not in said
    assert "runtime" not in said


def test_files_are_looked_at_before_anything_is_run_and_the_first_failure_ends_it(look: Look, tmp_path: Path) -> None:
    (tmp_path / "lab/over/typo").mkdir(parents=True)
    asked: list[Any] = []
    found = look({"verdict": "conflict"}, {"file": "ci.yml", "holds": "isolate test"}, asked=asked, ci_yml="make")
    assert (outcomes(found), asked) == (["fail"], [])
    found = look({"verdict": "broken"}, {"verdict": "conflict", "over": "typo"}, asked=asked)
    assert outcomes(found) == ["fail"]
    assert len(asked) == 1
