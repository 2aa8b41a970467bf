"""Interpreters are found by what lies on the disk; none is started."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from orchestrator import catalogue
from orchestrator.errors import Unavailable
from orchestrator.recipes import choice, interpreter


@pytest.fixture
def pyenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pyenv root, and nothing of the real machine."""
    root = tmp_path / "pyenv"
    monkeypatch.setenv("PYENV_ROOT", str(root))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "own/python"))
    monkeypatch.setattr(interpreter.pwd, "getpwuid", lambda _: type("Entry", (), {"pw_dir": str(tmp_path / "real")}))
    return root


def install(prefix: Path, release: str) -> Path:
    version = ".".join(release.split(".")[:2])
    (prefix / f"include/python{version}").mkdir(parents=True)
    (prefix / f"include/python{version}/patchlevel.h").write_text(f'#define PY_VERSION              "{release}"\n')
    (prefix / "bin").mkdir()
    (prefix / f"bin/python{version}").touch()
    return prefix


def test_the_newest_release_of_the_version_is_taken(pyenv: Path) -> None:
    for release in ("3.8.9", "3.8.18", "3.9.2", "3.18.1"):
        install(pyenv / "versions" / release, release)
    found = interpreter.find("3.8")
    assert found == interpreter.Interpreter(pyenv / "versions/3.8.18", "3.8.18")
    assert found.name == "python3.8"


def test_a_short_version_is_never_mistaken_for_a_long_one(pyenv: Path) -> None:
    install(pyenv / "versions/3.12.1", "3.12.1")
    assert interpreter.find("3.1") is None


@pytest.mark.parametrize("place", ["home/.pyenv/versions/3.8.18", "real/.pyenv/versions/3.8.18", "own/cpython-3.8"])
def test_homes_and_siblings_are_searched_too(pyenv: Path, place: str) -> None:
    prefix = install(pyenv.parent / place, "3.8.18")
    assert interpreter.find("3.8") == interpreter.Interpreter(prefix, "3.8.18")


def test_one_on_path_is_found_behind_its_links(pyenv: Path) -> None:
    prefix = install(pyenv.parent / "opt/python", "3.8.18")
    (pyenv.parent / "bin").mkdir()
    (pyenv.parent / "bin/python3.8").symlink_to(prefix / "bin/python3.8")
    assert interpreter.find("3.8") == interpreter.Interpreter(prefix, "3.8.18")


def test_the_distribution_s_own_is_left_alone(pyenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = install(pyenv.parent / "usr", "3.8.18")
    monkeypatch.setattr(interpreter, "_SYSTEM", (prefix,))
    monkeypatch.setenv("PATH", str(prefix / "bin"))
    assert interpreter.find("3.8") is None


def test_one_without_headers_is_no_whole_interpreter(pyenv: Path) -> None:
    (install(pyenv / "versions/3.8.18", "3.8.18") / "include/python3.8/patchlevel.h").unlink()
    assert interpreter.find("3.8") is None


def test_where_the_machine_has_none_a_suite_may(pyenv: Path) -> None:
    chosen = choice.choose(catalogue.entries("python")["3.9"])
    assert (chosen.recipe.suite, chosen.found, chosen.origin) == ("bullseye", None, "Debian bullseye")


def test_the_machine_s_own_comes_before_a_suite_s(pyenv: Path) -> None:
    install(pyenv / "versions/3.9.18", "3.9.18")
    chosen = choice.choose(catalogue.entries("python")["3.9"])
    assert chosen.origin == "CPython 3.9.18 of this machine on Debian bookworm"


def test_where_neither_has_it_the_error_names_what_was_looked_for(pyenv: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        choice.choose(catalogue.entries("python")["3.8"])
    assert str(pyenv / "versions") in caught.value.message
    assert "python3.8 on PATH" in caught.value.message
    assert caught.value.hint == "pyenv install 3.8"
