"""Plausible wrong ways through the labs that isolate brings: a step that one of them passes asks for too little.

Each begins with the folder as the step's solution leaves it, and spoils that in one respect. So it is this respect that
the check has to notice.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from orchestrator import resources
from orchestrator.lab import checking, command, course, library, workspace
from orchestrator.lab.values import Lab, Step

LABS = library.labs()
Spoil = Callable[[Path], None]
WORKFLOW = ".github/workflows/isolate.yml"
EXPECTED = re.compile(r"\n *expect: .*")
REPORT = """<testsuites name="lab-ci"><testsuite name="lab-ci.isolated">
<property name="run" value="20260101-000000-0000" />
</testsuite><testsuite name="lab-ci.shared.one-runtime">no-conflict, as expected</testsuite></testsuites>"""
"""What matters of a report that a run writes."""


def edit(file: str, old: str, new: str) -> Spoil:
    """Something else in place of what the solution has there."""

    def spoil(folder: Path) -> None:
        text = (folder / file).read_text()
        assert old in text, f"{file} does not hold {old!r} any more"
        (folder / file).write_text(text.replace(old, new))

    return spoil


def expect(new: str = "", file: str = "manifest.yaml") -> Spoil:
    """Another line, or none, in place of `expect`."""

    def spoil(folder: Path) -> None:
        text, found = EXPECTED.subn(f"\n    {new}" if new else "", (folder / file).read_text())
        assert found == 1
        (folder / file).write_text(text)

    return spoil


def put(file: str, text: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / file).write_text(text)

    return spoil


def answers(**given: str) -> Spoil:
    """Guessed ones, `_` in a key stands for the dash."""

    def spoil(folder: Path) -> None:
        text = (folder / "answers.yaml").read_text()
        for key, value in given.items():
            text, found = re.subn(
                rf"(?m)^{key.replace('_', '-')}:.*(\n +- .*)*", f"{key.replace('_', '-')}: {value}", text
            )
            assert found == 1, key
        (folder / "answers.yaml").write_text(text)

    return spoil


def both(*spoils: Spoil) -> Spoil:
    def spoil(folder: Path) -> None:
        for one in spoils:
            one(folder)

    return spoil


WITHOUT_A_RUN: dict[str, tuple[str, Spoil]] = {
    "a report written by hand": (
        "ci/workflow",
        put("junit.xml", "<testsuites><testcase name='one-runtime'/></testsuites>\n"),
    ),
    "the report of the day before": ("ci/workflow", put("junit.xml", REPORT.replace("no-conflict", "conflict"))),
    "the wrong item runs always": (
        "ci/workflow",
        both(
            edit(WORKFLOW, "        if: always()\n", ""),
            edit(WORKFLOW, "checkout@v4\n", "checkout@v4\n        if: always()\n"),
        ),
    ),
    "the condition is a comment": ("ci/workflow", edit(WORKFLOW, "if: always()", "# if: always()")),
    "the upload is a comment": (
        "ci/workflow",
        edit(WORKFLOW, "uses: actions/upload", "run: make # uses: actions/upload"),
    ),
    "the experiment is a comment": (
        "ci/workflow",
        edit(WORKFLOW, "- uses: OWNER/isolate@v1", "- run: make # isolate test --junit, OWNER/isolate@v1"),
    ),
    "the experiment is a name": (
        "ci/workflow",
        edit(WORKFLOW, "uses: OWNER/isolate@v1", "name: isolate test --junit junit.xml"),
    ),
    "the experiment is never red": (
        "ci/workflow",
        edit(
            WORKFLOW,
            "uses: OWNER/isolate@v1\n        with:\n          manifests: manifest.yaml",
            "run: isolate test manifest.yaml --junit junit.xml || true",
        ),
    ),
    "no checkout": ("ci/workflow", edit(WORKFLOW, "uses: actions/checkout@v4", "run: ls # actions/checkout@v4")),
    "not at a push": ("ci/workflow", edit(WORKFLOW, "on: [push, pull_request]", "on: workflow_dispatch # push")),
    "the policy is a comment": (
        "last-install/one-variable",
        edit("manifest.yaml", "policy: side-by-side", "policy: one-runtime # policy: side-by-side"),
    ),
    "the OS is a comment": (
        "last-install/another-os",
        edit("manifest.yaml", "base: debian:bullseye", "# base: debian:bullseye"),
    ),
    "the PATHs are comments": ("last-install/path", edit("path.yaml", "environment: {PATH:", "# environment: {PATH:")),
    "the variable is a comment": (
        "silent/one-flag",
        edit("manifest.yaml", "environment: {DOTNET", "policy: side-by-side # environment: {DOTNET"),
    ),
    "the variable at the app": (
        "silent/one-flag",
        both(
            edit("manifest.yaml", "\n    environment: {DOTNET_ROLL_FORWARD: Major}", ""),
            edit("manifest.yaml", "[dotnet, Invoice.dll]", "[dotnet, Invoice.dll]\n    environment: {DOTNET_ROLL_FORWARD: Major}"),
        ),
    ),
    "an answer is missing": ("one-server/promise", answers(way_out="")),
}
"""Noticed by a look at the files."""

WITH_A_RUN: dict[str, tuple[str, Spoil, str]] = {
    "both lie about what they need": (
        "one-server/declare",
        edit("manifest.yaml", "runtime: python@3.12", "runtime: python@3.8"),
        "",
    ),
    "the loser of the headline everywhere": (
        "one-server/who-fails",
        answers(together_on_38="legacy", alone_on_38="none"),
        "",
    ),
    "a comment instead of the expectation": ("one-server/promise", expect("# expect: because: imp"), "half-ported"),
    "a reason that fits any module": (
        "one-server/promise",
        expect('expect: {verdict: conflict, app: legacy, because: "No module named"}'),
        "half-ported",
    ),
    "the reason of the other app": (
        "one-server/promise",
        expect("expect: {verdict: conflict, because: SyntaxError}"),
        "half-ported",
    ),
    "a value that does no harm": ("last-install/one-variable", edit("manifest.yaml", "LatestMajor", "Major"), ""),
    "what the image has": ("isolated/look", answers(port_of_modern="80"), ""),
    "nobody was killed": ("isolated/crash", lambda _: None, ""),
    "the bill as it is on the new server": (
        "silent/what-the-customer-sees",
        edit("manifest.yaml", "13.87", "13.83"),
        "",
    ),
    "the check gives in, not the program": (
        "silent/one-type",
        both(
            put("invoice/Invoice.cs", (resources.apps() / "dotnet/invoice/Invoice.cs").read_text()),
            edit("manifest.yaml", 'json: {total: "13.87", archived: match}', "status: 200"),
        ),
        "asked",
    ),
    "one order only": ("clobber/see-it", answers(dies_in_some_order="identifiers"), ""),
    "pip is asked in a comment": (
        "clobber/ask-pip",
        both(
            edit("manifest.yaml", '[sh, -c, "python -m pip check && python app.py"]', "[python, app.py] # pip check"),
            edit("manifest.yaml", '{stdout: "No broken requirements found."}, ', ""),
        ),
        "pip-complains",
    ),
    "whatever pip finds, on we go": ("clobber/ask-pip", edit("manifest.yaml", "check &&", "check;"), "pip-fails"),
    "nobody reads what pip says": (
        "clobber/ask-pip",
        edit("manifest.yaml", '{stdout: "No broken requirements found."}, ', ""),
        "pip-complains",
    ),
    "the list without the code": (
        "clobber/one-bson",
        both(edit("archive/app.py", "bson.encode", "bson.dumps"), edit("archive/app.py", "bson.decode", "bson.loads")),
        "asked",
    ),
    "three conflicts, as people say": ("control/three-cases", answers(first="conflict", second="conflict"), ""),
    "the package in the manifest": (
        "control/mend",
        both(
            put("overdue/requirements.txt", ""),
            edit("first.yaml", "build: ./overdue", 'build: ./overdue\n    packages: ["python-dateutil==2.9.0.post0"]'),
        ),
        "asked",
    ),
    "who everybody thinks broke it": ("smallest/first", answers(first="python@3.12"), ""),
    "one environment each": ("smallest/fewest", answers(environments='"5"'), ""),
    "no expectation, and the words in a comment": ("ci/expect", expect("# verdict: conflict"), "ported"),
    "the word alone": ("ci/reason", expect("expect: {verdict: conflict, kind: runtime}"), "half-ported"),
    "ported, and nothing guards it": ("ci/gone", expect(), "half-ported"),
    "all of it is one's own": ("not-isolated/kernel", answers(load="own", uptime="own"), ""),
    "an address as on one machine": ("not-isolated/kernel", answers(address="http://localhost:8080"), ""),
    "a size that fits this box": (
        "not-isolated/memory",
        edit("cache/app.py", "return there", "return 96 * MIB"),
        "twice",
    ),
    "the limit raised, the program as it was": (
        "not-isolated/memory",
        both(
            edit("cache/app.py", "return there", "return 288 * MIB"),
            edit("memory.yaml", "memory: 96M", "memory: 512M"),
        ),
        "once",
    ),
    "no expectation": ("not-isolated/neighbour", expect(file="memory.yaml"), "swapped"),
    "no word on who": (
        "not-isolated/neighbour",
        expect('expect: {verdict: conflict, because: "killed at the box\'s memory limit"}', "memory.yaml"),
        "swapped",
    ),
    "no word on why": (
        "not-isolated/neighbour",
        expect("expect: {verdict: conflict, app: cache}", "memory.yaml"),
        "another-end",
    ),
    "more room instead of a promise": (
        "not-isolated/promise",
        both(
            edit("cache/app.py", 'if "CACHE_MIB" in os.environ', "if False"),
            edit(
                "memory.yaml",
                "memory: 96M}}}\n    checks: [{http: /, body: orders",
                "memory: 512M}}}\n    checks: [{http: /, body: orders",
            ),
        ),
        "promised",
    ),
    "the promise is a number in the program": (
        "not-isolated/promise",
        edit("cache/app.py", 'int(os.environ["CACHE_MIB"]) * MIB', "64 * MIB"),
        "promised",
    ),
    "no size without the variable": (
        "not-isolated/promise",
        edit("cache/app.py", 'if "CACHE_MIB" in os.environ', "if True"),
        "promised",
    ),
    "nothing guards the promise": ("not-isolated/promise", expect(file="memory.yaml"), "greedy"),
}
"""Noticed by a run: in the learner's folder, or in the copy with that overlay, and not before."""
UNDONE = {"nobody was killed"}
"""Here the commands of the solution are what is left out."""


