"""`isolate up` and `down` from the outside, on a real engine: verdicts, interruptions, and nothing left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from fences import Watch
from isolate import COMMAND, document, isolate, service, write
from published import is_record

pytestmark = pytest.mark.docker
NEW = "python@3.12"


def ours(api: Any, project: str) -> list[str]:
    """Containers and networks of a project."""
    label = {"label": f"io.isolate.project={project}"}
    containers = [name for one in api.containers(all=True, filters=label) for name in one["Names"]]
    return containers + [one["Name"] for one in api.networks(filters=label)]


def test_an_app_broken_by_itself_is_broken_with_its_last_lines(project: str, engine_url: str, tmp_path: Path) -> None:
    dies = service(NEW, command=["python", "-c", "raise SystemExit('the disk is not there')"])
    path = write(tmp_path, project, {"good": service(NEW), "bad": dies})
    ran = isolate("up", path, "--json", url=engine_url)
    (entry,) = document(ran)["shared"]
    assert (ran.returncode, entry["verdict"], entry["app"], entry["kind"]) == (1, "broken", "bad", None)
    assert "the disk is not there" in entry["because"][0]
    assert {cell["outcome"] for cell in entry["cells"] if cell["arm"] != "isolated"} == {"not-run"}


def test_pulling_the_network_away_proves_nothing(project: str, engine_url: str, tmp_path: Path) -> None:
    path = write(tmp_path, project, {"one": service(NEW, packages=["six==1.16.0"]), "two": service(NEW)})
    gone = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "1",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_CONFIG_FILE": os.devnull,
    }
    ran = isolate("up", path, "--json", url=engine_url, environment=gone)
    (entry,) = document(ran)["shared"]
    assert (ran.returncode, entry["verdict"]) == (75, "inconclusive")
    assert "Connection refused" in entry["because"][0]


def test_a_second_up_keeps_the_boxes_and_replaces_only_what_changed(
    project: str, engine_url: str, tmp_path: Path, api: Any
) -> None:
    apps = {"kept": service(NEW), "changed": service(NEW, environment={"COLOUR": "red"})}
    path = write(tmp_path, project, apps, shared=[])
    assert isolate("up", path, url=engine_url).returncode == 0
    before = {name: api.inspect_container(f"isolate-{project}_{name}")["Id"] for name in apps}
    write(tmp_path, project, {**apps, "changed": service(NEW, environment={"COLOUR": "blue"})}, shared=[])
    assert isolate("up", path, url=engine_url).returncode == 0
    after = {name: api.inspect_container(f"isolate-{project}_{name}")["Id"] for name in apps}
    assert after["kept"] == before["kept"]
    assert after["changed"] != before["changed"]


def test_every_box_is_fenced_in_every_arm(project: str, engine_url: str, tmp_path: Path, boxes: Watch) -> None:
    path = write(tmp_path, project, {"one": service(NEW), "two": service(NEW)})
    ran = isolate("up", path, url=engine_url)
    assert ran.returncode == 0, ran.stderr
    isolate("exec", project, "one", "--", "true", url=engine_url)
    assert boxes.arms(project) == {"isolated", "control", "shared"}
    assert boxes.commands
    assert boxes.wrong == []


@pytest.mark.parametrize("moment", ["build-started", "box-started", "app-ready", "cell-observed"])
def test_an_interrupted_run_removes_what_it_made_and_exits_130(
    moment: str, project: str, engine_url: str, tmp_path: Path, api: Any
) -> None:
    """Interrupted as soon as the run tells that it got this far."""
    marker = f"{moment} {monotonic()}"
    apps = {
        name: service(NEW, command=["python", "-c", f"'{marker}'\n" + service(NEW)["command"][2]])
        for name in ("one", "two")
    }
    path = write(tmp_path, project, apps)
    with subprocess.Popen(
        (*COMMAND, "up", path, "--progress", "json"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "DOCKER_HOST": engine_url},
    ) as run:
        lines = []
        for line in run.stderr or ():
            lines.append(line)
            if f'"event": "{moment}"' in line:
                run.send_signal(signal.SIGINT)
                break
        rest = (run.stderr.read() if run.stderr else "").splitlines()
    assert run.returncode == 130, (lines[-3:], rest)
    assert "Traceback" not in "\n".join(rest)
    assert is_record(line for line in [*lines, *rest] if line.startswith("{"))
    sleep(1)
    assert ours(api, project) == []


def test_down_is_idempotent_and_leaves_foreign_objects_alone(
    project: str, engine_url: str, tmp_path: Path, api: Any, python_base: str
) -> None:
    foreign = {"io.isolate.project": f"{project}-other", "io.isolate.owner": "somebody"}
    kept = [
        api.create_container(python_base, ["true"], name=f"isolate-{project}_lookalike")["Id"],
        api.create_container(python_base, ["true"], labels={"com.docker.compose.project": project})["Id"],
        api.create_container(python_base, ["true"], labels=foreign)["Id"],
    ]
    net = api.create_network(f"isolate-{project}-lookalike")["Id"]
    try:
        path = write(tmp_path, project, {"one": service(NEW)}, shared=[])
        assert isolate("up", path, url=engine_url).returncode == 0
        first = document(isolate("down", path, "--json", url=engine_url))
        assert first["removed"]["containers"] == [f"isolate-{project}_one"]
        assert first["removed"]["networks"] == [f"isolate-{project}"]
        again = isolate("down", path, "--json", url=engine_url)
        assert (again.returncode, document(again)["removed"]["containers"]) == (0, [])
        assert ours(api, project) == []
        assert {one["Id"] for one in api.containers(all=True)} >= set(kept)
        assert net in {one["Id"] for one in api.networks()}
    finally:
        for one in kept:
            api.remove_container(one)
        api.remove_network(net)


def test_the_same_name_in_another_folder_is_another_project(project: str, engine_url: str, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    first, second = (write(tmp_path / folder, project, {"one": service(NEW)}, shared=[]) for folder in ("a", "b"))
    assert isolate("up", first, url=engine_url).returncode == 0
    ran = isolate("up", second, url=engine_url)
    assert ran.returncode == 2
    assert f"-p {project}-2" in ran.stderr


def test_a_wrong_manifest_never_reaches_the_engine(tmp_path: Path) -> None:
    wrong = write(tmp_path, "wrong", {"one": {**service(NEW), "privileged": True}})
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        listener.settimeout(0)
        ran = isolate("up", wrong, url=f"unix://{tmp_path}/s", seconds=20)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert ran.returncode == 2
    assert "wrong.yaml:1:" in ran.stderr


def test_a_dead_engine_is_infrastructure_with_a_hint(tmp_path: Path) -> None:
    path = write(tmp_path, "dead", {"one": service(NEW)})
    ran = isolate("up", path, "--json", url=f"unix://{tmp_path}/nobody")
    assert (ran.returncode, document(ran)["exit_code"]) == (75, 75)
    assert "hint:" in ran.stderr


def test_an_entry_that_cannot_be_tried_is_refused_before_an_engine_is_looked_for(tmp_path: Path) -> None:
    apps = {"old": service("debian@bullseye"), "new": service(NEW)}
    path = write(tmp_path, "mixed", apps, shared=[{"name": "one-runtime"}])
    ran = isolate("up", path, url=f"unix://{tmp_path}/nobody")
    assert ran.returncode == 2
    assert "no OS base is known on which debian@bullseye and python@3.12 work" in ran.stderr


def test_dry_run_prints_the_plan_without_an_engine(tmp_path: Path) -> None:
    path = write(tmp_path, "dry", {"one": service("python@3.8"), "two": service(NEW)})
    ran = isolate("up", path, "--dry-run", url=f"unix://{tmp_path}/nobody")
    assert ran.returncode == 0, ran.stderr
    assert "shared python@3.12 together: one + two" in ran.stdout


def test_a_run_leaves_its_events_its_result_and_its_dockerfiles(project: str, engine_url: str, tmp_path: Path) -> None:
    path = write(tmp_path, project, {"one": service(NEW)}, shared=[])
    ran = isolate("up", path, "--json", url=engine_url, environment={"XDG_STATE_HOME": str(tmp_path)})
    (folder,) = (tmp_path / "isolate" / "runs" / project).iterdir()
    assert document(ran)["folder"] == str(folder)
    assert {one.name for one in folder.iterdir()} == {"events.jsonl", "result.json", "dockerfiles", "logs"}
    assert (folder / "logs" / "isolated_python@3.12_one.log").is_file()
