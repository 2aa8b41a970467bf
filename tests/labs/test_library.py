"""lab.yaml is read as strictly as a manifest: what a stranger writes there is told by file, line and column."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from labs.written import lab, step, two_files
from orchestrator import resources
from orchestrator.errors import IsolateError, ManifestError, NothingSelected, UsageError
from orchestrator.lab import library
from orchestrator.lab.definition import schema
from orchestrator.lab.values import AnswerIs, CommandEnds, FileHolds, VerdictIs
from orchestrator.model import Matcher

HOLDS = {"file": "a.txt", "holds": "x"}


def test_a_lab_is_what_its_file_says(tmp_path: Path) -> None:
    checks = [
        {"verdict": "conflict", "kind": "runtime", "because": {"matches": "imp"}, "exit": 0},
        {"command": ["exec", "m.yaml", "web", "--", "cat", "/etc/../etc/hostname"], "stdout": "x"},
        {"answer": "culprit", "fact": "shared", "at": "python@3.12"},
        {"file": ".github/workflows/isolate.yml", "holds": "isolate test"},
    ]
    folder = lab(tmp_path / "one", step("first", *checks, solution=[["up", "m.yaml"]]), gallery=["python/legacy"])
    found = library.load(folder)
    assert (found.name, found.minutes, found.gallery) == ("one", 10, ("python/legacy",))
    (first,) = found.steps
    assert first.checks == (
        VerdictIs(verdict="conflict", kind="runtime", because=Matcher("imp", regex=True), exit=0),
        CommandEnds(words=tuple(checks[1]["command"]), stdout=Matcher("x")),
        AnswerIs(key="culprit", fact="shared", at="python@3.12"),
        FileHolds(path=".github/workflows/isolate.yml", holds=Matcher("isolate test")),
    )
    assert (first.text, first.after, first.seconds) == ("do first\n", "so it was with first\n", 120)
    assert first.manifests == ("manifest.yaml", "m.yaml")


WRONG: dict[str, tuple[list[dict[str, Any]], dict[str, Any], str]] = {
    "a verb that is not for labs": (
        [step("s", {"command": ["engine", "stop"]})],
        {},
        "`isolate engine` is not for a lab",
    ),
    "an option that is a verb": ([step("s", {"command": ["--help"]})], {}, "is not for a lab"),
    "a solution that leads out": ([step("s", HOLDS, solution=[["test", "~/m.yaml"]])], {}, "'~/m.yaml' is not a manifest"),
    "a file outside": ([step("s", {"file": "a/../../x", "holds": "x"})], {}, "is not a path inside"),
    "an option for a manifest": ([step("s", {"verdict": "broken", "manifest": "-pvictim"})], {}, "is not a manifest"),
    "an overlay that is not there": ([step("s", {"verdict": "broken", "over": "typo"})], {}, "there is no folder"),
    "an answer to nothing": ([step("s", {"answer": "a", "fact": "app"})], {}, "no check before this one runs anything"),
    "two hints": ([{**step("s", HOLDS), "hints": ["a", "b"]}], {}, "3 are due in this list, and there are 2"),
    "no step": ([], {}, "this list is empty"),
    "two steps of one name": ([step("s", HOLDS), step("s", HOLDS)], {}, "two steps called s"),
    "an example that is not there": ([step("s", HOLDS)], {"gallery": ["python/none"]}, "no example app python/none"),
    "a gallery outside": ([step("s", HOLDS)], {"gallery": ["../python"]}, "is not a folder of apps/"),
    "a key that nobody knows": ([step("s", HOLDS)], {"minute": 3}, "has no key 'minute'"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_a_lab_may_not_say_is_told_with_its_place(what: str, tmp_path: Path) -> None:
    steps, more, message = WRONG[what]
    folder = lab(tmp_path / "one", *steps, **more)
    with pytest.raises(ManifestError) as error:
        library.load(folder)
    assert message in error.value.message
    assert error.value.where.startswith(f"{folder / 'lab.yaml'}:1:")


def commanded(folder: Path, *words: str) -> tuple[str, ...]:
    """The words, as the lab that holds them is read."""
    (first,) = library.load(lab(folder, step("s", {"command": list(words)}))).steps
    (check,) = first.checks
    assert isinstance(check, CommandEnds)
    return check.words


ESCAPES = [
    *("up ../m.yaml", "up /m.yaml", "up ~/m.yaml", "up a/../../m.yaml", "up m.yaml /m.yaml", "up .", "up", "ps", "test x.txt"),
    *("render m.yaml -o/tmp/x", "render m.yaml -o..", "render m.yaml -o ../../y=z", "render m.yaml -o out --force"),
    *("render m.yaml -o out --in-place", "test m.yaml --junit /x", "test m.yaml --junit=x", "test m.yaml --junit=/x"),
    *("test m.yaml --html ../../x=y/r.html", "test m.yaml --html", "test m.yaml --junit -", "test m.yaml --jun x"),
    *("test m.yaml --limit memory=64G", "test m.yaml --limit=memory=64G", "up m.yaml --build-network host"),
    *("up m.yaml --base registry", "up m.yaml --arm everything", "test m.yaml -p victim", "test -p victim m.yaml"),
    *("test m.yaml -pvictim", "up m.yaml --project victim", "up m.yaml --progress plain", "down --all", "down victim"),
    *("down m.yaml --all", "down m.yaml victim", "down m.yaml -- victim", "test m.yaml -- --limit memory=64G"),
    *("exec victim web -- id", "exec m.yaml web", "exec m.yaml web id", "exec m.yaml web --", "exec -p victim web -- id"),
    *("exec m.yaml -p victim -- id", "exec --json m.yaml web -- id", "logs victim", "logs m.yaml -f", "logs m.yaml web -pvictim"),
    *("bisect web", "bisect m.yaml web --runtime python ../x", "bisect m.yaml web --runtime python", "ps m.yaml victim"),
    *("pack m.yaml --what-if web=python@3.12", "matrix m.yaml --versions /..3", "validate m.yaml --together"),
]


@pytest.mark.parametrize("words", ESCAPES)
def test_a_stranger_has_isolate_write_and_run_nowhere_else(words: str, tmp_path: Path) -> None:
    with pytest.raises(ManifestError):
        commanded(tmp_path / "one", *words.split())


TAKEN = [
    *("validate m.yaml --json", "render m.yaml -o out", "test sub/m.yml --keep-going --json --remembered --junit j.xml"),
    *("test m.yaml --html r.html --markdown r.md --svg s.svg --app web --shared one-box", "up m.yaml --arm isolated"),
    *("down m.yaml other.yaml", "ps m.yaml --json", "exec m.yaml web -- sh -c ../x=/y --all -p", "logs m.yaml web --json"),
    *("explain m.yaml --remembered --json", "matrix m.yaml --versions 3.8..3.12 --json", "pack m.yaml --versions python@3.8.."),
    *("bisect m.yaml web --runtime python 3.8..3.12 --remembered --json", "test .x/m.yaml"),
]


@pytest.mark.parametrize("words", TAKEN)
def test_what_labs_need_is_taken(words: str, tmp_path: Path) -> None:
    assert commanded(tmp_path / "one", *words.split()) == tuple(words.split())


def test_what_is_asked_of_in_a_box_is_no_project_to_remove(tmp_path: Path) -> None:
    command = ["exec", "m.yaml", "web", "--", "cat", "../victim/manifest.yaml", "/victim.yml"]
    (first,) = library.load(lab(tmp_path / "one", step("s", {"command": command}))).steps
    assert first.manifests == ("m.yaml",)


@pytest.mark.parametrize("name", ["text.md", "after.md"])
def test_a_step_needs_its_text_and_its_after_word(name: str, tmp_path: Path) -> None:
    folder = two_files(tmp_path)
    (folder / "steps/second" / name).unlink()
    with pytest.raises(ManifestError, match=f"there is no {name}"):
        library.load(folder)


def test_a_lab_that_is_a_pipe_or_a_link_to_a_device_is_refused(tmp_path: Path) -> None:
    for name, make in (("pipe", os.mkfifo), ("zero", lambda path: path.symlink_to("/dev/zero"))):
        (tmp_path / name).mkdir()
        make(tmp_path / name / "lab.yaml")
        with pytest.raises(ManifestError, match="cannot be read"):
            library.load(tmp_path / name)


LINKED = ["files", "over/typo", "steps/first", "steps/first/solution", "steps/first/text.md", "lab.yaml", "files/deep/x"]


@pytest.mark.parametrize("path", LINKED)
def test_nothing_of_a_lab_is_a_link_to_what_is_somebody_elses(path: str, tmp_path: Path) -> None:
    folder = two_files(tmp_path)
    private = tmp_path / "private" / path
    private.parent.mkdir(parents=True)
    at = folder / path
    at.parent.mkdir(parents=True, exist_ok=True)
    if at.exists():
        at.rename(private)
    else:
        private.mkdir()
    at.symlink_to(private)
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        library.load(folder)


def test_a_pipe_in_a_lab_is_refused_and_so_are_more_files_than_a_lab_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = two_files(tmp_path)
    os.mkfifo(folder / "files/pipe")
    with pytest.raises(UsageError, match="files/pipe is neither a file nor a folder"):
        library.load(folder)
    (folder / "files/pipe").unlink()
    library.load(folder)
    monkeypatch.setattr(library, "MOST", 5)
    with pytest.raises(UsageError, match="more than 5 files"):
        library.load(folder)


def test_labs_come_in_the_order_of_the_course(tmp_path: Path) -> None:
    for name, more in (("c", {"number": 1}), ("b", {}), ("a", {}), ("d", {"number": 2})):
        lab(tmp_path / name, step("s", HOLDS), **more)
    assert list(library.labs(tmp_path)) == ["c", "d", "a", "b"]


def test_a_name_that_is_none_is_answered_with_the_near_one(tmp_path: Path) -> None:
    two_files(tmp_path, "clobber")
    with pytest.raises(NothingSelected, match="no lab called clober") as error:
        library.find("clober", tmp_path)
    assert "clobber" in error.value.hint


def test_a_folder_without_labs_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no lab in"):
        library.labs(tmp_path)


def test_no_cut_or_bent_lab_is_a_traceback(tmp_path: Path) -> None:
    folder = two_files(tmp_path)
    text = (folder / "lab.yaml").read_text()
    for end in range(0, len(text), 7):
        (folder / "lab.yaml").write_text(text[:end])
        with pytest.raises(IsolateError):
            library.load(folder)


def test_the_schema_knows_what_the_reader_takes() -> None:
    published = schema()
    jsonschema.Draft7Validator.check_schema(published)
    import yaml

    found = sorted(resources.labs().glob("*/lab.yaml"))
    for path in found:
        jsonschema.validate(yaml.safe_load(path.read_text()), published)
    bad = {"title": "x", "summary": "x", "minutes": 1, "steps": []}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bad, published)


def test_the_published_schema_is_the_one_of_the_package() -> None:
    kept = Path(__file__).parents[2] / "orchestrator/lab.schema.json"
    assert json.loads(kept.read_text()) == schema()
