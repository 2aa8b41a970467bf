"""The state folder is gone, cut short, of another version, read-only, or on a full disk: labels are the truth."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from isolate import COMMAND
from torture.pair import Ended, Project, project

pytestmark = pytest.mark.docker
MOUNTED = 'mount -t tmpfs -o "$1" state "$2" && shift 2 && exec "$@"'
"""In a mount namespace of its own: the disk is there for this command alone, and gone with it."""
SIZES = (4, 8, 12, 16, 24, 32, 40, 48, 64, 96)
"""KiB. The smallest cannot hold a run's folder, the largest a run's record but not all its logs."""


@pytest.fixture
def pair(engine_url: str, python_base: str, tmp_path: Path) -> Iterator[Project]:
    with project(engine_url, python_base, "t-state", tmp_path / "p") as made:
        (made.folder / "state").mkdir()
        yield made


def on_disk(pair: Project, options: str, *words: str) -> Ended:
    """A command whose state folder is a disk of its own, mounted with these options."""
    place = str(pair.folder / "state")
    return pair.run(*words, command=("unshare", "-m", "sh", "-c", MOUNTED, "sh", options, place, *COMMAND))


def gone(pair: Project) -> bool:
    """Whether `down` from labels, on the same kind of disk or none, has removed everything."""
    return pair.run("down", pair.manifest()).code == 0 and pair.left() == []


def test_without_a_state_folder_ps_and_down_work_from_labels(pair: Project) -> None:
    assert pair.run("up", pair.manifest()).code == 0
    shutil.rmtree(pair.folder / "state")
    assert "web" in pair.run("ps", pair.manifest()).out
    assert pair.run("prune", pair.manifest()).out == "nothing to remove\n"
    assert gone(pair)


@pytest.mark.torture
def test_on_a_disk_that_may_not_be_written_to_up_says_so_and_down_works(pair: Project) -> None:
    assert pair.run("up", pair.manifest()).code == 0
    ended = on_disk(pair, "ro,size=1m", "up", pair.manifest())
    assert (ended.code, ended.wrong()) == (75, [])
    assert "XDG_STATE_HOME" in ended.err
    assert on_disk(pair, "ro,size=1m", "prune", pair.manifest()).wrong() == []
    assert on_disk(pair, "ro,size=1m", "down", pair.manifest()).code == 0
    assert pair.left() == []


@pytest.mark.parametrize(
    "kib", [size if size == 16 else pytest.param(size, marks=pytest.mark.torture) for size in SIZES]
)
def test_on_a_full_disk_up_is_no_verdict_and_down_works(pair: Project, kib: int) -> None:
    """What does not fit is told with 75; where all fits the run is as any other."""
    report = pair.folder / "report.xml"
    ended = on_disk(pair, f"size={kib}k", "test", pair.manifest(), "--json", "--junit", str(report))
    assert (ended.code in {0, 75}, ended.wrong()) == (True, []), ended
    assert kib > 32 or ended.code == 75
    assert not report.exists() or report.read_text().rstrip().endswith("</testsuites>")
    assert on_disk(pair, f"size={kib}k", "down", f"{pair.name}-test").code == 0
    assert on_disk(pair, f"size={kib}k", "down", pair.manifest()).code == 0
    assert pair.left() == []


@pytest.mark.torture
@pytest.mark.parametrize(
    "text", ["", '{"at": 0, "ev', '{"at": 0, "event": "from-the-future"}\n', "\xff\x00", "[" * 100_000]
)
def test_a_record_cut_short_or_of_a_newer_version_is_told_and_hinders_nothing(pair: Project, text: str) -> None:
    runs = pair.folder / "state/isolate/runs" / pair.name / "20260101-120000-0001"
    runs.mkdir(parents=True)
    for name in ("events.jsonl", "result.json"):
        (runs / name).write_bytes(text.encode("latin-1"))
    ended = pair.run("report", pair.name, "--markdown", "-")
    assert (ended.code, ended.wrong()) == (3, []), "what does not say that a run began is none"
    observed = pair.folder / "state/isolate/observed"
    observed.mkdir()
    assert pair.run("up", pair.manifest(), "--arm", "isolated").code == 0
    for kept in observed.iterdir():
        kept.write_bytes(text.encode("latin-1"))
    assert pair.run("up", pair.manifest(), "--remembered").wrong() == []
    assert gone(pair)
