"""Manifest -> plan: what is built and run, named by content, and printed as a document."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator import render
from orchestrator.errors import ManifestError, NothingSelected
from orchestrator.model import ContextFile, Expect, Limits, Mark, Runtime, SharedEntry
from orchestrator.plan import Context, needed, select
from orchestrator.plan.choice import divided
from orchestrator.runtimes import families
from worlds import MARK, manifest, plan, service

OLD, NEW = "python@3.8", "python@3.12"
PAIR = manifest(service("legacy", OLD), service("modern", NEW))
PACKAGES = {
    "legacy": Context((ContextFile("requirements.txt", b"six==1.15.0\n"),), "1" * 64),
    "modern": Context((ContextFile("requirements.txt", b"six==1.16.0\n"),), "2" * 64),
}


def test_the_plan_is_a_document_that_names_every_box() -> None:
    lines = [
        line.split(", because")[0].rsplit(" as ")[0] for line in str(plan(PAIR)).splitlines() if line.startswith("run")
    ]
    assert lines == [
        "run     isolated python@3.8: legacy",
        "run     isolated python@3.12: modern",
        "run     control python@3.8: legacy",
        "run     control python@3.12: legacy",
        "run     control python@3.12: modern",
        "run     control python@3.8: modern",
        "run     shared python@3.12 together: legacy + modern",
        "run     shared python@3.8 together: legacy + modern",
    ]


def test_apps_that_both_bring_packages_are_also_installed_one_after_the_other() -> None:
    orders = [trial.lane for trial in plan(PAIR, contexts=PACKAGES).trials if trial.arm == "shared"]
    assert orders == ["together", "in-order", "reversed"] * 2


def test_an_image_is_named_by_what_goes_in_and_by_nothing_else() -> None:
    first, again = plan(PAIR), plan(PAIR, run="another", host={"ca.pem": b"a bundle"})
    assert first.images == again.images
    changed = plan(PAIR, contexts={**PACKAGES, "modern": Context((), "3" * 64)})
    assert changed.images["modern"].tag != first.images["modern"].tag


def test_a_changed_app_changes_every_shared_image_it_is_in() -> None:
    before = {str(trial): trial.image.tag for trial in plan(PAIR).trials}
    contexts = {"legacy": Context((), "0" * 64), "modern": Context((), "9" * 64)}
    after = {str(trial): trial.image.tag for trial in plan(PAIR, contexts=contexts).trials}
    same = {name for name in before if before[name] == after[name]}
    assert same == {"control python@3.8: legacy", "control python@3.12: legacy"}


def test_two_apps_of_one_version_are_each_controlled_once() -> None:
    other = service("modern", OLD, mark=Mark("manifest.yaml", 9, 1))
    other = replace(other, runtime=replace(other.runtime, source=Mark("manifest.yaml", 10, 14)))
    drawn = plan(manifest(service("legacy", OLD), other))
    assert [(trial.arm, trial.entries) for trial in drawn.trials] == [
        ("control", ("one-runtime",)),
        ("control", ("one-runtime",)),
        ("shared", ("one-runtime",)),
    ]


def test_a_shared_box_gives_each_app_a_port_of_its_own_and_the_sum_of_the_caps() -> None:
    box = plan(PAIR).trials[-1].box
    assert [launch.ports for launch in box.launches] == [(20001,), (20002,)]
    assert [launch.environment["PORT"] for launch in box.launches] == ["20001", "20002"]
    assert box.limits == Limits() + Limits()


def test_a_control_gives_ports_as_the_shared_box_does() -> None:
    controls = [trial.box.launches[0] for trial in plan(PAIR).trials if trial.arm == "control"]
    assert {(launch.ports, launch.environment["PORT"]) for launch in controls} == {((20001,), "20001")}


def test_one_version_on_two_images_is_two_bases_and_shared_it_is_the_first_ones() -> None:
    first, second = (
        replace(app, runtime=replace(app.runtime, image=f"example.test/{app.name}:1"))
        for app in (service("legacy", NEW), service("modern", NEW))
    )
    of = manifest(first, second)
    assert set(needed(of)) == {first.runtime, second.runtime}
    drawn = plan(of)
    assert "example.test/legacy:1" in drawn.images["legacy"].dockerfile
    assert "example.test/modern:1" in drawn.images["modern"].dockerfile
    assert all("example.test/legacy:1" in trial.image.dockerfile for trial in drawn.trials)


def test_a_control_is_of_the_image_that_its_entry_shares() -> None:
    images = {name: Runtime("python", "3.12", image=f"example.test/{name}:1") for name in "ab"}
    apps = [replace(service(name, NEW), runtime=images[name]) for name in "ab"] + [service("c", OLD)]
    entries = tuple(SharedEntry(f"with-{name}", apps=(name, "c"), versions=(NEW,)) for name in "ab")
    of_c = {
        trial.entries: trial.image.dockerfile
        for trial in plan(manifest(*apps, shared=entries)).trials
        if (trial.arm, trial.apps, trial.environment) == ("control", ("c",), NEW)
    }
    assert {entries: f"example.test/{entries[0][-1]}:1" in text for entries, text in of_c.items()} == {
        ("with-a",): True,
        ("with-b",): True,
    }


def test_boxes_of_two_projects_never_share_a_name() -> None:
    one = plan(manifest(service("two-x", NEW), name="t")).boxes["two-x"].name
    other = plan(manifest(service("x", NEW), name="t-two")).boxes["x"].name
    trial = plan(manifest(service("a", NEW), service("b", NEW), name="t-two"), run="x").trials[0].box.name
    assert (one, other, trial) == ("isolate-t_two-x", "isolate-t-two_x", "isolate-t-two_x-1")


def test_an_app_called_as_one_of_our_files_collides_with_nothing() -> None:
    of = manifest(service("launch", NEW, packages=("six",)), service("host", NEW, packages=("six",)))
    files = [file.path for file in plan(of).trials[-1].image.files]
    assert files == ["isolate/launch", "isolate/lists/launch/packages.txt", "isolate/lists/host/packages.txt"]


def test_a_file_that_asks_for_packages_is_known_by_its_exact_name() -> None:
    assert not [name for family in families().values() for name in family.package_files if "*" in name]


def test_peers_are_found_by_url_in_the_box_they_live_in() -> None:
    drawn = plan(PAIR)
    assert drawn.boxes["legacy"].launches[0].environment["MODERN_URL"] == "http://modern:8080"
    assert drawn.trials[0].box.launches[0].environment["MODERN_URL"] == "http://modern:8080"
    assert drawn.trials[-1].box.launches[0].environment["MODERN_URL"] == "http://127.0.0.1:20002"


def test_an_entrys_environment_reaches_the_shared_box_and_not_the_control() -> None:
    entry = SharedEntry("forward", apps=("legacy", "modern"), environment={"DOTNET_ROLL_FORWARD": "Major"})
    drawn = plan(manifest(*PAIR.apps.values(), shared=(entry,)))
    reached = {
        trial.arm for trial in drawn.trials for one in trial.box.launches if "DOTNET_ROLL_FORWARD" in one.environment
    }
    assert reached == {"shared"}


def test_versions_limit_the_candidates_and_never_the_control_at_its_own() -> None:
    entry = SharedEntry("new-only", apps=("legacy", "modern"), versions=(NEW,))
    drawn = plan(manifest(*PAIR.apps.values(), shared=(entry,)))
    assert {str(trial) for trial in drawn.trials} == {
        "control python@3.8: legacy",
        "control python@3.12: legacy",
        "control python@3.12: modern",
        "shared python@3.12 together: legacy + modern",
    }


def test_dependencies_start_first_in_the_shared_box() -> None:
    first = service("legacy", OLD, depends_on={"modern": "service_healthy"})
    assert plan(manifest(first, service("modern", NEW))).trials[-1].apps == ("modern", "legacy")


def test_a_box_of_two_families_says_that_no_base_is_known() -> None:
    both = manifest(service("legacy", OLD), service("hashes", "debian@bullseye"))
    with pytest.raises(ManifestError, match=r"no OS base is known on which debian@bullseye and python@3.8 work"):
        plan(both)


def test_an_entry_that_nobody_wrote_is_cut_to_what_can_share_a_box() -> None:
    apps = service("a", OLD), service("b", NEW), service("c", "debian@bullseye")
    implicit, written = (
        manifest(*apps),
        manifest(*apps, shared=(SharedEntry("one-runtime", apps=("a", "b", "c"), mark=MARK),)),
    )
    assert [(one.name, one.apps) for one in divided(implicit).shared] == [("one-runtime-python", ("a", "b"))]
    assert divided(written) == written
    together = manifest(service("a", OLD), service("b", "dotnet@2.2"))
    assert divided(together) == together


def test_a_box_of_two_families_stands_on_a_debian_known_to_suit_both() -> None:
    drawn = plan(manifest(service("legacy", OLD), service("invoice", "dotnet@2.2"), service("modern", NEW)))
    shared = [trial for trial in drawn.trials if trial.arm == "shared"]
    assert [trial.environment for trial in shared] == ["dotnet@2.2+python@3.12", "dotnet@2.2+python@3.8"]
    assert {trial.base for trial in shared} == {"debian:bookworm"}
    assert {trial.box.families for trial in shared} == {("dotnet", "python")}
    alone = {(trial.apps, trial.environment) for trial in drawn.trials if trial.arm == "control"}
    assert (("legacy",), NEW) in alone
    assert (("legacy",), "dotnet@2.2") not in alone


def test_selecting_an_app_keeps_what_it_depends_on() -> None:
    needs = service("legacy", OLD, depends_on={"modern": "service_healthy"})
    of = manifest(needs, service("modern", NEW), service("other", NEW))
    assert list(select(of, apps=["legacy"]).apps) == ["legacy", "modern"]
    assert select(of, apps=["legacy"]).shared[0].apps == ("legacy", "modern")


def test_an_entry_that_loses_an_app_expects_nothing_and_alone_shares_nothing() -> None:
    entry = SharedEntry("all", apps=("a", "b", "c"), expect=Expect(verdict="conflict"))
    of = manifest(*(service(name, NEW) for name in "abc"), shared=(entry,))
    (cut,) = select(of, apps=["a", "b"]).shared
    assert (cut.apps, cut.expect) == (("a", "b"), None)
    assert select(of, apps=["a"]).shared == ()


@pytest.mark.parametrize("asked", [{"apps": ["nobody"]}, {"entries": ["nothing"]}])
def test_an_empty_selection_is_refused(asked: dict[str, list[str]]) -> None:
    with pytest.raises(NothingSelected):
        select(PAIR, **asked)


def test_credentials_become_a_secret_and_never_part_of_the_context() -> None:
    of = manifest(service("legacy", OLD, packages=("six",)), service("modern", NEW))
    image = plan(of, host={"python/pip.conf": b"https://me:word@index"}, secret=frozenset({"python/pip.conf"})).images[
        "legacy"
    ]
    assert list(image.secrets) == ["pip.conf"]
    assert not [file.path for file in image.files if "pip.conf" in file.path]


@pytest.mark.parametrize(("base", "brings"), [(None, True), ("debian:bullseye", False)])
def test_runtimes_bring_their_libraries_unless_an_os_is_asked_for_as_it_comes(base: str | None, brings: bool) -> None:
    entry = SharedEntry("both", "side-by-side", apps=("old", "new"), base=base)
    of = manifest(service("old", "dotnet@2.2"), service("new", "dotnet@3.1"), shared=(entry,))
    made = {trial.under.dockerfile for trial in plan(of, render=render.dockerfile).trials if trial.under}
    assert [("opt/openssl-1.0.2" in text) for text in made] == [brings]
