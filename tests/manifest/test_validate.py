"""`isolate validate` says what it understood."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from orchestrator.cli import validate
from orchestrator.errors import ManifestError

GOOD = Path(__file__).parent / "good"


def arguments(*words: str, as_json: bool = False) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    validate.arguments(parser)
    return argparse.Namespace(**vars(parser.parse_args(words)), json=as_json)


def test_it_names_every_app_with_its_runtime_and_where_that_is_declared(capsys: pytest.CaptureFixture[str]) -> None:
    assert validate.run(arguments(str(GOOD / "declared.yaml"))) == 0
    assert capsys.readouterr().out.replace(f"{GOOD}/", "") == (
        "ok: 2 apps, 0 shared entries\n"
        "  legacy  python@3.9  (declared/.python-version:1:1)\n"
        "  shop    dotnet@2.2  (shop/Shop.csproj:4:1)\n"
    )


def test_one_of_each_is_singular(capsys: pytest.CaptureFixture[str]) -> None:
    validate.run(arguments(str(GOOD / "smallest.yaml")))
    assert capsys.readouterr().out.startswith("ok: 1 app, 1 shared entry\n")


def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    validate.run(arguments(str(GOOD / "smallest.yaml"), "-p", "mine", as_json=True))
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "isolate/result/v1"
    assert (document["valid"], document["project"], document["exit_code"]) == (True, "mine", 0)
    assert document["apps"]["hello"]["runtime"]["declared"] == "python@3.12"
    assert document["shared"] == [{"name": "one-runtime", "policy": "one-runtime", "apps": ["hello"]}]


def test_a_wrong_manifest_is_raised_for_the_shell_to_print() -> None:
    with pytest.raises(ManifestError):
        validate.run(arguments(str(GOOD.parents[1] / "hostile" / "alias.yaml")))


def test_two_families_in_one_box_are_refused_where_no_base_serves_both(tmp_path: Path) -> None:
    path = tmp_path / "mixed.yaml"
    path.write_text(
        "name: mixed\napps:\n"
        "  old: {runtime: debian@bullseye, command: [openssl]}\n"
        "  new: {runtime: python@3.12, command: [python, new.py]}\n"
        "shared:\n  - name: one-runtime\n"
    )
    with pytest.raises(
        ManifestError, match=r"no OS base is known on which debian@bullseye and python@3.12 work"
    ) as caught:
        validate.run(arguments(str(path)))
    assert caught.value.where == f"{path}:6:5"
