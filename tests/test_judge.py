"""The table of SPEC section 4, row by row, and the kinds that follow from the design of the experiment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.expectation import missed
from orchestrator.judge import Case, judge, question
from orchestrator.model import Cell, Expect, Matcher, Probe, SharedEntry
from worlds import service

OLD, NEW = "python@3.8", "python@3.12"
APPS = {"legacy": service("legacy", OLD), "modern": service("modern", NEW)}
ENTRY = SharedEntry("one-runtime", apps=("legacy", "modern"))


def cell(app: str, arm: str, environment: str, outcome: str = "pass", **facts: object) -> Cell:
    beside = tuple(name for name in APPS if name != app) if arm == "shared" else ()
    order = "together" if arm == "shared" else None
    return Cell(app, arm, environment, outcome, beside=beside, **{"order": order, **facts})  # type: ignore[arg-type]


def good() -> dict[tuple[str, str, str], Cell]:
    """Everything passes everywhere."""
    cells = [cell("legacy", "isolated", OLD), cell("modern", "isolated", NEW)]
    cells += [cell(app, arm, version) for app in APPS for arm in ("control", "shared") for version in (OLD, NEW)]
    return {(one.app, one.arm, one.environment): one for one in cells}


def verdict(*changes: Cell):
    cells = good()
    for change in changes:
        cells[change.app, change.arm, change.environment] = change
    return judge(Case(ENTRY, APPS, (NEW, OLD), tuple(cells.values())))


def fails(app: str, arm: str, environment: str, **facts: object) -> Cell:
    given = {"phase": "start", "exit_code": 1, "quote": "ModuleNotFoundError: No module named 'imp'", **facts}
    return cell(app, arm, environment, "fail", **given)


RUNTIME = (
    fails("legacy", "control", NEW),
    fails("legacy", "shared", NEW),
    fails("modern", "control", OLD, quote="SyntaxError: invalid syntax"),
    fails("modern", "shared", OLD, quote="SyntaxError: invalid syntax"),
)


def test_an_app_that_fails_on_its_own_runtime_is_broken_and_named() -> None:
    said = verdict(*RUNTIME, fails("legacy", "isolated", OLD))
    assert (said.name, said.kind, said.app) == ("broken", None, "legacy")


def test_a_control_that_fails_at_its_own_version_makes_the_recipe_unfair() -> None:
    said = verdict(*RUNTIME, fails("modern", "control", NEW))
    assert (said.name, said.kind) == ("inconclusive", None)
    assert "unfair" in said.because[0]


def test_one_version_that_serves_all_is_no_conflict_and_names_who_moved() -> None:
    said = verdict(*RUNTIME[2:])
    assert (said.name, said.kind, said.works_at) == ("no-conflict", None, (NEW,))
    assert said.moved == {"legacy": NEW}


def test_of_two_versions_that_serve_all_the_newer_is_preferred() -> None:
    said = verdict()
    assert said.works_at == (NEW, OLD)
    assert said.moved == {"legacy": NEW}


def test_an_app_that_fails_alone_at_every_version_is_kind_runtime() -> None:
    said = verdict(*RUNTIME)
    assert (said.name, said.kind) == ("conflict", "runtime")


def test_the_reasons_quote_the_line_the_code_and_the_manifest() -> None:
    because = verdict(*RUNTIME).because
    assert any("legacy needs python 3.8 (manifest.yaml:5) and the box holds python@3.12" in line for line in because)
    assert any("(exit 1): SyntaxError: invalid syntax" in line for line in because)


def test_a_refused_joint_install_where_all_pass_alone_is_kind_packages() -> None:
    refused = [fails(app, "shared", env, phase="build") for app in APPS for env in (OLD, NEW)]
    assert verdict(*refused).kind == "packages"


JOINTLY = (fails("legacy", "shared", OLD), fails("legacy", "shared", NEW))
"""Alone legacy passes everywhere, beside modern nowhere."""


def case(*changes: Cell, probes: tuple[Cell, ...] = (), entry: SharedEntry = ENTRY, **facts: object) -> Case:
    cells = good()
    for change in changes:
        cells[change.app, change.arm, change.environment] = change
    return Case(entry, APPS, (NEW, OLD), (*cells.values(), *probes), **facts)  # type: ignore[arg-type]


def probe(name: Probe, outcome: str, **facts: object) -> Cell:
    return cell("legacy", "control", NEW, outcome, probe=name, **facts)


def test_the_newest_version_at_which_all_pass_alone_decides_the_kind() -> None:
    refused_new = [fails(app, "shared", NEW, phase="build") for app in APPS]
    assert verdict(*refused_new, fails("legacy", "shared", OLD)).kind == "packages"
    refused_old = [fails(app, "shared", OLD, phase="build") for app in APPS]
    installed = case(*refused_old, fails("legacy", "shared", NEW), probes=(probe("alone-there", "fail"),))
    assert judge(installed).kind == "clobber"
    assert verdict(*RUNTIME[:2], *refused_old).kind == "packages"


@pytest.mark.parametrize(
    ("facts", "answers", "asked"),
    [
        ({}, (), "alone-there"),
        ({}, ("alone-there fail",), "installed"),
        ({}, ("alone-there pass",), "written"),
        ({"ports": "as-declared"}, ("alone-there pass",), "distinct-ports"),
        ({"ports": "as-declared"}, ("alone-there pass", "distinct-ports fail"), "written"),
        ({"ports": "as-declared"}, ("alone-there pass", "distinct-ports pass"), None),
        ({"environment": {"A": "1"}}, ("alone-there fail",), "without-environment"),
        ({"environment": {"A": "1"}}, ("alone-there fail", "without-environment fail"), "installed"),
        ({"environment": {"A": "1"}}, ("alone-there fail", "without-environment pass"), None),
        ({}, ("alone-there flaky",), None),
        ({"base": "debian:bullseye"}, (), "alone-on-base"),
        ({"base": "debian:bullseye"}, ("alone-on-base fail",), None),
        ({"base": "debian:bullseye"}, ("alone-on-base pass",), "alone-there"),
    ],
)
def test_each_answer_leads_to_the_next_question(facts: dict, answers: tuple[str, ...], asked: str | None) -> None:
    probes = tuple(probe(*words.split()) for words in answers)  # type: ignore[arg-type]
    assert question(case(*JOINTLY, probes=probes, entry=replace(ENTRY, **facts))) == asked


def test_an_os_that_nobody_asked_for_is_asked_about_and_blamed_on_the_recipe() -> None:
    """Apps of several families stand on a Debian that isolate chose."""
    jointly = [replace(one, base="debian:bookworm") for one in JOINTLY]
    assert question(case(*jointly)) == "alone-on-base"
    said = judge(case(*jointly, probes=(probe("alone-on-base", "fail", base="debian:bookworm"),)))
    assert (said.name, said.kind, said.app) == ("inconclusive", None, "legacy")
    assert "the shared recipe is unfair: alone on debian:bookworm, legacy fails" in said.because[0]
    assert question(case(*jointly, probes=(probe("alone-on-base", "pass"),))) == "alone-there"


@pytest.mark.parametrize(
    ("facts", "answers", "kind"),
    [
        ({}, ("alone-there fail",), "clobber"),
        ({}, ("alone-there pass",), None),
        ({"ports": "as-declared"}, ("alone-there pass", "distinct-ports pass"), "port"),
        ({"ports": "as-declared"}, ("alone-there pass", "distinct-ports fail"), None),
        ({"environment": {"A": "1"}}, ("alone-there fail", "without-environment pass"), "runtime"),
        ({"environment": {"A": "1"}}, ("alone-there fail", "without-environment fail"), "clobber"),
        ({"base": "debian:bullseye"}, ("alone-on-base fail",), "os-library"),
        ({"base": "debian:bullseye"}, ("alone-on-base pass", "alone-there fail"), "clobber"),
    ],
)
def test_the_answers_tell_the_kind(facts: dict, answers: tuple[str, ...], kind: str | None) -> None:
    probes = tuple(probe(*words.split()) for words in answers)  # type: ignore[arg-type]
    said = judge(case(*JOINTLY, probes=probes, entry=replace(ENTRY, **facts)))
    assert (said.name, said.kind) == ("conflict", kind)


def test_paths_that_several_apps_write_are_kind_files_and_none_is_no_kind() -> None:
    passes = (probe("alone-there", "pass"),)
    assert judge(case(*JOINTLY, probes=passes, findings={"written": ("a and b both write /tmp/x",)})).kind == "files"
    assert judge(case(*JOINTLY, probes=passes, findings={"written": ()})).kind is None
    assert question(case(*JOINTLY, probes=passes, findings={"written": ()})) is None


def test_nothing_is_asked_where_the_grid_tells_the_kind_or_nobody_conflicts() -> None:
    assert question(case(*RUNTIME)) is None
    assert question(case()) is None
    refused = [fails(app, "shared", env, phase="build") for app in APPS for env in (OLD, NEW)]
    assert question(case(*refused)) is None


def test_an_install_that_only_another_os_refuses_is_an_os_library() -> None:
    refused = [fails(app, "shared", env, phase="build") for app in APPS for env in (OLD, NEW)]
    entry = replace(ENTRY, base="debian:bullseye")
    assert judge(case(*refused, entry=entry, probes=(probe("alone-on-base", "fail"),))).kind == "os-library"
    assert judge(case(*refused, entry=entry, probes=(probe("alone-on-base", "pass"),))).kind == "packages"


def test_an_answer_that_is_none_leaves_the_kind_open_and_not_the_verdict() -> None:
    said = judge(case(*JOINTLY, probes=(probe("alone-there", "infrastructure"),)))
    assert (said.name, said.kind) == ("conflict", None)
    assert any(line.startswith("the kind is not known: legacy alone-there: infrastructure") for line in said.because)


def test_an_unfair_recipe_is_no_answer_even_where_a_version_serves_all() -> None:
    assert verdict(fails("modern", "control", NEW)).name == "inconclusive"
    assert verdict(cell("modern", "control", NEW, "flaky")).name == "inconclusive"


def test_a_probe_is_no_cell_of_the_experiment() -> None:
    shared = cell("legacy", "shared", NEW, "fail", probe="distinct-ports")
    assert judge(case(probes=(shared,))).works_at == (NEW, OLD)


def test_one_app_under_another_setting_is_judged_by_its_own_box_not_by_the_control() -> None:
    apps = {"legacy": APPS["legacy"]}
    entry = SharedEntry("set", apps=("legacy",), environment={"A": "1"})
    alone = (cell("legacy", "isolated", OLD), cell("legacy", "control", OLD))
    assert judge(Case(entry, apps, (OLD,), alone)).name != "no-conflict"
    bad = replace(fails("legacy", "shared", OLD), beside=())
    assert judge(Case(entry, apps, (OLD,), (*alone, bad))).name == "conflict"


def test_an_app_that_alone_cannot_start_is_not_told_to_be_refused_by_the_installer() -> None:
    refused = [fails(app, "shared", NEW, phase="build", quote="ResolutionImpossible") for app in APPS]
    because = verdict(RUNTIME[0], *refused, *RUNTIME[2:]).because
    assert not any("legacy cannot be installed" in line for line in because)
    assert any("legacy and modern cannot be installed together at python@3.12" in line for line in because)


def test_a_failure_beside_others_that_alone_is_none_is_never_told_as_a_missing_runtime() -> None:
    because = judge(case(*JOINTLY, probes=(probe("alone-there", "fail"),))).because
    assert not any("needs python" in line for line in because)
    assert any("legacy passes alone at python@3.12, and beside modern it cannot start" in line for line in because)


def test_a_shared_box_that_fails_otherwise_than_alone_says_so_and_holds_no_expectation_about_it() -> None:
    other = fails("legacy", "shared", NEW, exit_code=98, quote="address already in use")
    seen = case(*RUNTIME[2:], RUNTIME[0], other)
    said = judge(seen)
    assert any("alone at python@3.12 legacy fails for another reason" in line for line in said.because)
    assert missed(Expect(because=Matcher("No module named")), said, seen.cells) == ("because",)
    same_code = replace(other, exit_code=1)
    assert any("for another reason" in line for line in judge(case(*RUNTIME[2:], RUNTIME[0], same_code)).because)


def test_what_one_call_installs_well_and_one_after_the_other_does_not_is_a_hazard() -> None:
    lanes = [
        cell(app, "shared", env, order=lane) for app in APPS for env in (OLD, NEW) for lane in ("in-order", "reversed")
    ]
    lanes = [replace(one, outcome="fail", phase="start") if one.app == "legacy" else one for one in lanes]
    said = judge(Case(ENTRY, APPS, (NEW, OLD), (*good().values(), *lanes)))
    assert said.name == "no-conflict"
    assert any("a hazard: installed one app after the other, legacy cannot start" in line for line in said.because)
    assert any("the last one first, legacy cannot start" in line for line in said.because)


@pytest.mark.parametrize("outcome", ["infrastructure", "flaky", "not-run"])
@pytest.mark.parametrize(("arm", "environment"), [("isolated", OLD), ("control", OLD), ("shared", NEW)])
def test_what_is_not_known_where_it_matters_is_inconclusive(outcome: str, arm: str, environment: str) -> None:
    said = verdict(*RUNTIME, cell("legacy", arm, environment, outcome, quote="Read timed out"))
    assert (said.name, said.kind) == ("inconclusive", None)


def test_an_unknown_elsewhere_does_not_matter_once_a_version_serves_all() -> None:
    assert verdict(cell("legacy", "shared", OLD, "infrastructure")).name == "no-conflict"


def test_a_grid_with_an_unknown_cell_cannot_tell_the_kind() -> None:
    unknown = cell("legacy", "control", NEW, "infrastructure")
    assert verdict(RUNTIME[1], *RUNTIME[2:], unknown).name == "inconclusive"


def test_together_decides_where_both_orders_were_run() -> None:
    in_order = [fails("legacy", "shared", env, order="in-order") for env in (OLD, NEW)]
    case = Case(ENTRY, APPS, (NEW, OLD), (*good().values(), *in_order))
    assert judge(case).name == "no-conflict"
    alone = tuple(one for one in case.cells if one.arm != "shared" or one.order == "in-order")
    modern = tuple(replace(one, app="modern", outcome="pass") for one in in_order)
    there = cell("legacy", "control", NEW, "fail", probe="alone-there")
    assert judge(replace(case, cells=(*alone, *modern, there))).kind == "clobber"


def test_a_single_app_shares_with_nobody_and_is_no_conflict() -> None:
    apps = {"legacy": APPS["legacy"]}
    cells = (cell("legacy", "isolated", OLD), cell("legacy", "control", OLD))
    assert judge(Case(SharedEntry("one-runtime", apps=("legacy",)), apps, (OLD,), cells)).name == "no-conflict"


@pytest.mark.parametrize(
    ("expect", "held"),
    [
        (Expect(verdict="conflict", kind="runtime"), True),
        (Expect(verdict="no-conflict"), False),
        (Expect(kind="packages"), False),
        (Expect(app="legacy"), True),
        (Expect(app="nobody"), False),
        (Expect(because=Matcher("No module named")), True),
        (Expect(because=Matcher("segmentation fault")), False),
        (Expect(because=Matcher("^Syntax.*syntax$", regex=True)), True),
    ],
)
def test_an_expectation_holds_only_for_the_reason_it_names(expect: Expect, *, held: bool) -> None:
    cells = tuple({**good(), **{(c.app, c.arm, c.environment): c for c in RUNTIME}}.values())
    said = judge(Case(ENTRY, APPS, (NEW, OLD), cells))
    assert (not missed(expect, said, cells)) is held


def test_an_unknown_at_a_version_where_another_fails_alone_cannot_matter() -> None:
    unknown = cell("modern", "control", OLD, "flaky")
    already = fails("legacy", "control", OLD)
    apps = {"legacy": service("legacy", NEW), "modern": service("modern", NEW)}
    cells = [cell(app, "isolated", NEW) for app in apps] + [cell(app, "control", NEW) for app in apps]
    cells += [fails("legacy", "shared", NEW), cell("modern", "shared", NEW), unknown, already]
    cells += [fails("legacy", "shared", OLD), cell("modern", "shared", OLD)]
    said = judge(Case(ENTRY, apps, (NEW, OLD), tuple(cells)))
    assert (said.name, said.kind) == ("conflict", None)
    assert judge(Case(ENTRY, apps, (OLD,), tuple(cells))).kind == "runtime"


def test_an_unknown_at_a_newer_version_than_the_one_that_tells_the_kind_matters() -> None:
    refused = [fails(app, "shared", env, phase="build") for app in APPS for env in (OLD, NEW)]
    apps = {name: service(name, OLD) for name in APPS}
    cells = [cell(app, arm, OLD) for app in APPS for arm in ("isolated", "control")]
    unknown = [cell("legacy", "control", NEW, "infrastructure"), cell("modern", "control", NEW)]
    said = judge(Case(ENTRY, apps, (NEW, OLD), (*cells, *unknown, *refused)))
    assert said.name == "inconclusive"


def test_no_kind_is_told_while_one_of_its_questions_has_no_answer() -> None:
    probes = (probe("alone-there", "fail"), probe("without-environment", "flaky"))
    said = judge(case(*JOINTLY, probes=probes, entry=replace(ENTRY, environment={"A": "1"})))
    assert (said.name, said.kind) == ("conflict", None)
