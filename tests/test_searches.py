"""The grid, the fewest environments, the first version that breaks an app: on the engine in memory, and for real."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from isolate import document, isolate
from orchestrator import experiment
from orchestrator.arms import Conductor
from orchestrator.console.found import bisection, packing
from orchestrator.console.matrix import matrix as drawn_matrix
from orchestrator.console.terminal import screen, show
from orchestrator.engines.memory import MemoryEngine
from orchestrator.errors import Interrupted, Unavailable, UsageError
from orchestrator.events import EnvironmentsPacked, Event, GridDrawn, RunEnded, VersionBisected
from orchestrator.experiment import Options
from orchestrator.memory import Memory
from orchestrator.model import App, Base, Bisected, ContextFile, Grid, Packed, Runtime
from orchestrator.plan import Context, Environment, Plan
from orchestrator.reports.markdown import grid as markdown
from orchestrator.runtimes import families
from orchestrator.searches import bisect, matrix, pack, versions
from orchestrator.searches.bench import Bench, settled
from worlds import bases, manifest, plan, scripted, service

ALONE = Options(arm="isolated")
OLD, MIDDLE, NEW = "python@3.8", "python@3.10", "python@3.12"
EVERY = {f"python@3.{minor}" for minor in range(8, 14)}


def runtimes(*names: str) -> list[Runtime]:
    return [Runtime(*name.split("@")) for name in names]


class Lab:
    """A search on an engine in memory: which apps run where is said beforehand."""

    def __init__(
        self, *apps: App, runs_on: Mapping[str, set[str]], clash: set[str] = frozenset(), **facts: object
    ) -> None:
        self.drawn: Plan = plan(manifest(*apps, shared=()), **facts)
        self.engine: MemoryEngine = scripted(self.drawn, runs_on, clash=frozenset(clash))
        self.events: list[Event] = []
        self.missing: set[str] = set()

    def bases(self, wanted: Sequence[Runtime]) -> Mapping[str, Base]:
        if gone := [one for one in wanted if str(one) in self.missing]:
            raise Unavailable(f"no base image for {gone[0]}")
        return bases(wanted)

    @property
    def conductor(self) -> Conductor:
        memory = Memory(use=False, folder=Path(os.devnull))
        return Conductor(self.engine, families(), self.events.append, self.bases, memory=memory)

    def grid(self, *names: str, options: Options = ALONE) -> tuple[int, Grid]:
        code = matrix.conduct(self.conductor, self.drawn, options, runtimes(*names))
        return code, self.told(GridDrawn).grid

    def packed(self, *names: str, checks: int = 0) -> tuple[int, Packed]:
        code = pack.conduct(self.conductor, self.drawn, ALONE, runtimes(*names), checks)
        return code, self.told(EnvironmentsPacked).packed

    def bisected(self, app: str, *names: str) -> tuple[int, Bisected]:
        code = bisect.conduct(self.conductor, self.drawn, ALONE, app, runtimes(*names))
        return code, self.told(VersionBisected).bisected

    def told(self, kind: type) -> object:
        return next(event for event in self.events if isinstance(event, kind))


def printed(drawn: object, capsys: pytest.CaptureFixture[str]) -> str:
    """As a person reads it, on a line."""
    import sys

    show(screen(sys.stdout), drawn)
    return " ".join(capsys.readouterr().out.split())


# --- which versions ------------------------------------------------------------------------------------------


APPS = manifest(service("a", NEW), service("b", OLD), service("n", "node@12")).apps
ONE_FAMILY = manifest(service("a", NEW), service("b", OLD)).apps


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "3.8 3.12"),
        (["3.10..3.12"], "3.10 3.11 3.12"),
        (["3.12.."], "3.12 3.13"),
        (["..3.9"], "3.8 3.9"),
        (["3.8,3.13"], "3.8 3.13"),
        (["3.13", "3.9"], "3.9 3.13"),
        (["python@3.9..3.10"], "3.9 3.10"),
        ([".."], "3.8 3.9 3.10 3.11 3.12 3.13"),
    ],
)
def test_a_range_means_the_versions_of_the_catalogue(words: list[str], expected: str) -> None:
    assert [one.version for one in versions.asked(words, ONE_FAMILY)] == expected.split()


def test_a_family_of_which_nothing_is_said_keeps_its_declared_versions() -> None:
    assert [str(one) for one in versions.asked(["python@3.9"], APPS)] == ["python@3.9", "node@12"]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("3.9", "of which family"),
        ("ruby@3.3", "no app runs on ruby"),
        ("python@3.7", "'python@3.7' is not known"),
        ("python@3.12..3.9", "holds no version"),
        ("python@..x", "'python@x' is not known"),
        ("python@", "'' is not known"),
    ],
)
def test_what_means_nothing_is_refused(word: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        versions.asked([word], APPS)


# --- matrix --------------------------------------------------------------------------------------------------


def test_every_cell_of_the_grid_is_filled() -> None:
    lab = Lab(service("old", OLD), service("new", NEW), runs_on={"old": {OLD, MIDDLE}, "new": {NEW}})
    code, grid = lab.grid(OLD, MIDDLE, NEW)
    assert code == 0
    assert grid.environments == (OLD, MIDDLE, NEW)
    assert [[cell.outcome for cell in row.cells] for row in grid.rows] == [
        ["pass", "pass", "fail"],
        ["fail", "fail", "pass"],
    ]


def test_a_base_that_cannot_be_had_costs_its_own_cells_alone() -> None:
    lab = Lab(service("old", OLD), runs_on={"old": EVERY})
    lab.missing = {MIDDLE}
    code, grid = lab.grid(OLD, MIDDLE, NEW)
    (row,) = grid.rows
    assert [cell.outcome for cell in row.cells] == ["pass", "infrastructure", "pass"]
    assert row.cells[1].quote == f"no base image for {MIDDLE}"
    assert code == 75


def test_apps_of_two_families_are_observed_on_their_own_alone() -> None:
    apps = service("old", OLD), service("web", "dotnet@3.1")
    code, grid = Lab(*apps, runs_on={"old": {OLD}, "web": {"dotnet@3.1"}}).grid(OLD, NEW, "dotnet@3.1")
    assert [[cell.environment for cell in row.cells] for row in grid.rows] == [[OLD, NEW], ["dotnet@3.1"]]
    assert code == 0


def test_an_app_that_is_broken_at_home_is_observed_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    apps = service("old", OLD), service("new", NEW)
    lab = Lab(*apps, runs_on={"old": {MIDDLE}, "new": {NEW}})
    code, grid = lab.grid(OLD, MIDDLE, NEW)
    assert [[cell.outcome for cell in row.cells] for row in grid.rows] == [
        ["fail", "pass", "fail"],
        ["fail", "fail", "pass"],
    ]
    assert code == 1
    assert f"on its own runtime, {OLD}, old cannot start" in printed(drawn_matrix(lab.events), capsys)


def test_a_search_that_is_cut_short_tells_what_it_has_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab(service("old", OLD), runs_on={"old": EVERY})
    observe = Bench.observe

    def cut(self: Bench, questions: Sequence[object]) -> None:
        observe(self, questions[:1])
        raise Interrupted("interrupted")

    monkeypatch.setattr(Bench, "observe", cut)
    with pytest.raises(Interrupted):
        lab.grid(OLD, NEW)
    (row,) = lab.told(GridDrawn).grid.rows
    assert [cell.outcome for cell in row.cells] == ["pass", "not-run"]


def claiming(folder: Path, says: str) -> Lab:
    """One app that runs on 3.8 to 3.10, and what its pyproject.toml says of that."""
    file = folder / "pyproject.toml"
    file.write_text(f'[project]\nrequires-python = "{says}"\n')
    contexts = {"old": Context((ContextFile("pyproject.toml", source=file),), "0" * 64)}
    app = service("old", OLD, build=folder)
    return Lab(app, runs_on={"old": {"python@3.8", "python@3.9", "python@3.10"}}, contexts=contexts)


@pytest.mark.parametrize(
    ("says", "over", "under", "words"),
    [
        (">=3.9", ("python@3.12",), ("python@3.8",), "too much, it fails at python@3.12"),
        (">=3.8,<3.11", (), (), "that is what was seen"),
        ("==3.8.*", (), ("python@3.9",), "too little, it passes at python@3.9"),
    ],
)
def test_claims_are_compared_with_what_was_seen(
    says: str,
    over: tuple[str, ...],
    under: tuple[str, ...],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lab = claiming(tmp_path, says)
    _, grid = lab.grid("python@3.8", "python@3.9", "python@3.12")
    (row,) = grid.rows
    assert (row.over, row.under) == (over, under)
    assert f"old claims {says} (pyproject.toml:2): " in printed(drawn_matrix(lab.events), capsys)
    assert words in printed(drawn_matrix(lab.events), capsys)


def test_what_is_not_settled_refutes_no_claim(tmp_path: Path) -> None:
    lab = claiming(tmp_path, ">=3.9")
    lab.missing = {NEW}
    _, grid = lab.grid("python@3.9", NEW)
    assert (grid.rows[0].over, grid.rows[0].under) == ((), ())


def test_the_grid_as_markdown_is_one_table_whatever_an_app_prints(tmp_path: Path) -> None:
    lab = claiming(tmp_path, ">=3.8,<3.13")
    _, grid = lab.grid(OLD, NEW)
    (row,) = grid.rows
    evil = replace(row.cells[1], quote="a | b <script> @someone `x` [l](u) *e* http://x.test\n# head\x1b[31m")
    text = markdown(replace(grid, rows=(replace(row, cells=(row.cells[0], evil)),)))
    table, _, legend = text.partition("\n\n")
    assert len(table.splitlines()) == 3
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()} == {5}
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert not re.search(r"[<`\[*@\x1b]|http", outside.replace("python@", ""))
    assert "| old | python@3.8 | pass (claimed) | fail (claimed): ``a" in table
    assert legend == f"- old claims `>=3.8,<3.13` (pyproject.toml:2); too much, it fails at {NEW}\n"


def test_a_claim_that_is_not_understood_is_compared_with_nothing(tmp_path: Path) -> None:
    _, grid = claiming(tmp_path, ">=3.8rc1!").grid(OLD, NEW)
    (row,) = grid.rows
    assert (row.claims, row.over, row.under) == ((), (), ())


# --- pack ----------------------------------------------------------------------------------------------------


def test_apps_that_agree_share_one_environment() -> None:
    lab = Lab(service("old", OLD), service("new", NEW), runs_on={"old": {OLD, NEW}, "new": {NEW}})
    code, packed = lab.packed(OLD, NEW)
    assert [(one.environment, one.apps) for one in packed.bins] == [(NEW, ("old", "new"))]
    assert [cell.outcome for cell in packed.bins[0].cells] == ["pass", "pass"]
    assert code == 0


def test_pairwise_is_not_jointly_and_every_environment_of_the_answer_was_run() -> None:
    apps = [service(name, NEW) for name in "abc"]
    lab = Lab(*apps, runs_on={name: {NEW} for name in "abc"}, clash={"a", "c"})
    code, packed = lab.packed(NEW)
    assert [one.apps for one in packed.bins] in ([("a", "b"), ("c",)], [("b", "c"), ("a",)])
    assert all(cell.outcome == "pass" for one in packed.bins for cell in one.cells)
    assert packed.refuted
    assert code == 0


def test_the_proof_says_what_it_assumes_and_does_without_where_boxes_are_spent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def lab() -> Lab:
        return Lab(service("old", OLD), service("new", NEW), runs_on={"old": {OLD}, "new": {NEW}})

    first, second = lab(), lab()
    _, packed = first.packed(OLD, NEW)
    assert packed.assumed
    assert "assumed: that an app which is added never repairs a set that fails" in printed(
        packing(first.events), capsys
    )
    _, packed = second.packed(OLD, NEW, checks=12)
    assert not packed.assumed
    assert packed.checked == 2
    assert "assumed: nothing" in printed(packing(second.events), capsys)


def test_an_app_that_no_environment_serves_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    lab = Lab(service("old", OLD), service("new", NEW), runs_on={"old": {OLD}, "new": {NEW}})
    code, packed = lab.packed(MIDDLE, NEW)
    assert [cell.app for cell in packed.unserved] == ["old", "old"]
    assert code == 1
    assert f"old passes in none of {NEW}, {MIDDLE}" in printed(packing(lab.events), capsys)


def test_families_that_suit_one_debian_share_it_and_others_stay_apart() -> None:
    of = manifest(service("a", NEW), service("b", "dotnet@3.1"), service("c", "debian@bullseye"))
    found = pack.environments(tuple(of.apps.values()), versions.asked([], of.apps))
    assert [env.name for env in found] == [f"dotnet@3.1+{NEW}", "debian@bullseye"]


def test_a_family_that_suits_two_others_is_tried_with_each_of_them() -> None:
    of = manifest(service("a", NEW), service("b", "dotnet@3.1"), service("c", "java@21"))
    found = pack.environments(tuple(of.apps.values()), versions.asked([], of.apps))
    assert sorted(env.name for env in found) == [f"dotnet@3.1+{NEW}", f"java@21+{NEW}"]


def test_what_keeps_families_apart_is_known_and_not_said_to_be_observed(capsys: pytest.CaptureFixture[str]) -> None:
    apps = service("a", NEW), service("c", "debian@bullseye")
    lab = Lab(*apps, runs_on={"a": {NEW}, "c": {"debian@bullseye"}})
    _, packed = lab.packed(NEW, "debian@bullseye", checks=12)
    assert packed.assumed
    assert packed.apart
    told = printed(packing(lab.events), capsys)
    assert "no OS base is known on which runtimes of debian and python work in one filesystem" in told
    assert "assumed: nothing" not in told


def test_a_broken_app_ends_the_packing() -> None:
    lab = Lab(service("old", OLD), service("new", NEW), runs_on={"old": set(), "new": {NEW}})
    assert pack.conduct(lab.conductor, lab.drawn, ALONE, runtimes(OLD, NEW), 0) == 1
    assert not any(isinstance(event, EnvironmentsPacked) for event in lab.events)
    assert lab.told(RunEnded).exit_code == 1


# --- bisect --------------------------------------------------------------------------------------------------


def test_the_first_version_that_breaks_an_app_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    lab = Lab(service("old", OLD), runs_on={"old": {"python@3.8", "python@3.9"}})
    code, found = lab.bisected("old", *sorted(EVERY, key=lambda name: int(name.split(".")[1])))
    assert (code, found.story, found.first) == (0, "breaks", MIDDLE)
    assert found.observations == len(found.cells) <= 6
    assert f"{MIDDLE} is the first that breaks old" in printed(bisection(lab.events), capsys)


def test_an_app_that_breaks_and_comes_back_is_no_simple_story(capsys: pytest.CaptureFixture[str]) -> None:
    lab = Lab(service("old", OLD), runs_on={"old": {"python@3.8", "python@3.9", "python@3.11"}})
    code, found = lab.bisected("old", "python@3.8", "python@3.10", "python@3.11", "python@3.12")
    assert (code, found.monotonic) == (0, False)
    told = printed(bisection(lab.events), capsys)
    assert "it changes more than once" in told
    assert "is the first that" not in told
    assert "then passes at python@3.11, then fails at python@3.12" in told


def test_what_nobody_looked_at_is_said_to_be_taken_for_granted(capsys: pytest.CaptureFixture[str]) -> None:
    lab = Lab(service("old", OLD), runs_on={"old": {"python@3.8", "python@3.9", "python@3.10"}})
    lab.bisected("old", *(f"python@3.{minor}" for minor in range(8, 14)))
    assert "taken to change nothing: python@3.12" in printed(bisection(lab.events), capsys)


def test_a_box_that_proves_nothing_ends_the_search() -> None:
    lab = Lab(service("old", OLD), runs_on={"old": {OLD}})
    lab.missing = {NEW}
    with pytest.raises(Unavailable, match=f"old at {NEW}: infrastructure"):
        lab.bisected("old", OLD, NEW)


def test_of_a_box_one_failure_is_enough_to_know() -> None:
    lab = Lab(service("old", OLD), runs_on={"old": {OLD}})
    experiment.observe(lab.conductor, lab.drawn, ALONE)
    ((cell,),) = Bench(lab.conductor, lab.drawn, "x").observe([(("old",), Environment((Runtime("python", "3.8"),)))])
    assert settled([cell])
    assert not settled([cell, replace(cell, outcome="fail"), replace(cell, outcome="infrastructure")])
    with pytest.raises(Unavailable):
        settled([cell, replace(cell, outcome="flaky")])


# --- for real ------------------------------------------------------------------------------------------------

PYTHON = "apps/python/manifest.yaml"
ROOT = Path(__file__).parents[1]


def searched(verb: str, *words: str, url: str) -> tuple[int, dict[str, object]]:
    """One search from the outside, and that it leaves nothing up."""
    ran = isolate(verb, *words, "-p", f"search-{verb}", "--json", "--progress", "quiet", url=url)
    left = json.loads(isolate("ps", "--json", url=url).stdout or "{}")
    assert f"search-{verb}" not in json.dumps(left)
    return ran.returncode, document(ran)[verb]


@pytest.mark.docker
def test_a_grid_of_two_apps_and_six_pythons(engine_url: str) -> None:
    code, grid = searched("matrix", str(ROOT / PYTHON), "--versions", "3.8..3.13", "--repeat", "1", url=engine_url)
    rows = {row["app"]: [cell["outcome"] for cell in row["cells"]] for row in grid["rows"]}
    assert rows == {"legacy": ["pass"] * 2 + ["fail"] * 4, "modern": ["fail"] * 4 + ["pass"] * 2}
    assert code == 0


@pytest.mark.docker
def test_a_search_goes_on_from_what_is_known(engine_url: str) -> None:
    words = (str(ROOT / PYTHON), "--versions", "3.8,3.12", "--remembered")
    searched("matrix", *words, url=engine_url)
    _, grid = searched("matrix", *words, url=engine_url)
    assert all(cell["remembered"] for row in grid["rows"] for cell in row["cells"])


@pytest.mark.docker
def test_the_first_python_that_breaks_the_old_app(engine_url: str) -> None:
    words = (str(ROOT / PYTHON), "legacy", "--runtime", "python", "3.8..3.13")
    code, found = searched("bisect", *words, url=engine_url)
    assert (code, found["first"], found["story"]) == (0, "python@3.10", "breaks")
    assert found["observations"] <= 5


KILLED_ON_NEWER = "import os, sys; sys.version_info < (3, 9) or os.kill(os.getpid(), 9)"


@pytest.mark.docker
def test_a_search_that_cannot_be_settled_says_so_and_leaves_nothing_up(engine_url: str, tmp_path: Path) -> None:
    path = tmp_path / "manifest.yaml"
    app = {"runtime": OLD, "command": ["python", "-c", KILLED_ON_NEWER]}
    path.write_text(json.dumps({"name": "search-unsettled", "apps": {"one": app}}))
    ran = isolate("bisect", str(path), "one", "--runtime", "python", "3.8..3.9", "--json", url=engine_url)
    assert (ran.returncode, document(ran)["exit_code"]) == (75, 75)
    assert "one at python@3.9: infrastructure: killed" in document(ran)["error"]["message"]
    assert "search-unsettled" not in isolate("ps", "--json", url=engine_url).stdout
