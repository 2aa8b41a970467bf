"""One experiment for all processes of a session, and none where nobody asks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

import scenarios
from orchestrator.testing.once import once
from theirs import Project


def test_processes_of_one_session_share_one_run_of_each_manifest(project: Project) -> None:
    for number in range(4):
        project.add(f"pair-{number}", scenarios.python)
    project.pytester.makepyfile("""
        import pytest
        @pytest.mark.parametrize("time", range(8))
        def test_all(isolate, time):
            for number in range(4):
                assert isolate.run(f"pair-{number}/manifest.yaml").verdict == "conflict"
    """)
    ran = project.pytester.runpytest_subprocess("-n", "4", "-p", "no:hypothesispytest")
    ran.assert_outcomes(passed=16)
    assert sorted(line.split()[0] for line in project.runs()) == [f"pair-{number}" for number in range(4)]
    assert len({line.split()[1] for line in project.runs()}) == 4


def test_a_second_session_runs_it_again(project: Project) -> None:
    project.add("pair", scenarios.python)
    for _ in range(2):
        project.pytester.runpytest_subprocess("-n", "2", "-p", "no:hypothesispytest").assert_outcomes(passed=2)
    assert len(project.runs()) == 2


def test_whoever_dies_in_the_middle_lets_the_next_one_run_it(tmp_path: Path) -> None:
    ours, theirs = get_context("spawn").Pipe()
    child = get_context("spawn").Process(target=never_done, args=(tmp_path / "run", theirs))
    child.start()
    assert ours.recv() == "begun"
    os.kill(child.pid or 0, signal.SIGKILL)
    assert once(tmp_path / "run", lambda: tmp_path) == tmp_path
    child.join()


def never_done(place: Path, told: Connection) -> None:
    def make() -> Path:
        told.send("begun")
        signal.pause()
        return place

    once(place, make)


def test_what_could_not_be_made_is_made_by_the_next(tmp_path: Path) -> None:
    def fails() -> Path:
        raise OSError

    with pytest.raises(OSError):
        once(tmp_path / "run", fails)
    assert once(tmp_path / "run", lambda: tmp_path) == tmp_path


def test_nothing_but_the_plugin_is_loaded_where_nothing_asks_for_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    script = (
        "import sys, pytest; code = pytest.main(['-q', '-p', 'no:cacheprovider']);"
        "print(code, *sorted(name for name in sys.modules if name.split('.')[0] in {'orchestrator', 'docker', 'rich'}))"
    )
    told = subprocess.check_output([sys.executable, "-c", script], cwd=pytester.path, text=True)
    assert told.splitlines()[-1].split() == [
        "ExitCode.OK" if "ExitCode" in told.splitlines()[-1] else "0",
        "orchestrator",
        "orchestrator.testing",
        "orchestrator.testing.plugin",
    ]


def test_the_package_itself_does_not_need_pytest() -> None:
    script = (
        "import sys; sys.modules['pytest'] = None\n"
        "from pkgutil import walk_packages; from importlib import import_module; import orchestrator\n"
        "for one in walk_packages(orchestrator.__path__, 'orchestrator.'):\n"
        "    one.name.startswith(('orchestrator.testing', 'orchestrator.__main__')) or import_module(one.name)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
