"""The plugin from the outside, on a real engine: experiments are run once, and nothing is left behind."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import docker
import pytest

from orchestrator import resources

pytestmark = pytest.mark.docker
PAGE = Path(__file__).parents[2] / "docs" / "pytest.md"
SUFFIX = """\
import pytest

@pytest.fixture(scope="session")
def isolate_project_suffix():
    return {!r}
"""
UP = """\
import signal

def test_up(isolate):
    url = isolate.up("manifest.yaml").apps["shop"].url
    with open("told", "w") as told:
        told.write(url)
    signal.pause()
"""


class Session:
    """A pytest of its own in a folder; its projects bear a suffix of their own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.suffix = f"t{os.getpid() % 10**5}"
        (folder / "conftest.py").write_text(SUFFIX.format(self.suffix))
        self.variables = {**os.environ, "DOCKER_HOST": url, "XDG_STATE_HOME": str(folder / "state")}
        self.variables.pop("CI", None)

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *words]
        pipe, together = subprocess.PIPE, subprocess.STDOUT
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.variables,
            stdout=pipe,
            stderr=together,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str) -> tuple[int, str]:
        with self.start(*words) as child:
            said, _ = child.communicate(timeout=900)
        return child.returncode, said

    def runs(self) -> list[str]:
        """The projects, once for each run."""
        return sorted(path.parent.parent.name for path in self.folder.glob("state/isolate/runs/*/*/result.json"))

    def left(self) -> Sequence[str]:
        """Containers and networks of these projects."""
        with closing(docker.APIClient(base_url=self.url)) as client:
            ours = {"label": "io.isolate.project"}
            found = [*client.containers(all=True, filters=ours), *client.networks(filters=ours)]
        names = [one["Labels"]["io.isolate.project"] for one in found]
        return [name for name in names if f"-{self.suffix}-" in name]


@pytest.fixture
def session(tmp_path: Path, engine_url: str) -> Iterator[Session]:
    made = Session(tmp_path, engine_url)
    yield made
    assert not made.left()


def gallery(session: Session, *names: str) -> None:
    for name in names:
        shutil.copytree(resources.apps() / name, session.folder / name)


def test_processes_run_each_experiment_of_the_gallery_once_and_leave_nothing(session: Session) -> None:
    gallery(session, "port", "no-conflict")
    code, said = session.run("-n", "2")
    assert (code, "5 passed" in said) == (0, True), said
    names = [name.rpartition("-")[0] for name in session.runs()]
    assert names == [f"no-conflict-{session.suffix}", f"one-port-{session.suffix}"]


@pytest.mark.parametrize("words", [(), ("-n", "1")], ids=["alone", "distributed"])
def test_ctrl_c_removes_what_a_test_has_kept_up(session: Session, words: Sequence[str]) -> None:
    shutil.copytree(resources.apps() / "port", session.folder, dirs_exist_ok=True)
    (session.folder / "test_up.py").write_text(UP)
    os.mkfifo(session.folder / "told")
    with os.fdopen(os.open(session.folder / "told", os.O_RDWR)) as told, session.start("test_up.py", *words) as child:
        ready, _, _ = select.select([told], [], [], 120)
        assert ready, child.communicate()[0] if child.poll() is not None else "nothing is up after two minutes"
        assert session.left()
        interrupt(child)


def test_ctrl_c_in_the_middle_of_an_experiment_ends_pytest(session: Session) -> None:
    gallery(session, "port")
    with session.start("-s") as child:
        assert child.stdout
        assert any("healthy on python" in line for line in child.stdout)
        assert "KeyboardInterrupt" in interrupt(child)


def interrupt(child: subprocess.Popen[str]) -> str:
    """As a terminal does: the process, and all that it has started. What was said until the end."""
    os.killpg(child.pid, signal.SIGINT)
    said, _ = child.communicate(timeout=120)
    assert child.returncode == pytest.ExitCode.INTERRUPTED, said
    return said


def of_the_page(folder: Path) -> None:
    """The project that the page shows."""
    files = re.findall(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    tree = re.findall(r"[\w./-]+\.\w+$", PAGE.read_text().split("```")[1], re.MULTILINE)
    assert {Path(name).name for name, _ in files} == {Path(name).name for name in tree}
    for name, text in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_the_project_of_the_page_holds_and_without_its_conflict_it_fails_with_the_evidence_shown(
    session: Session,
) -> None:
    of_the_page(session.folder)
    code, said = session.run("-v")
    assert (code, "4 passed" in said) == (0, True), said
    assert len(session.runs()) == 2
    shown = PAGE.read_text().split("answers three of the four tests:\n\n```\n")[1].split("```")[0]
    assert [re.sub(r" +\[.*", "", line) for line in said.splitlines() if "PASSED" in line] == shown.splitlines()

    ledger = session.folder / "conflict/ledger/app.py"
    ledger.write_text(ledger.read_text().replace("from collections import", "from collections.abc import"))
    code, said = session.run()
    assert (code, "2 failed, 2 passed" in said) == (1, True), said
    shown = PAGE.read_text().split("and the tests say so:\n\n```\n")[1].split("```")[0]
    assert shown in said, said
