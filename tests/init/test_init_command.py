"""`isolate init` as a user calls it: files, exit codes, one document, nothing written over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from isolate import document, isolate
from orchestrator.files import load
from shapes import EXPRESS, REPOSITORY, SHAPES, SINATRA, Files, put

NOWHERE = "unix:///nowhere"
TORN: Files = {".python-version": "3.8\n", "Dockerfile": "FROM python:3.12\nCMD python app.py\n"}


@pytest.mark.parametrize("family", SHAPES)
def test_the_manifest_is_valid_and_every_runtime_names_its_source(tmp_path: Path, family: str) -> None:
    put(tmp_path, SHAPES[family])
    ran = isolate("init", str(tmp_path), url=NOWHERE)
    manifest = load([tmp_path / "manifest.yaml"])
    text = (tmp_path / "manifest.yaml").read_text()
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == ""
    assert f"next: isolate up {tmp_path}/manifest.yaml" in ran.stderr
    assert [app.runtime.family for app in manifest.apps.values()] == [family]
    assert f"    # {next(iter(manifest.apps.values())).runtime}: " in text
    assert text.startswith("# For an editor: isolate schema > manifest.schema.json")
    assert "shared" not in text


def test_apps_of_one_family_get_the_experiment_spelled_out(tmp_path: Path) -> None:
    put(tmp_path, REPOSITORY)
    assert isolate("init", str(tmp_path), url=NOWHERE).returncode == 0
    assert "shared:\n  # " in (tmp_path / "manifest.yaml").read_text()
    assert isolate("validate", str(tmp_path / "manifest.yaml"), url=NOWHERE).returncode == 0


def test_apps_of_families_that_cannot_share_are_valid_all_the_same(tmp_path: Path) -> None:
    put(tmp_path / "a", EXPRESS)
    put(tmp_path / "b", SINATRA)
    assert isolate("init", str(tmp_path), url=NOWHERE).returncode == 0
    assert isolate("validate", str(tmp_path / "manifest.yaml"), url=NOWHERE).returncode == 0


def test_names_of_folders_stand_quoted_in_the_commands_that_are_suggested(tmp_path: Path) -> None:
    """They are a stranger's, and commands are copied into shells."""
    shop = put(tmp_path / "shop;touch pwned", {".python-version": "3.8\n", "app.py": ""})
    put(shop / "x;touch pwned", {".python-version": "3.8\n", "app.py": ""})
    fresh, there = (isolate("init", str(shop), url=NOWHERE).stderr for _ in range(2))
    put(shop, TORN)
    open_, above = isolate("init", str(shop), "--force", url=NOWHERE).stderr, str(tmp_path / "a b" / "m.yaml")
    (tmp_path / "a b").mkdir()
    aside = isolate("init", str(shop), "-o", above, url=NOWHERE).stderr
    assert f"next: isolate validate '{shop}/manifest.yaml'\n" in fresh
    assert f"next: isolate up '{shop}/manifest.yaml'\n" in fresh
    assert f"isolate init '{shop}' --force" in there
    assert f"then: isolate validate '{shop}/manifest.yaml'" in open_
    assert f"isolate init '{shop}' -o '{shop}/manifest.yaml'" in aside
    assert "isolate init 'x;touch pwned'" in (shop / "manifest.yaml").read_text()


def test_a_disagreement_exits_2_and_validate_refuses_until_it_is_settled(tmp_path: Path) -> None:
    put(tmp_path, TORN)
    file = tmp_path / "manifest.yaml"
    ran = isolate("init", str(tmp_path), url=NOWHERE)
    assert ran.returncode == 2
    assert ".python-version:1 says python 3.8" in ran.stderr
    assert "Dockerfile:1 says python 3.12" in ran.stderr
    refused = isolate("validate", str(file), url=NOWHERE)
    assert refused.returncode == 2
    assert "python@3.12 or python@3.8" in refused.stderr
    lines = [line for line in file.read_text().splitlines() if "choose" not in line]
    file.write_text("\n".join(lines).replace("# runtime: python@3.8", "runtime: python@3.8"))
    assert isolate("validate", str(file), url=NOWHERE).returncode == 0


def test_an_app_without_a_start_exits_2_and_validate_asks_for_it(tmp_path: Path) -> None:
    put(tmp_path, {"requirements.txt": ""})
    assert isolate("init", str(tmp_path), url=NOWHERE).returncode == 2
    refused = isolate("validate", str(tmp_path / "manifest.yaml"), url=NOWHERE)
    assert refused.returncode == 2
    assert "command" in refused.stderr


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    put(tmp_path, {**EXPRESS, "manifest.yaml": "mine"})
    ran = isolate("init", str(tmp_path), url=NOWHERE)
    assert ran.returncode == 2
    assert "--force" in ran.stderr
    assert (tmp_path / "manifest.yaml").read_text() == "mine"
    assert isolate("init", str(tmp_path), "--force", url=NOWHERE).returncode == 0
    assert (tmp_path / "manifest.yaml").read_text() != "mine"


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    put(tmp_path / "shop", EXPRESS)
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "shop/manifest.yaml").symlink_to(tmp_path / "precious")
    assert isolate("init", str(tmp_path / "shop"), url=NOWHERE).returncode == 2
    assert isolate("init", str(tmp_path / "shop"), "--force", url=NOWHERE).returncode == 0
    assert (tmp_path / "precious").read_text() == "mine"


def test_dry_run_and_stdout_print_the_manifest_and_write_nothing(tmp_path: Path) -> None:
    put(tmp_path, EXPRESS)
    before = sorted(tmp_path.iterdir())
    for words in (["--dry-run"], ["-o", "-"]):
        ran = isolate("init", str(tmp_path), *words, url=NOWHERE)
        assert ran.returncode == 0
        assert "runtime: node@22" in ran.stdout
    assert sorted(tmp_path.iterdir()) == before


def test_a_manifest_above_names_the_folder_on_the_way(tmp_path: Path) -> None:
    put(tmp_path / "a/b", EXPRESS)
    file = tmp_path / "other.yaml"
    assert isolate("init", str(tmp_path / "a/b"), "-o", str(file), url=NOWHERE).returncode == 0
    assert load([file]).apps["b"].build == (tmp_path / "a/b").resolve()
    (tmp_path / "beside").mkdir()
    ran = isolate("init", str(tmp_path / "a/b"), "-o", str(tmp_path / "beside/m.yaml"), url=NOWHERE)
    assert ran.returncode == 2
    assert "does not lie in" in ran.stderr


def test_one_document_tells_apps_sources_choices_and_the_file(tmp_path: Path) -> None:
    put(tmp_path / "shop", TORN)
    told = document(isolate("init", str(tmp_path / "shop"), "--json", url=NOWHERE))
    app = told["apps"]["shop"]
    assert told["schema"] == "isolate/result/v1"
    assert told["exit_code"] == 2
    assert told["file"] == str(tmp_path / "shop/manifest.yaml")
    assert app["runtime"]["declared"] is None
    assert {one["where"] for one in app["runtime"]["sources"]} == {".python-version:1", "Dockerfile:1"}
    assert set(app["choices"]) == {"python@3.8", "python@3.12"}
    assert "disagree" in told["error"]["message"]


def test_an_empty_folder_exits_3_and_one_that_is_not_there_2(tmp_path: Path) -> None:
    assert isolate("init", str(tmp_path), url=NOWHERE).returncode == 3
    ran = isolate("init", str(tmp_path / "nowhere"), "--json", url=NOWHERE)
    assert ran.returncode == 2
    assert "cannot be looked at" in json.loads(ran.stdout)["error"]["message"]
