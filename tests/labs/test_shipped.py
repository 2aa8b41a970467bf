"""The labs that isolate brings: each proves itself on a real engine, and a wrong solution is noticed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from isolate import isolate
from orchestrator import resources
from orchestrator.lab import library
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
@pytest.mark.parametrize("name", LABS)
def test_a_sabotaged_solution_turns_the_selftest_red(name: str, engine_url: str, tmp_path: Path) -> None:
    shutil.copytree(resources.labs() / name, tmp_path / name)
    step, file = sabotaged(LABS[name])
    spoiled = tmp_path / name / "steps" / step / "solution" / file
    text = spoiled.read_text()
    wrong = re.sub(r"(?m)^(\w[\w-]*):.*(\n[ -].*)*", r"\1: nobody", text) if file == "answers.yaml" else "name: lab-spoiled\n"
    spoiled.write_text(wrong)
    code, found = steps(name, "--step", step, "--labs", str(tmp_path), url=engine_url)
    assert code == 1
    assert any("after the solution" in one for one in found[step])


@pytest.mark.parametrize("name", LABS)
def test_texts_name_what_is_there(name: str) -> None:
    """Files that a text tells to look at exist in the learner's folder; commands are isolate's."""
    from orchestrator.cli import parser

    for step in LABS[name].steps:
        for block in re.findall(r"^```\w*\n(.*?)^```", step.text, re.MULTILINE | re.DOTALL):
            for line in block.splitlines():
                if line.startswith("isolate "):
                    words = line.split("#")[0].split("|")[0].split("--", 1)[0] if " -- " in line else line.split("#")[0]
                    assert parser().parse_args(words.split()[1:]).verb
