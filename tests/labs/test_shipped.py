"""The labs that isolate brings: each proves itself on a real engine, and a wrong solution is noticed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from isolate import isolate
from orchestrator import resources
from orchestrator.lab import library, workspace
from orchestrator.lab.values import AnswerIs, Lab, VerdictIs

LABS = library.labs()
ROOT = Path(__file__).parents[2]


def steps(*words: str, url: str) -> tuple[int, dict[str, list[str]]]:
    """How a selftest ended, and what is wrong with each step."""
    ran = isolate("lab", "selftest", *words, "--json", url=url)
    assert ran.stdout, ran.stderr
    return ran.returncode, {one["step"]: one["wrong"] for one in json.loads(ran.stdout)["steps"]}


def test_the_course_has_its_labs_in_the_order_of_the_story() -> None:
    assert list(LABS) == [
        *("one-server", "last-install", "isolated", "silent", "clobber", "control", "smallest", "ci", "not-isolated"),
    ]
    assert all(10 <= lab.minutes <= 20 for lab in LABS.values())


@pytest.mark.docker
@pytest.mark.parametrize("name", LABS)
def test_every_step_fails_before_its_solution_and_passes_after_it(name: str, engine_url: str) -> None:
    code, wrong = steps(name, url=engine_url)
    assert (code, wrong) == (0, {step.name: [] for step in LABS[name].steps})


def sabotaged(lab: Lab) -> tuple[str, str]:
    """A step of which a file of the solution can be spoiled: its name, and that file's."""
    for step in lab.steps:
        for name in ("answers.yaml", "manifest.yaml"):
            asked = any(isinstance(one, AnswerIs) for one in step.checks)
            looked = any(isinstance(one, VerdictIs) and one.manifest == name for one in step.checks)
            if (step.folder / "solution" / name).is_file() and (asked if name == "answers.yaml" else looked):
                return step.name, name
    raise AssertionError(f"no step of {lab.name} can be sabotaged")


@pytest.mark.docker
@pytest.mark.workshop
@pytest.mark.parametrize("name", LABS)
def test_a_sabotaged_solution_turns_the_selftest_red(name: str, engine_url: str, tmp_path: Path) -> None:
    shutil.copytree(resources.labs() / name, tmp_path / name)
    step, file = sabotaged(LABS[name])
    spoiled = tmp_path / name / "steps" / step / "solution" / file
    text = spoiled.read_text()
    if file == "answers.yaml":
        spoiled.write_text(re.sub(r"(?m)^(\w[\w-]*):.*(\n[ -].*)*", r"\1: nobody", text))
    else:
        spoiled.unlink()
    code, found = steps(name, "--step", step, "--labs", str(tmp_path), url=engine_url)
    assert code == 1
    assert any("after the solution" in one for one in found[step])


TO_BE_MADE = {
    "ci/workflow": {".github/workflows/isolate.yml", "junit.xml", "report.html", "summary.md"},
}
"""Files that a text tells to write, and that are not there when the step begins."""
ELSEWHERE = re.compile(r"https?:|/(?:proc|sys|opt|usr|link|circle|total|kernel)\b|docs/ci[.]md$")
"""Not in the learner's folder, and not said to be: addresses, paths of a box, pages of isolate's own."""
FILE = re.compile(r"[\w./-]*\w[.](?:py|ya?ml|txt|md|cs|xml|html|json)|[\w.-]+(?:/[\w.-]+)+/?|[\w.-]+/")
"""A word that looks like a file or a folder: by its end, or by a slash."""


def named(text: str) -> set[str]:
    """Files and folders that a text speaks of: in backticks, alone or in a command, and in blocks of commands."""
    blocks = re.findall(r"^ *```(?:sh)?\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("isolate ")]
    words = [word.rstrip(";") for line in (*re.findall(r"`([^`\n]+)`", prose), *lines) for word in line.split()]
    return {word for word in words if FILE.fullmatch(word) and not ELSEWHERE.match(word)}


@pytest.mark.parametrize(("name", "step"), [(lab.name, step.name) for lab in LABS.values() for step in lab.steps])
def test_texts_name_what_is_there(name: str, step: str, tmp_path: Path) -> None:
    """Files that a text or a hint tells to look at exist in the learner's folder when the step begins."""
    lab = LABS[name]
    found = lab.step(step)
    folder = tmp_path / name
    workspace.make(lab, found, folder)
    there = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    there |= {Path(path).name for path in there} | TO_BE_MADE.get(f"{name}/{step}", set())
    wanted = set().union(*(named(text) for text in (found.text, *found.hints)))
    assert {word.rstrip("/") for word in wanted} - there == set()


def test_what_is_to_be_made_is_spoken_of() -> None:
    for at, files in TO_BE_MADE.items():
        name, _, step = at.partition("/")
        assert files <= named(LABS[name].step(step).text), at


@pytest.mark.parametrize("name", LABS)
def test_commands_of_the_texts_are_isolates(name: str) -> None:
    from orchestrator.cli import parser

    for step in LABS[name].steps:
        for block in re.findall(r"^```\w*\n(.*?)^```", step.text, re.MULTILINE | re.DOTALL):
            for line in block.splitlines():
                if line.startswith("isolate "):
                    words = line.split("#")[0].split("|")[0].split("--", 1)[0] if " -- " in line else line.split("#")[0]
                    assert parser().parse_args(words.split()[1:]).verb
