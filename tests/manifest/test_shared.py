"""Shared entries, alone and from several manifests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.errors import ManifestError, UsageError
from orchestrator.files import load
from orchestrator.model import Expect, Manifest, Matcher, SharedEntry

Load = Callable[..., Manifest]

ONE = "name: first\napps:\n  one: {runtime: python@3.8, command: [x]}\n"
TWO = "name: second\napps:\n  two: {runtime: dotnet@3.1, command: [x]}\n"


def test_without_the_key_there_is_one_entry_over_all_apps(loaded: Load) -> None:
    assert loaded(ONE).shared == (SharedEntry("one-runtime", "one-runtime", ("one",)),)


def test_an_empty_list_means_none(loaded: Load) -> None:
    assert loaded(ONE + "shared: []\n").shared == ()


def test_an_entry_is_named_after_its_policy(loaded: Load) -> None:
    (entry,) = loaded(ONE + "shared: [{policy: side-by-side}]\n").shared
    assert (entry.name, entry.policy) == ("side-by-side", "side-by-side")


def test_versions_are_stored_with_their_family() -> None:
    numbers, mixed, _ = load([Path(__file__).parent / "good" / "everything.yaml"]).shared
    assert numbers.versions == ("python@3.9", "python@2.7", "python@3.10")
    assert mixed.versions == ("python@3.12", "dotnet@2.2")
    assert numbers.apps == ("web", "database")
    assert mixed.apps == ("database", "worker", "web")


def test_an_expectation_knows_its_place(loaded: Load) -> None:
    (entry,) = loaded(ONE + "shared:\n  - expect: {verdict: broken, app: one, because: nothing}\n").shared
    assert isinstance(entry.expect, Expect)
    assert (entry.expect.verdict, entry.expect.app, entry.expect.because) == ("broken", "one", Matcher("nothing"))
    assert entry.expect.mark
    assert entry.expect.mark.short == "a.yaml:5"


def test_several_manifests_are_one_project_named_after_the_first(loaded: Load, tmp_path: Path) -> None:
    whole = loaded(ONE, TWO)
    assert (whole.name, whole.path, list(whole.apps)) == ("first", tmp_path / "a.yaml", ["one", "two"])
    assert [app.project for app in whole.apps.values()] == ["first", "second"]


def test_the_project_can_be_named_differently(loaded: Load) -> None:
    assert loaded(ONE, project="mine").name == "mine"


def test_a_wrong_project_name_is_a_usage_error(loaded: Load) -> None:
    with pytest.raises(UsageError, match="'Not Mine' is not a name"):
        loaded(ONE, project="Not Mine")


def test_an_entry_without_apps_means_the_apps_of_its_own_manifest(loaded: Load) -> None:
    assert [(entry.name, entry.apps) for entry in loaded(ONE, TWO).shared] == [
        ("one-runtime", ("one",)),
        ("second-one-runtime", ("two",)),
    ]


def test_together_adds_one_entry_over_all(loaded: Load) -> None:
    *_, last = loaded(ONE, TWO, together=True).shared
    assert (last.name, last.policy, last.apps) == ("together", "one-runtime", ("one", "two"))


def test_names_of_entries_never_meet(loaded: Load) -> None:
    first = ONE + "shared: [{name: together}, {name: second-together}]\n"
    names = [entry.name for entry in loaded(first, TWO + "shared: [{name: together}]\n", together=True).shared]
    assert names == ["together", "second-together", "second-together-2", "together-2"]


def test_an_app_that_is_there_twice_is_told_with_both_places(loaded: Load, tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as caught:
        loaded(ONE, ONE)
    assert caught.value.where == f"{tmp_path}/b.yaml:3:3"
    assert caught.value.message == f"the app 'one' is here twice, first at {tmp_path}/a.yaml:3:3"


def test_an_app_may_depend_on_one_of_another_manifest(loaded: Load) -> None:
    whole = loaded(ONE, TWO.replace("command: [x]", "command: [x], depends_on: [one]"))
    assert whole.apps["two"].depends_on == {"one": "service_started"}


def test_nothing_in_a_second_manifest_escapes_its_own_marks(loaded: Load, tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as caught:
        loaded(ONE, TWO.replace("dotnet@3.1", "dotnet@1.0"))
    assert caught.value.where == f"{tmp_path}/b.yaml:3:18"
