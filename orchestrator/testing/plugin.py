"""Hooks and fixtures. Every pytest beside which isolate is installed loads this, so what is heavy waits to be asked."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from orchestrator.testing.isolate import Isolate
    from orchestrator.testing.marker import Wanted
    from orchestrator.testing.outcome import Outcome
    from orchestrator.testing.run import Runner

MANIFESTS = ("manifest.yaml", "*.isolate.yaml")
MARKER = (
    "isolate(manifest, expect=None, entry=None, **options): run the experiment before the test, and fail it where the "
    "verdict is another one. The manifest's path begins at the test's file."
)
WANTED: pytest.StashKey[Wanted] = pytest.StashKey()


@pytest.fixture(scope="session")
def isolate_options() -> Mapping[str, object]:
    """How experiments are run, in the words of `isolate up`: repeat, base, limit ... Override it."""
    return {}


@pytest.fixture(scope="session")
def isolate_project_suffix() -> str:
    """Part of every project's name; sessions that run at once on one engine need one each. Override it."""
    return "pytest"


@pytest.fixture(scope="session")
def isolate_runner() -> Runner:
    """What carries an experiment out. Override it to judge a recorded run."""
    from orchestrator.testing.run import borrowed

    return borrowed


@pytest.fixture(scope="session")
def isolate(
    isolate_options: Mapping[str, Any],
    isolate_project_suffix: str,
    isolate_runner: Runner,
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
) -> Iterator[Isolate]:
    """`isolate.run("manifest.yaml")` gives the outcome of the experiment, run once a session; `isolate.up(...)`
    keeps its apps up until the end. Paths begin at the root folder of the tests.
    """
    from orchestrator.testing.isolate import opened

    base = tmp_path_factory.getbasetemp()
    worker = getattr(pytestconfig, "workerinput", {})
    kept = base.parent / f"isolate-{worker['testrunuid']}" if worker else base / "isolate"
    named = (isolate_project_suffix, worker.get("workerid", ""))
    with opened(pytestconfig.rootpath, kept, named, isolate_options, isolate_runner) as made:
        yield made


@pytest.fixture
def isolate_result(request: pytest.FixtureRequest, isolate: Isolate) -> Outcome:
    """The outcome of the test's marker."""
    wanted = request.node.stash.get(WANTED, None)
    if wanted is None:
        pytest.fail('isolate_result goes with @pytest.mark.isolate("manifest.yaml")', pytrace=False)
    return isolate.run(wanted.manifest, **wanted.options)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which files may be manifests; nothing at all switches their collection off."""
    words = "file names of manifests that are collected as tests"
    parser.addini("isolate_manifests", words, type="args", default=list(MANIFESTS))


def pytest_configure(config: pytest.Config) -> None:
    """The marker is known also where markers are strict."""
    config.addinivalue_line("markers", MARKER)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A manifest of ours is a file of tests."""
    if not any(fnmatchcase(file_path.name, pattern) for pattern in parent.config.getini("isolate_manifests")):
        return None
    from orchestrator.testing.collect import ManifestFile, is_ours

    return ManifestFile.from_parent(parent, path=file_path) if is_ours(file_path) else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """A marker is read at once: a wrong one is told before anything runs. Without a manifest's path it is another's."""
    mark = next((one for one in item.iter_markers("isolate") if _named(one)), None)
    if mark is None or not isinstance(item, pytest.Function):
        return
    from orchestrator.testing.collect import ManifestItem
    from orchestrator.testing.marker import read

    if not isinstance(item, ManifestItem):
        item.stash[WANTED] = read(mark, item)
        item.fixturenames += [one for one in ("isolate", "isolate_result") if one not in item.fixturenames]


def _named(mark: pytest.Mark) -> bool:
    return isinstance(mark.args[0] if mark.args else mark.kwargs.get("manifest"), (str, Path))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """What the marker expects comes before what the test itself asserts."""
    wanted = item.stash.get(WANTED, None)
    if wanted and isinstance(item, pytest.Function):
        from orchestrator.testing.marker import hold

        hold(wanted, item.funcargs["isolate_result"])  # type: ignore[arg-type]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The report of a test that failed has what the failing boxes of its experiments said."""
    report = yield
    used = getattr(item, "funcargs", {})
    if "isolate" in used and (report.failed or call.when == "teardown"):
        from orchestrator.testing.isolate import seen

        outcomes = seen(used, over=call.when == "teardown")
        report.sections += [
            section for outcome in outcomes if report.failed for section in _told(outcome, item, report)
        ]
    return report


def _told(outcome: Outcome, item: pytest.Item, report: pytest.TestReport) -> Iterator[tuple[str, str]]:
    """The verdicts, unless the failure has told them itself, and the logs."""
    from orchestrator.testing.evidence import observed, sections

    if str(outcome.folder) not in report.longreprtext:
        yield observed(outcome)
    yield from sections(outcome, item.stash[WANTED].entry if WANTED in item.stash else getattr(item, "entry", None))
