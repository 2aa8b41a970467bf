"""What all builds of isolate's own engine may take, in both versions of cgroups, which a folder stands for here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator import confinement
from orchestrator.engines import building
from orchestrator.engines.private import fence
from orchestrator.engines.private.layout import Layout
from orchestrator.model import Image

LAYOUT = Layout("0" * 16, Path("/nowhere"), Path("/nowhere"))
BELOW = f"isolate-{'0' * 16}/buildkit"
GIB = 1 << 30


@pytest.fixture
def cgroups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(fence, "CGROUPS", tmp_path)
    monkeypatch.setattr(fence, "_machine", lambda: 10 * GIB)
    return tmp_path


def files(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")


def test_version_1_limits_memory_with_swap_and_processes_each_in_its_tree(cgroups: Path) -> None:
    memory, pids = f"memory/{BELOW}", f"pids/{BELOW}"
    names = (f"{memory}/memory.limit_in_bytes", f"{memory}/memory.memsw.limit_in_bytes", f"{pids}/pids.max")
    files(cgroups, *names)
    fence.fence_builds(LAYOUT)
    assert [(cgroups / name).read_text() for name in names] == [str(5 * GIB), str(5 * GIB), "4096"]
    assert fence.fence_of(LAYOUT) == 5 * GIB


def test_version_2_hands_the_controllers_down_and_gives_no_swap(cgroups: Path) -> None:
    (cgroups / "cgroup.controllers").write_text("memory pids")
    names = [f"{BELOW}/{name}" for name in ("memory.max", "memory.swap.max", "pids.max")]
    files(cgroups, *names)
    fence.fence_builds(LAYOUT, 2 * GIB)
    assert [(cgroups / name).read_text() for name in names] == [str(2 * GIB), "0", "4096"]
    assert (cgroups / "cgroup.subtree_control").read_text() == "+memory +pids"
    assert (cgroups / f"isolate-{'0' * 16}/cgroup.subtree_control").read_text() == "+memory +pids"
    assert fence.fence_of(LAYOUT) == 2 * GIB


@pytest.mark.parametrize("told", ["", "max", str(1 << 63)])
def test_what_is_no_limit_is_not_taken_for_one(cgroups: Path, told: str) -> None:
    assert fence.fence_of(LAYOUT) is None
    files(cgroups, f"memory/{BELOW}/memory.limit_in_bytes")
    (cgroups / f"memory/{BELOW}/memory.limit_in_bytes").write_text(told)
    assert fence.fence_of(LAYOUT) is None


@pytest.mark.parametrize(
    ("network", "needs", "given"),
    [("default", True, "default"), ("default", False, "none"), ("host", False, "none"), ("host", True, "host")],
)
def test_a_build_is_told_its_network_and_its_memory(network: str, needs: bool, given: str) -> None:
    image = Image("a:1", "1", "FROM scratch\n", (), "a test", network=needs)
    told = building._parameters(image, "classic", building.Terms({}, network))
    assert (told["networkmode"], told["memory"], told["memswap"]) == (given, *[confinement.BUILD_MEMORY] * 2)


@pytest.mark.parametrize(
    ("network", "needs", "told"), [("default", True, True), ("default", False, False), ("none", True, False)]
)
def test_a_proxy_is_told_to_the_builds_that_reach_a_network_alone(network: str, needs: bool, told: bool) -> None:
    image = Image("a:1", "1", "FROM scratch\n", (), "a test", network=needs)
    terms = building.Terms({"HTTP_PROXY": "http://me:word@proxy"}, network)
    given = json.loads(building._parameters(image, "buildkit", terms)["buildargs"])
    assert given == (dict(terms.arguments) if told else {})