def solved(way: str, folder: Path) -> tuple[Lab, Step]:
    """The learner's folder after the solution of a step, as far as files go."""
    name, _, step = way.partition("/")
    lab = LABS[name]
    found = lab.step(step)
    assert found.name == step
    workspace.make(lab, found, folder)
    workspace.solve(found, folder)
    return lab, found


@pytest.mark.parametrize("way", WITHOUT_A_RUN)
def test_a_wrong_way_is_seen_in_the_files(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at, spoil = WITHOUT_A_RUN[way]
    lab, step = solved(at, tmp_path / "mine")
    (tmp_path / "mine/junit.xml").write_text(REPORT)
    ran: list[Sequence[str]] = []

    def run(words: Sequence[str], *_: Any) -> command.Ran:
        ran.append(words)
        return command.Ran(75, "", "no engine here")

    monkeypatch.setattr(checking, "run", run)
    right = checking.check(lab, step, tmp_path / "mine", lambda _: None)
    assert not [one for one in right if one.outcome == "fail"], "the solution itself is refused"
    ran.clear()
    spoil(tmp_path / "mine")
    findings = checking.check(lab, step, tmp_path / "mine", lambda _: None)
    assert (findings[-1].outcome, ran) == ("fail", [])


OTHER_WORKFLOWS = {
    "a command of one's own": """\
on:
  # every time
  push:
    branches: [main]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - name: Get it
        uses: actions/checkout@v4

      - name: Test
        run: |
          pipx install isolate-runtimes   # or a version of it
          isolate test manifest.yaml --junit junit.xml --html report.html

      - name: Keep
        with:
          name: report
          path: junit.xml

        if: ${{ !cancelled() }}
        uses: "actions/upload-artifact@v4"
""",
    "another indentation": """\
"on":
- push
jobs:
  test:
    steps:
    -   uses: actions/checkout@v4
    -   run: isolate test manifest.yaml --junit junit.xml  # red where it has to be
    -   uses: actions/upload-artifact@v4
        with: {path: junit.xml}
        if: success() || failure()
""",
}


@pytest.mark.parametrize("text", OTHER_WORKFLOWS.values(), ids=OTHER_WORKFLOWS)
def test_another_right_workflow_is_as_good(text: str, tmp_path: Path) -> None:
    lab, step = solved("ci/workflow", tmp_path / "mine")
    (tmp_path / "mine/junit.xml").write_text(REPORT)
    (tmp_path / "mine" / WORKFLOW).write_text(text)
    findings = checking.check(lab, step, tmp_path / "mine", lambda _: None)
    assert {one.outcome for one in findings} == {"pass"}, findings[-1]


@pytest.fixture
def engine(engine_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the labs' commands run on."""
    for name in [name for name in os.environ if name == "CI" or name.startswith("GITHUB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DOCKER_HOST", engine_url)


@pytest.fixture
def tidy() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.docker
@pytest.mark.workshop
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("way", WITH_A_RUN)
def test_a_wrong_way_is_seen_in_a_run(
    way: str, tmp_path: Path, tidy: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, spoil, over = WITH_A_RUN[way]
    folder = tmp_path / at.partition("/")[0]
    lab, step = solved(at, folder)
    for manifest in dict.fromkeys(one for each in lab.steps for one in each.manifests):
        tidy.callback(command.run, ("down", manifest), folder, 60, lambda _: None)
    spoil(folder)
    for each in lab.steps[: lab.steps.index(step) + (way not in UNDONE)]:
        course.run_solution(each, folder, lambda _: None)
    laid: list[str] = []
    lay = workspace.lay
    monkeypatch.setattr(workspace, "lay", lambda source, target: (laid.append(source.name), lay(source, target)))
    findings = checking.check(lab, step, folder, lambda _: None)
    assert not [one for one in findings if one.outcome == "infrastructure"], findings[-1]
    assert [one for one in findings if one.outcome == "fail"]
    assert (laid or [""])[-1] == over, findings[-1]
