"""The fences hold: tried by programs inside real boxes, in every arm, and looked at from the machine outside."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import Any

import pytest

from isolate import document, isolate, service, write
from orchestrator.engines.private.leftovers import processes

pytestmark = pytest.mark.docker
NEW = "python@3.12"
INSIDE = (Path(__file__).parent / "inside.py").read_text()
REFUSED = {"Operation not permitted", "Permission denied"}
LISTENS = "0A"
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}
FORKS = "import os, time\nwhile True:\n    if not os.fork():\n        time.sleep(600)\n"
FLOOD = "x = []\nwhile True:\n    x.append(bytearray(1 << 20))\n"
CHILD = (
    f"import subprocess, sys\nsys.exit(subprocess.run([sys.executable, '-c', {FLOOD!r}]).returncode and 'no child')\n"
)
ON_REQUEST = """\
import os, http.server as h
class Answer(h.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/flood":
            x = [bytearray(1 << 20) for _ in range(1 << 16)]
        self.send_response(200)
        self.end_headers()
h.HTTPServer(("", int(os.environ["PORT"])), Answer).serve_forever()
"""


def job(script: str, **facts: object) -> dict[str, object]:
    return {"runtime": NEW, "command": ["python", "-u", "-c", script], "checks": [{"exit": 0}], **facts}


def limited(**limits: object) -> dict[str, object]:
    return {"resources": {"limits": limits}}


def test_a_program_in_a_box_of_any_arm_can_do_nothing_that_it_should_not(
    project: str, engine_url: str, tmp_path: Path
) -> None:
    path = write(tmp_path, project, {"one": job(INSIDE), "two": job("")})
    ran = isolate("up", path, url=engine_url, environment={"XDG_STATE_HOME": str(tmp_path)})
    assert ran.returncode == 0, ran.stderr
    (folder,) = (tmp_path / "isolate/runs" / project).iterdir()
    logs = [*(folder / "logs").glob("*_one.log")]
    assert {file.name.partition("_")[0] for file in logs} == {"isolated", "control", "shared"}
    for file in logs:
        _holds(json.loads(file.read_text()))


def _holds(told: Any) -> None:
    caps = {name: value for name, value in told["status"].items() if name.startswith("Cap")}
    assert set(caps.values()) == {"0" * 16}
    assert (told["status"]["NoNewPrivs"], told["status"]["Seccomp"], told["status"]["Groups"]) == ("1", "2", "10001")
    assert told["ids"] == [10001] * 6
    assert set(told["writes"].values()) <= {"Read-only file system", "Permission denied"}
    assert "Read-only file system" in told["writes"].values()
    assert "done" not in {*told["kernel"].values(), *told["reads"].values()}
    attempts = ("becomes root", "mounts", "new namespaces", "makes a device", "runs from /tmp", "raw packets")
    assert {name: told[name] for name in attempts if told[name] not in REFUSED} == {}
    assert not [name for name in told["devices"] if name.startswith(("sd", "vd", "nvme", "dm", "loop", "kvm", "mem"))]
    assert (told["sockets"], told["engine"]) == ([], [])
    assert set(told["mounted"]) <= {"/etc/resolv.conf", "/etc/hostname", "/etc/hosts", "/usr/sbin/docker-init"}


def listeners() -> set[tuple[str, int, str]]:
    """(address, port, inode) of every TCP socket that listens in the network namespace of this machine."""
    found = set()
    for name in ("tcp", "tcp6"):
        for line in Path("/proc/net", name).read_text().splitlines()[1:]:
            words = line.split()
            address, port = words[1].split(":")
            if words[3] == LISTENS:
                found.add((address, int(port, 16), words[9]))
    return found


def test_a_published_port_listens_on_loopback_alone_and_the_engine_on_no_port_at_all(
    project: str, engine_url: str, tmp_path: Path
) -> None:
    path = write(tmp_path, project, {"one": service(NEW), "two": service(NEW)}, shared=[])
    ran = isolate("up", path, "--json", url=engine_url)
    ports = {int(app["url"].rpartition(":")[2]) for app in document(ran)["apps"].values()}
    there = listeners()
    assert len(ports) == 2
    assert {port for _, port, _ in there if port in ports} == ports
    assert {address for address, port, _ in there if port in ports} <= LOOPBACK
    assert [one for one in there if one[2] in _held_by("dockerd") and one[0] not in LOOPBACK] == []


def _held_by(program: str) -> set[str]:
    """Inodes of the sockets of every process of that name."""
    pids = [pid for pid, words in processes() if Path(words[0]).name == program]
    assert pids, f"no {program} runs on this machine"
    inodes = set[str]()
    for link in (link for pid in pids for link in Path(f"/proc/{pid}/fd").iterdir()):
        try:
            inodes |= set(re.findall(r"^socket:\[(\d+)\]$", str(link.readlink())))
        except OSError:
            continue
    return inodes


def test_a_box_does_not_reach_the_boxes_of_another_project(
    project: str, engine_url: str, tmp_path: Path, api: Any
) -> None:
    """Not by their own address. What is published is on the machine's loopback, which no box has."""
    other = f"{project}-b"
    try:
        there = write(tmp_path, other, {"one": service(NEW)}, shared=[])
        assert isolate("up", there, url=engine_url).returncode == 0
        networks = api.inspect_container(f"isolate-{other}_one")["NetworkSettings"]["Networks"]
        (address,) = (one["IPAddress"] for one in networks.values())
        reach = f"import socket\nsocket.create_connection(('{address}', 8080), 2)"
        here = write(tmp_path, project, {"one": job(reach)}, shared=[])
        ran = isolate("up", here, "--json", url=engine_url)
        assert ran.returncode == 1
        assert "timed out" in str(document(ran)["apps"]["one"]) + ran.stderr
    finally:
        isolate("down", other, url=engine_url)


def test_a_box_reaches_what_the_machine_offers_to_its_networks(
    project: str, engine_url: str, tmp_path: Path, api: Any
) -> None:
    """No fence: SECURITY.md says so. What listens on loopback alone is out of reach."""
    gateway = api.inspect_network("bridge")["IPAM"]["Config"][0]["Gateway"]
    with socket.create_server((gateway, 0)) as offered, socket.create_server(("127.0.0.1", 0)) as kept:
        tries = "import socket, sys\nsocket.create_connection((sys.argv[1], int(sys.argv[2])), 5)\n"
        address, port = offered.getsockname()
        reached = job(tries, command=["python", "-c", tries, address, str(port)])
        refused = job(tries, command=["python", "-c", tries, address, str(kept.getsockname()[1])])
        path = write(tmp_path, project, {"reached": reached, "refused": refused}, shared=[])
        apps = document(isolate("up", path, "--json", "--keep-going", url=engine_url))["apps"]
    assert {name: app["state"] for name, app in apps.items()} == {"reached": "exited", "refused": "failed"}


def broken(ran: Any) -> str:
    """Why the first entry of a broken experiment is; its exit code is 1."""
    (entry,) = document(ran)["shared"]
    assert (ran.returncode, entry["verdict"]) == (1, "broken"), entry
    return str(entry["because"][0])


def test_a_fork_bomb_ends_at_the_limit_and_that_is_told(project: str, engine_url: str, tmp_path: Path) -> None:
    path = write(tmp_path, project, {"one": job(FORKS, deploy=limited(pids=40)), "two": job("")})
    told = broken(isolate("up", path, "--json", url=engine_url))
    assert "the box was at its limit of processes (40)" in told
    assert "Resource temporarily unavailable" in told


def test_an_app_that_takes_too_much_memory_is_told_so(project: str, engine_url: str, tmp_path: Path) -> None:
    path = write(tmp_path, project, {"one": job(FLOOD, deploy=limited(memory="64M")), "two": job("")})
    told = broken(isolate("up", path, "--json", url=engine_url))
    assert "killed at the box's memory limit (its own share is 64 MiB)" in told


def test_so_it_is_where_a_child_of_the_app_took_it(project: str, engine_url: str, tmp_path: Path) -> None:
    path = write(tmp_path, project, {"one": job(CHILD, deploy=limited(memory="64M")), "two": job("")})
    told = broken(isolate("up", path, "--json", url=engine_url))
    assert "no child" in told
    assert "a process was killed at the box's memory limit (64 MiB)" in told


def test_so_it_is_where_a_service_took_it_while_it_was_checked(project: str, engine_url: str, tmp_path: Path) -> None:
    checks = [{"http": "/"}, {"http": "/flood"}]
    flooded = service(NEW, command=["python", "-c", ON_REQUEST], checks=checks, deploy=limited(memory="64M"))
    path = write(tmp_path, project, {"one": flooded, "two": job("")})
    told = broken(isolate("up", path, "--json", url=engine_url))
    assert "killed at the box's memory limit (its own share is 64 MiB)" in told


def test_in_a_shared_box_a_memory_flood_is_evidence_with_its_cause(
    project: str, engine_url: str, tmp_path: Path
) -> None:
    """Alone on its own runtime it fits; in one environment with the other it does not, since only there it floods."""
    floods = f"import os\nif os.path.exists('/apps/two'):\n    {FLOOD.replace(chr(10), chr(10) + '    ')}"
    apps = {"one": job(floods, deploy=limited(memory="64M")), "two": job("", deploy=limited(memory="64M"))}
    ran = isolate("up", write(tmp_path, project, apps), "--json", url=engine_url)
    (entry,) = document(ran)["shared"]
    assert entry["verdict"] == "conflict", entry
    assert "memory limit" in " ".join(entry["because"]), entry["because"]
