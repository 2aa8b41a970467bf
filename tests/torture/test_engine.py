"""The engine fails in whatever way, at whatever moment: an answer in time, exit 75, and no verdict that is false."""

from __future__ import annotations

import itertools
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import docker
import pytest

from isolate import SERVER, write
from torture import bad_registry
from torture.engine import PORTS, Hurt, hurt
from torture.pair import NEW, Ended, Project, project

pytestmark = pytest.mark.docker
TRY_AGAIN = 75
DEADLINE_SECONDS = 30.0
"""What a command may take that waits two seconds for each answer; most of it is a busy machine's."""
IMPATIENT = """\
import sys
from orchestrator.engines import building, deadlines, docker, streams
docker.CALL_TIMEOUT = streams.STALLED_SECONDS = 2
deadlines.PULSE_SECONDS = 1.0
building.BEGIN_SECONDS = 10.0
from orchestrator.__main__ import main
sys.exit(main())
"""
"""The command itself, with seconds where it has a minute or two. A build still has its half hour."""
Fault = Callable[[Hurt], None]
MOMENTS = {"building": "build-line", "starting": "box-started", "checking": "app-ready"}
"""The event of a run after which it is struck. Apps take a second to get ready, and two to be checked."""


def stopped(engine: Hurt) -> None:
    engine.signal(signal.SIGSTOP)


def ended(engine: Hurt) -> None:
    """As a machine's own service manager would end it: boxes are stopped."""
    engine.signal(signal.SIGTERM)
    assert engine.daemon
    engine.daemon.wait(30)


def gone(engine: Hurt) -> None:
    engine.socket.rename(engine.folder / "hidden.sock")


FAULTS: dict[str, Fault] = {
    "stopped": stopped,
    "killed": Hurt.kill,
    "restarted": Hurt.restart,
    "ended": ended,
    "socket gone": gone,
    "disk full": Hurt.fill,
}
LUCKY = {"socket gone"}
"""Connections that are open already go on: the run may end well."""


@pytest.fixture(scope="module")
def engine(engine_url: str, python_base: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hurt]:
    """One that has nothing but a base image."""
    with hurt(tmp_path_factory.mktemp("engine")) as made:
        with closing(docker.APIClient(base_url=engine_url)) as theirs, made.api() as ours:
            ours.load_image(theirs.get_image(python_base))
        yield made


