"""Each fence around a box holds, and its absence would be seen."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest

import orchestrator
from fences import BY_HAND, FENCES, OURS, Box, Watch, command_wrong, wrong

pytestmark = pytest.mark.docker
HOLES: dict[str, dict[str, object]] = {
    "5.2": {"AppArmorProfile": "unconfined"},
    "5.3": {"HostConfig.SecurityOpt": ["no-new-privileges:true", "label=disable"]},
    "5.4": {"HostConfig.CapAdd": ["NET_RAW"]},
    "5.5": {"HostConfig.Privileged": True},
    "5.6": {"HostConfig.Binds": ["/etc:/etc:ro"]},
    "5.8": {"HostConfig.PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "80"}]}},
    "5.10": {"HostConfig.NetworkMode": "host"},
    "5.11": {"HostConfig.MemorySwap": -1},
    "5.12": {"HostConfig.NanoCpus": 0},
    "5.13": {"HostConfig.ReadonlyRootfs": False},
    "5.14": {"HostConfig.PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": ""}]}},
    "5.15": {"HostConfig.RestartPolicy": {"Name": "always"}},
    "5.16": {"HostConfig.PidMode": "host"},
    "5.17": {"HostConfig.IpcMode": "host"},
    "5.18": {"HostConfig.Devices": [{"PathOnHost": "/dev/kvm"}]},
    "5.19": {"HostConfig.Ulimits": None},
    "5.20": {"Mounts": [{"Propagation": "rshared", "Source": "/a"}]},
    "5.21": {"HostConfig.UTSMode": "host"},
    "5.22": {"HostConfig.SecurityOpt": ["no-new-privileges:true", "seccomp=unconfined"]},
    "5.25": {"HostConfig.CgroupParent": "/"},
    "5.26": {"HostConfig.SecurityOpt": []},
    "5.29": {"HostConfig.PidsLimit": None},
    "5.30": {"NetworkSettings.Networks": {"bridge": {}}},
    "5.31": {"HostConfig.UsernsMode": "host"},
    "5.32": {"HostConfig.Binds": ["/var/run/docker.sock:/s"]},
    "4.1": {"Config.User": ""},
    "its own init": {"HostConfig.Init": None},
    "the log": {"HostConfig.LogConfig": {"Type": "json-file", "Config": {}}},
    "what is writable": {"HostConfig.Tmpfs": {"/tmp": "rw,nosuid,nodev,noexec"}},
    "it carries": {"Config.Labels": {"io.isolate.project": "x"}},
    "the kernel's masks": {"HostConfig.MaskedPaths": []},
    "no kernel parameter": {"HostConfig.Sysctls": {"net.ipv4.ip_forward": "1"}},
}


@pytest.fixture(scope="module")
def account(engine_url: str, python_base: str) -> Iterator[Box]:
    """The engine's account of a box of ours, which is made and never started."""
    from orchestrator.engines import container
    from orchestrator.model import Box as Made
    from orchestrator.model import Launch, Limits

    labels = {f"io.isolate.{name}": "t-fences" for name in ("project", "owner", "run", "app")}
    labels["io.isolate.arm"] = "isolated"
    launch = Launch("one", ("true",), "/apps/one", {}, ports=(8080,))
    box = Made("isolate-t-fences_one", python_base, "isolated", (launch,), Limits(), "isolate-t-fences", labels, ())
    with closing(docker.APIClient(base_url=engine_url)) as api:
        made = api.create_container(**container.arguments(api, box, 2))["Id"]
        try:
            yield api.inspect_container(made)
        finally:
            api.remove_container(made)


def test_a_box_of_ours_has_every_fence(account: Box) -> None:
    assert wrong(account) == []
    assert account["HostConfig"]["NetworkMode"] == "isolate-t-fences"


@pytest.mark.parametrize("name", HOLES)
def test_a_box_without_a_fence_is_found_out(name: str, account: Box) -> None:
    holed: Any = copy.deepcopy(account)
    for path, value in HOLES[name].items():
        *folders, last = path.split(".")
        place = holed
        for folder in folders:
            place = place[folder]
        place[last] = value
    assert [one for one in wrong(holed) if one.startswith(f"{name} ")]


def test_every_fence_has_a_hole_to_find_and_every_number_of_the_benchmark_an_answer() -> None:
    assert sorted(one for one in FENCES if not any(one.startswith(f"{name} ") for name in HOLES)) == []
    numbers = {one.split()[0] for one in FENCES} | BY_HAND.keys()
    assert {f"5.{number}" for number in range(1, 33)} <= numbers


def test_a_command_as_root_or_with_privileges_is_found_out() -> None:
    assert command_wrong({"ProcessConfig": {"privileged": False, "user": "10001:10001"}}) == []
    assert command_wrong({"ProcessConfig": {"privileged": False, "user": "root"}}) == ["5.24 not as root"]
    assert command_wrong({"ProcessConfig": {"privileged": True}}) == ["5.23 not privileged"]


def test_the_watch_sees_what_is_made_without_fences(engine_url: str, python_base: str) -> None:
    """A stand-in that is told of by hand: the watch over all tests would fail them for a real one."""
    with closing(docker.APIClient(base_url=engine_url)) as api:
        made = api.create_container(python_base, ["true"], labels={"io.isolate.project": "t-bare"})["Id"]
        found = Watch(api)
        try:
            for labels in ({}, {OURS: "x"}):
                assert found.wrong == []
                found.take({"Action": "create", "Actor": {"ID": made, "Attributes": labels}})
            name = api.inspect_container(made)["Name"]
        finally:
            api.remove_container(made)
    assert any(one.startswith(f"{name}: 5.4") for one in found.wrong)


def test_boxes_are_made_in_one_place_alone() -> None:
    sources = Path(orchestrator.__file__).parent.rglob("*.py")
    calls = {file.name: file.read_text().count("create_container(") for file in sources}
    assert {name: count for name, count in calls.items() if count} == {"docker.py": 2}
