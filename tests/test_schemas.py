"""The schemas of results and events: shipped, true of all that is written, and able to refuse."""

from __future__ import annotations

import argparse
import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import orchestrator
import scenarios
from isolate import service, write
from orchestrator import record
from orchestrator.cli import main, verbs
from orchestrator.cli import schema as verb
from orchestrator.errors import ManifestError
from orchestrator.events import CellObserved
from orchestrator.reports import schemas
from orchestrator.reports.result import error, result
from published import Validator, is_record, is_result, wrong

STORIES = pytest.mark.parametrize("run", scenarios.STORIES, ids=lambda run: run.__name__)
OPTIONAL = {"run", "cell", "error", "seconds", "folder", "matrix", "pack", "bisect", "explanation"}
NAMED = {"apps", "moved"}
"""Objects whose keys are names that a user chose."""
Place = tuple[str | int, ...]


def document(run: scenarios.Run) -> Any:
    """As a program reads it."""
    return json.loads(json.dumps(result(event for _, event in run[1])))


def lines(run: scenarios.Run) -> list[str]:
    return [record.line(at, event) for at, event in run[1]]


@pytest.mark.parametrize("of", ["result", "events"])
def test_the_shipped_file_is_what_the_verb_prints(of: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert verb.run(argparse.Namespace(of=of)) == 0
    shipped = Path(orchestrator.__file__).with_name(f"{of}.schema.json").read_text("utf-8")
    assert shipped == capsys.readouterr().out
    Validator.check_schema(json.loads(shipped))


@STORIES
def test_the_result_of_every_story_is_what_the_schema_says(run: Callable[[], scenarios.Run]) -> None:
    assert is_result(document(run()))


@STORIES
def test_the_record_of_every_story_is_what_the_schema_says(run: Callable[[], scenarios.Run]) -> None:
    assert is_record(lines(run()))


def test_every_kind_of_event_has_an_example_and_is_explained() -> None:
    told = {type(event) for run in scenarios.STORIES for _, event in run()[1]}
    assert told == set(record.kinds().values())
    explained = schemas.events()["$defs"]
    assert [kind.__name__ for kind in told if not explained[kind.__name__].get("description")] == []


@pytest.mark.parametrize("payload", scenarios.PAYLOADS.values(), ids=scenarios.PAYLOADS)
def test_hostile_words_make_no_other_document(payload: str) -> None:
    run = scenarios.hostile(payload)
    told = lines(run)
    assert is_record(told)
    assert all(line.isascii() and "\n" not in line for line in told)
    assert is_result(document(run))


@STORIES
def test_the_result_says_how_each_isolated_app_went(run: Callable[[], scenarios.Run]) -> None:
    alone = {event.cell.app: event.cell for _, event in run()[1] if isinstance(event, CellObserved) and not event.entry}
    told = {name: app["cell"]["outcome"] for name, app in document(run())["apps"].items()}
    assert told == {name: cell.outcome for name, cell in alone.items()}


def test_an_app_that_could_not_be_built_has_the_reason_in_the_result() -> None:
    shop = document(scenarios.broken_build())["apps"]["shop"]
    cell = shop["cell"]
    assert (shop["state"], cell["outcome"], cell["phase"]) == ("failed", "fail", "build")
    assert cell["quote"] == scenarios.PIP_REFUSES[5]


def test_an_error_before_the_experiment_is_a_result() -> None:
    failure = ManifestError("two keys", where="a.yaml:1:2", hint="mend it", others=(ManifestError("and a third"),))
    assert is_result(json.loads(json.dumps(error(failure))))


@pytest.mark.parametrize(
    "words",
    [
        "validate M",
        "up M --dry-run",
        "render M -o OUT",
        "render M -o OUT --dry-run",
        "validate nothing.yaml",
        "init CLEAR --dry-run",
        "init CLEAR",
        "init UNCLEAR",
        "init OUT",
        "up M --app nobody",
        "up --frobnicate",
        "version",
        "doctor",
        "ps",
        "down M",
        "completion bash",
        "engine env",
        "engine status",
        "engine stop --dry-run",
        "engine install --dry-run",
        "lab list",
        "lab status",
        "lab start nobody",
        "lab check",
        "lab new fresh --labs OUT",
    ],
)
def test_every_answer_is_what_the_schema_says_also_without_an_engine(
    words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    named = {"M": write(tmp_path, "pair", {"one": service("python@3.12")}), "OUT": str(tmp_path / "out")}
    for name, versions in (("CLEAR", {"runtime.txt": "python-3.12"}), ("UNCLEAR", {".python-version": "3.8"})):
        (tmp_path / name).mkdir()
        named[name] = str(tmp_path / name)
        for file, text in {"main.py": "", "runtime.txt": "python-3.12", **versions}.items():
            (tmp_path / name / file).write_text(text)
    code = main([*(named.get(word, word) for word in words.split()), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert is_result(told)
    assert told["exit_code"] == code


def test_every_verb_that_answers_is_in_the_schema() -> None:
    """A new one has no shape yet. `schema` prints a schema, with --json as without."""
    said = " ".join(one.get("description", "") for one in schemas.result()["$defs"].values())
    assert [name for name in verbs() if not re.search(rf"`(isolate )?{name}\b", said)] == ["schema"]


@pytest.mark.parametrize("nothing", [{}, [], None, {"schema": "isolate/result/v1", "exit_code": 0}])
def test_what_is_no_result_and_no_event_is_refused(nothing: Any) -> None:
    assert wrong(Validator(schemas.result()), nothing)
    assert wrong(Validator(schemas.events()), nothing)


def test_a_result_with_one_key_wrong_or_gone_is_refused() -> None:
    whole = document(scenarios.searched())
    open_to_more = Validator(schemas.result())
    assert not wrong(open_to_more, {**whole, "to-come": 1})
    assert [path for path in paths(whole) if not wrong(open_to_more, changed(whole, path, [[]]))] == []
    needed = [path for path in paths(whole) if path[-1] not in OPTIONAL and not NAMED.intersection(path[-2:-1])]
    assert [path for path in needed if not wrong(open_to_more, changed(whole, path))] == []


@STORIES
def test_an_event_with_one_field_wrong_or_gone_is_refused(run: Callable[[], scenarios.Run]) -> None:
    open_to_more = Validator(schemas.events())
    first_of_each = {type(event): record.line(at, event) for at, event in run()[1]}
    for told in map(json.loads, first_of_each.values()):
        assert not wrong(open_to_more, {**told, "to-come": 1})
        for field in told:
            assert wrong(open_to_more, changed(told, (field,))), (told, field)
            assert wrong(open_to_more, changed(told, (field,), [[[]]])), (told, field)


def paths(part: Any, above: Place = ()) -> Iterator[Place]:
    """The place of every key; of a list the first item stands for all."""
    if isinstance(part, list):
        part = dict(enumerate(part[:1]))
    elif isinstance(part, dict):
        yield from ((*above, key) for key in part)
    for key, value in part.items() if isinstance(part, dict) else ():
        yield from paths(value, (*above, key))


def changed(document: Any, path: Place, *value: Any) -> Any:
    """The document with that key gone, or with another value."""
    whole = copy.deepcopy(document)
    parent = whole
    for key in path[:-1]:
        parent = parent[key]
    if value:
        parent[path[-1]] = value[0]
    else:
        del parent[path[-1]]
    return whole
