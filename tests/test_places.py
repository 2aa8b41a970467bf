"""Where isolate keeps its things."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestrator import places


@pytest.mark.parametrize(
    ("variable", "place"),
    [("XDG_STATE_HOME", places.state), ("XDG_CACHE_HOME", places.cache), ("XDG_DATA_HOME", places.data)],
)
def test_each_place_obeys_its_variable(
    variable: str, place: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(place)
    monkeypatch.setenv(variable, str(tmp_path))
    assert place() == tmp_path / "isolate"


@pytest.mark.parametrize("value", ["", "relative/folder"])
def test_a_variable_that_is_no_absolute_path_is_ignored(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", value)
    assert places.data() == tmp_path / ".local/share/isolate"


def test_an_empty_home_means_the_one_of_the_user_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert places.state().is_absolute()
    assert len(places.state().parts) > 4


def test_nothing_is_made_by_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    asked = [places.state(), places.cache(), places.data(), places.runtime(), places.engine_socket()]
    assert [path for path in asked if path.exists()] == []
    assert list(tmp_path.iterdir()) == []


def test_symlinks_are_gone_from_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "link"))
    assert places.data() == tmp_path / "real/isolate"


def test_two_data_folders_are_two_engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "one"))
    one = places.identity(), places.engine_socket()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "two"))
    two = places.identity(), places.engine_socket()
    assert not set(one) & set(two)


@pytest.mark.parametrize("uid", [0, 1000])
@pytest.mark.parametrize("folder", ["/run/user/1000", "/" + "long/" * 20])
def test_the_socket_fits_into_an_address_whoever_asks(uid: int, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
    assert len(os.fsencode(places.engine_socket())) < 108