@pytest.fixture
def one(engine: Hurt, python_base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A project on an engine that is well; afterwards it is well again, and `down` leaves nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    engine.mend()
    with project(engine.url, python_base, "t-fault", tmp_path) as made:
        yield made
        engine.mend()
        assert cleared(made) == []


def cleared(made: Project) -> list[str]:
    """What is wrong with a plain `down`."""
    went = made.run("down", made.manifest(), "--json")
    return went.wrong() + [f"left: {name}" for name in made.left()] + [f"{went}"] * bool(went.code)


def manifest(one: Project, mark: str = "", **facts: object) -> str:
    """A service that takes its time, and a job; what they print makes other images of them."""
    late = {"run": ["python", "-c", "import time; time.sleep(2); print(7)"], "stdout": "7"}
    web = {
        "runtime": NEW,
        "command": ["python", "-c", f"import time; time.sleep(1)\n{SERVER}"],
        "ports": ["8080"],
        "checks": [{"http": "/"}, late],
    }
    job = {"runtime": NEW, "command": ["python", "-c", f"print('{mark}')"], "checks": [{"exit": 0}]}
    return write(one.folder, one.name, {"web": web, "job": job}, **facts)


def command(engine: Hurt, *, patient: bool = False) -> tuple[str, ...]:
    """The command as a process of the engine's own network."""
    return (*engine.inside, "--", sys.executable, *(("-m", "orchestrator") if patient else ("-c", IMPATIENT)))


def struck(
    engine: Hurt, one: Project, fault: Fault, moment: str, *words: str, patient: bool = False, seconds: float = 60
) -> Ended:
    """A run that meets the fault at this moment of its own progress."""
    words = words or ("up", manifest(one, f"{time.time_ns()}"))
    with one.begin(*words, "--json", "--progress", "json", command=command(engine, patient=patient)) as process:
        assert process.stderr
        for line in process.stderr:
            if json.loads(line)["event"] == MOMENTS[moment]:
                break
        else:
            raise AssertionError(f"it ended before {moment}")
        began = time.monotonic()
        fault(engine)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return Ended(process.returncode, out, err, time.monotonic() - began)


def wrong(ran: Ended, *codes: int, seconds: float = DEADLINE_SECONDS) -> list[str]:
    """All that is wrong with a run that met a fault."""
    found = ran.wrong()
    if ran.code not in codes or (ran.code and json.loads(ran.out).get("verdict") not in {None, "inconclusive"}):
        found.append(f"{ran.code}: {ran.out[-2000:]} {ran.err[-2000:]}")
    if ran.seconds > seconds:
        found.append(f"an answer after {ran.seconds:.1f} s")
    return found


QUICK = {("stopped", "building"), ("restarted", "checking")}
"""What every run of the tests has."""
CASES = [
    pytest.param(*case, marks=() if case in QUICK else pytest.mark.torture)
    for case in itertools.product(FAULTS, MOMENTS)
]


@pytest.mark.parametrize(("fault", "moment"), CASES)
def test_an_engine_that_fails_is_no_evidence(fault: str, moment: str, engine: Hurt, one: Project) -> None:
    ran = struck(engine, one, FAULTS[fault], moment)
    print(f"\n{fault}, {moment}: {ran.code} after {ran.seconds:.1f} s")
    assert wrong(ran, TRY_AGAIN, *([0] if fault in LUCKY else [])) == []


@pytest.mark.torture
@pytest.mark.parametrize("moment", ["building", "checking"])
def test_a_stopped_engine_is_not_waited_for_longer_than_two_answers(moment: str, engine: Hurt, one: Project) -> None:
    """The command as it is, with its sixty seconds for an answer."""
    ran = struck(engine, one, stopped, moment, patient=True, seconds=240)
    print(f"\nas it is, {moment}: {ran.code} after {ran.seconds:.1f} s")
    assert wrong(ran, TRY_AGAIN, seconds=150) == []


@pytest.mark.torture
@pytest.mark.parametrize("fault", ["stopped", "killed", "restarted"])
def test_a_test_on_an_engine_that_fails_reports_no_failed_check(fault: str, engine: Hurt, one: Project) -> None:
    report = one.folder / "junit.xml"
    words = ("test", manifest(one, f"{time.time_ns()}"), "--junit", str(report))
    ran = struck(engine, one, FAULTS[fault], "checking", *words)
    print(f"\n{fault}, test: {ran.code} after {ran.seconds:.1f} s")
    assert wrong(ran, TRY_AGAIN) == []
    assert "<failure" not in report.read_text()


@pytest.mark.torture
def test_down_of_a_stopped_engine_answers_in_time_and_does_its_work_later(engine: Hurt, one: Project) -> None:
    assert one.run("up", manifest(one), command=command(engine, patient=True)).code == 0
    stopped(engine)
    ran = one.run("down", one.name, "--json", command=command(engine))
    assert wrong(ran, TRY_AGAIN) == []


@pytest.mark.torture
def test_address_pools_that_are_used_up_are_no_evidence(engine: Hurt, one: Project) -> None:
    with engine.api() as api:
        made: list[str] = []
        with suppress(docker.errors.APIError):
            while len(made) < 8:
                made.append(api.create_network(f"t-fault-pool-{len(made)}")["Id"])
        ran = one.run("up", manifest(one), "--json", command=command(engine))
        for network in made:
            api.remove_network(network)
    assert 0 < len(made) < 8
    assert wrong(ran, TRY_AGAIN) == []
    assert "address pool" in ran.out


@pytest.mark.torture
@pytest.mark.parametrize(("free", "code"), [(0, TRY_AGAIN), (60, 0)])
def test_ports_that_others_have_taken_are_no_conflict_of_the_apps(
    free: int, code: int, engine: Hurt, one: Project
) -> None:
    """The engine chooses a port when a box starts, and tries another where it was taken since."""
    first, last = PORTS
    for port in range(first, last + 1 - free):
        with suppress(OSError):  # then another has it, which is as good
            engine.within(lambda port=port: engine.held.append(holding(port)))
    ran = one.run("up", manifest(one), "--json", command=command(engine, patient=True))
    assert wrong(ran, code) == []


def holding(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


@pytest.mark.parametrize(
    "fault", [pytest.param(f, marks=[pytest.mark.torture] * (f != "falls silent")) for f in bad_registry.FAULTS]
)
def test_a_registry_that_fails_is_named_and_no_evidence(
    fault: bad_registry.Fault, engine: Hurt, one: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bad_registry.registry(fault, engine.within) as host:
        monkeypatch.setenv("ISOLATE_REGISTRY", host)
        ran = one.run("up", manifest(one), "--base", "registry", "--json", command=command(engine))
    print(f"\nregistry {fault}: {ran.code} after {ran.seconds:.1f} s")
    assert wrong(ran, TRY_AGAIN) == []
    assert f"registry: {host}/library/python" in ran.out
    assert ("too slow" in ran.out) == (fault in {"trickles", "falls silent"}), ran.out


@pytest.mark.torture
def test_the_registry_of_these_tests_is_good_where_it_is_not_told_to_fail(
    engine: Hurt, one: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bad_registry.registry("none", engine.within) as host:
        monkeypatch.setenv("ISOLATE_REGISTRY", host)
        words = ("up", manifest(one), "--base", "registry", "--progress", "json")
        ran = one.run(*words, command=command(engine))
    assert '"source": "registry"' in ran.err, ran.err
    with engine.api() as api:
        for image in api.images(f"{host}/library/python"):
            api.remove_image(image["Id"], force=True)


ON_THE_CLIENT = {"building": "build-line", "checking": "app-ready"}


def halves(engine: Hurt) -> list[str]:
    """What lies half written on the client's disk."""
    return engine.run("find", str(engine.client_disk), "-name", "*.part").split()


@pytest.mark.torture
@pytest.mark.parametrize("moment", ON_THE_CLIENT)
def test_a_disk_of_the_client_that_fills_up_ends_the_run_and_leaves_no_half_of_a_report(
    moment: str, engine: Hurt, one: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state folder and the reports are on it."""
    state = engine.client_disk / "state"
    reports = [word for form in ("junit", "html") for word in (f"--{form}", str(engine.client_disk / form))]
    words = ("env", f"XDG_STATE_HOME={state}", sys.executable, "-c", IMPATIENT)
    monkeypatch.setattr(sys.modules[__name__], "command", lambda *_, **__: (*engine.inside, "--", *words))
    ran = struck(engine, one, Hurt.fill_client, moment, "test", manifest(one, f"{time.time_ns()}"), *reports)
    print(f"\ndisk of the client full, {moment}: {ran.code} after {ran.seconds:.1f} s")
    assert wrong(ran, TRY_AGAIN) == []
    assert halves(engine) == []
    assert one.left() == []


def test_a_full_disk_of_the_client_is_told_and_leaves_no_half_of_a_report(engine: Hurt, one: Project) -> None:
    """There was room for the record; there is none for the report."""
    engine.fill_client()
    report = engine.client_disk / "junit.xml"
    ran = one.run("test", one.manifest(), "--junit", str(report), "--json", command=command(engine, patient=True))
    assert wrong(ran, TRY_AGAIN) == []
    assert "No space left on device" in ran.err
    assert engine.run("find", str(engine.client_disk), "-not", "-size", "0", "-type", "f").split() == [
        f"{engine.client_disk}/ballast"
    ]
