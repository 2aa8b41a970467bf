"""The private engine: where its programs come from, and that it leaves everybody else's network alone."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from ipaddress import IPv4Network
from pathlib import Path

import docker
import pytest

from orchestrator import places
from orchestrator.cli import main
from orchestrator.engines import private
from orchestrator.engines.docker import DockerEngine
from orchestrator.engines.locate import Endpoint, connected
from orchestrator.engines.private import daemon, leftovers, packages, process
from orchestrator.engines.private.firewall import WRAPPER, removal
from orchestrator.engines.private.layout import client_environment, environment, here, program
from orchestrator.engines.private.leftovers import processes
from orchestrator.engines.private.network import BLOCKS, free_block, pool
from orchestrator.engines.private.sources import archive, deb822, machine_sources, one_line
from orchestrator.errors import Unavailable
from orchestrator.model import Image
from orchestrator.signs import sign

# --- apt's sources -------------------------------------------------------------------------------------------

DEB822 = """\
# a comment
Types: deb deb-src
URIs: http://mirror.example/debian
# one in between
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: https://deb.vendor.example
Suites: nodistro
Components: main
"""
ONE_LINE = """\
# deb http://commented.example/debian bookworm main
deb http://mirror.example/debian bookworm main contrib # the mirror
deb [arch=amd64,arm64 signed-by=/etc/k.gpg] http://mirror.example/debian bookworm-updates main
deb-src http://mirror.example/debian bookworm main
deb cdrom:[disc]/ bookworm main
deb https://vendor.example/apt bookworm stable
"""


def test_deb822_sources_are_read_with_comments_and_without_disabled_ones() -> None:
    first, second, third = deb822(DEB822)
    assert first["types"] == "deb"
    assert (first["suites"], first["components"]) == ("bookworm bookworm-updates", "main contrib")
    assert [one["uris"].rpartition("/")[2] for one in (first, second, third)] == [
        "debian",
        "debian-security",
        "deb.vendor.example",
    ]


def test_a_key_written_into_a_source_survives() -> None:
    key = "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDMEY865UxYJ\n -----END PGP PUBLIC KEY BLOCK-----\n"
    text = f"Types: deb\nURIs: http://m.example\nSuites: bookworm\nComponents: main\n{key}"
    again = archive(deb822(text), "bookworm", None)
    assert key.removeprefix("Signed-By:") in again


def test_one_line_sources_keep_their_options_under_their_deb822_names() -> None:
    plain, updates, *_ = one_line(ONE_LINE)
    assert plain == {
        "types": "deb",
        "uris": "http://mirror.example/debian",
        "suites": "bookworm",
        "components": "main contrib",
    }
    assert (updates["architectures"], updates["signed-by"]) == ("amd64 arm64", "/etc/k.gpg")


def test_only_the_distributions_own_archive_is_asked_and_its_mirrors_serve_the_next_suite() -> None:
    text = archive([*deb822(DEB822), *one_line(ONE_LINE)], "bookworm", "trixie")
    suites = [one["suites"] for one in deb822(text)]
    assert suites == [
        "bookworm bookworm-updates",
        "bookworm-security",
        "bookworm",
        "bookworm-updates",
        "trixie trixie-updates",
        "trixie-security",
        "trixie",
        "trixie-updates",
    ]
    assert "vendor" not in text
    assert "cdrom" not in text


def test_a_suite_new_enough_needs_no_other() -> None:
    text = archive(one_line("deb http://mirror.example/debian trixie main\n"), "trixie", None)
    assert [one["suites"] for one in deb822(text)] == ["trixie"]


def test_sources_of_both_forms_are_read_in_apts_order_and_other_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text("deb http://a.example x main\n")
    (tmp_path / "sources.list.d/b.sources").write_text(DEB822)
    (tmp_path / "sources.list.d/c.list").write_text("deb http://c.example x main\n")
    (tmp_path / "sources.list.d/d.list.save").write_text("deb http://d.example x main\n")
    hosts = [one["uris"].split("/")[2] for one in machine_sources(tmp_path)]
    assert hosts == ["a.example", "mirror.example", "mirror.example", "deb.vendor.example", "c.example"]


def test_a_machine_without_apt_sources_has_none(tmp_path: Path) -> None:
    assert machine_sources(tmp_path) == []


# --- addresses and rules -------------------------------------------------------------------------------------


def test_an_engine_takes_the_same_block_again_and_another_engine_another() -> None:
    assert free_block("0000000a", None, []) == free_block("0000000a", None, [])
    assert free_block("0000000a", None, []) != free_block("0000000b", None, [])


def test_the_block_of_the_last_time_is_kept_while_it_is_free() -> None:
    last = BLOCKS[-1]
    assert free_block("0000000a", last, []) == last
    assert free_block("0000000a", last, [last]) == free_block("0000000a", None, [])


def test_a_block_that_overlaps_a_route_is_passed_over() -> None:
    used = free_block("0000000a", None, [])
    smaller, larger = next(used.subnets(new_prefix=30)), used.supernet(4)
    assert not free_block("0000000a", None, [smaller]).overlaps(used)
    assert not free_block("0000000a", None, [larger]).overlaps(larger)


def test_where_a_tunnel_has_all_of_10_the_block_comes_from_172() -> None:
    assert free_block("0000000a", None, [IPv4Network("10.0.0.0/8")]) == IPv4Network("172.31.0.0/16")


def test_no_free_block_is_an_error() -> None:
    with pytest.raises(Unavailable):
        free_block("0000000a", None, list(BLOCKS))


def test_user_networks_are_many_and_never_overlap_the_bridge() -> None:
    block = BLOCKS[0]
    assert len(list(pool(block).subnets(new_prefix=24))) == 128
    assert not pool(block).overlaps(next(block.subnets(new_prefix=24)))


SAVED = """\
# Generated by iptables-save
*filter
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:isl-abcdef - [0:0]
:isl-abcdef-USER - [0:0]
-A FORWARD -j isl-abcdef-USER
-A FORWARD -o br-123456789abc -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A isl-abcdef-USER -j RETURN
COMMIT
# Completed
*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 10.210.128.2/32 -d 10.210.128.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
COMMIT
*raw
:PREROUTING ACCEPT [0:0]
COMMIT
"""


def test_rules_of_ours_are_taken_away_and_nobody_elses() -> None:
    changes = removal(SAVED, "isl-abcdef", ["br-123456789abc"], IPv4Network("10.210.0.0/16"))
    assert changes == (
        "*filter\n"
        "-D FORWARD -j isl-abcdef-USER\n"
        "-D FORWARD -o br-123456789abc -j ACCEPT\n"
        "-F isl-abcdef\n-F isl-abcdef-USER\n-X isl-abcdef\n-X isl-abcdef-USER\nCOMMIT\n"
        "*nat\n"
        "-D POSTROUTING -s 10.210.128.2/32 -d 10.210.128.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE\nCOMMIT\n"
    )


def test_another_engines_rules_are_nothing_to_remove() -> None:
    assert removal(SAVED, "isl-000000", [], None) == ""


def test_the_wrapper_renames_dockers_chains_and_passes_all_else_on_unchanged(tmp_path: Path) -> None:
    wrapper = tmp_path / "iptables"
    wrapper.write_text(WRAPPER.format(chain="isl-abcdef", iptables="printf '%s|'"))
    wrapper.chmod(0o755)
    given = ["-A", "DOCKER-ISOLATION-STAGE-1", "--comment", "two  words $x", "-j", "DOCKER", "!", "-o", "docker0", ""]
    shown = subprocess.run([wrapper, *given], capture_output=True, text=True, check=True).stdout.split("|")[:-1]
    renamed = {1: "isl-abcdef-ISOLATION-STAGE-1", 5: "isl-abcdef"}
    assert shown == [renamed.get(place, word) for place, word in enumerate(given)]
    assert len(renamed[1]) <= 28, "more is refused by iptables"


# --- the client, and machines on which there is nothing to start -----------------------------------------------


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of its own: a second engine, named, so that no other is found in its place."""
    with tempfile.TemporaryDirectory(prefix="isl") as folder:
        monkeypatch.setenv("XDG_DATA_HOME", folder)
        monkeypatch.setenv("DOCKER_HOST", here().url)
        yield Path(folder)


def test_an_unpacked_client_finds_its_plugins_and_an_installed_one_is_left_as_it_is(home: Path) -> None:
    assert client_environment("unix:///x") == {"DOCKER_HOST": "unix:///x"}
    (here().packages / "client").mkdir(parents=True)
    variables = client_environment("unix:///x")
    assert variables["DOCKER_CONFIG"] == f"{home}/isolate/engine/packages/client"
    assert variables["PATH"].split(":")[0] == f"{home}/isolate/engine/packages/client/bin"


@pytest.mark.skipif(os.geteuid() != 0, reason="the first complaint is then another")
def test_with_nothing_to_start_the_error_says_what_installs_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "NEEDED", ("dockerd-of-another-world",))
    with pytest.raises(Unavailable, match="dockerd-of-another-world not found") as error:
        private.start()
    assert error.value.hint == "isolate engine install"
    assert private.lacking() == ["dockerd-of-another-world"]
    assert not any(home.iterdir())


def test_a_user_who_is_not_root_is_told_to_install_docker(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("DOCKER_HOST", here().url)
    for act in (private.start, private.install):
        with pytest.raises(Unavailable) as error:
            act()
        assert "https://docs.docker.com/engine/install/" in error.value.hint
    assert not any(home.iterdir())


@pytest.mark.parametrize("system", [{"ID": "fedora"}, {"ID": "debian", "VERSION_ID": "11", "VERSION_CODENAME": "b"}])
def test_other_systems_are_told_to_install_docker(
    system: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages.platform, "freedesktop_os_release", lambda: system)
    with pytest.raises(Unavailable, match="Debian 12"):
        private.install()
    assert not any(home.iterdir())


def test_an_engine_that_was_never_started_stops_and_shows_as_such(home: Path) -> None:
    assert not private.stop()
    status = private.status()
    assert (status.pid, status.version, status.disk, status.packages) == (None, None, 0, {})
    assert not any(home.iterdir())


# --- a real second engine beside whatever runs here ------------------------------------------------------------

Asked = Callable[..., str]


@pytest.fixture
def second(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Programs as this machine has them, under another data folder; purged at the end."""
    unpacked = here().packages
    if os.geteuid() != 0 or not program(here(), "dockerd"):
        pytest.skip("needs root and `isolate engine install`")
    home = request.getfixturevalue("home")
    here().folder.mkdir(parents=True)
    if unpacked.is_dir():
        here().packages.symlink_to(unpacked)
    yield home
    private.stop(purge=True)


def test_down_all_takes_everything_of_ours_and_nothing_else(second: Path, tmp_path: Path) -> None:
    private.start()
    client = docker.DockerClient(here().url)
    with closing(client), tarfile.open(tmp_path / "empty.tar", "w"):
        image = client.api.import_image(str(tmp_path / "empty.tar"), repository="empty", tag="1")
        assert image
        for name, labels in (("theirs", {"com.docker.compose.project": "x"}), ("ours", {"io.isolate.project": "p"})):
            client.api.create_container("empty:1", ["none"], name=name, labels=labels)
            client.networks.create(name, labels=labels)
            client.volumes.create(name, labels=labels)
        assert main(["down", "--all"]) == 0
        left = [client.containers.list(all=True), client.volumes.list(), client.networks.list()]
    names = [{one.name for one in kind} - {"bridge", "host", "none"} for kind in left]
    assert names == [{"theirs"}] * 3


def ask(*command: str) -> str:
    return subprocess.run(command, env=environment(here()), capture_output=True, text=True, check=True).stdout


def network() -> dict[str, list[str]]:
    """Links, addresses, routes and rules, without counters and comments."""
    rules = [line.split(" [")[0] for line in ask("iptables-save").splitlines() if not line.startswith("#")]
    return {
        "links": sorted(ask("ip", "-brief", "link").splitlines()),
        "routes": sorted(ask("ip", "-4", "route", "show", "table", "all").splitlines()),
        "rules": sorted(rules),
    }


def ours() -> list[str]:
    """What of that is this engine's; others may be at work meanwhile."""
    addresses = json.loads(here().config.read_text())["default-address-pools"][0]["base"].split(".128.")[0]
    lines = [line for lines in network().values() for line in lines]
    return [line for line in lines if here().link in line or f"{addresses}." in line]


def pid() -> int:
    return private.status().pid or 0


def crash() -> None:
    """Kills dockerd, not what it has started, and waits until it is not found any more."""
    number = pid()
    assert number
    os.kill(number, signal.SIGKILL)
    assert process.until(lambda: not pid(), 10)


def stat(number: int) -> list[str]:
    """State, parent, group, session ... See proc_pid_stat(5), from the third field on."""
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()


@pytest.mark.docker
def test_an_engine_starts_once_works_and_leaves_nothing_when_it_ends(second: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: private.start(), range(2))
    assert one == other
    assert private.lacking() == []
    assert sum(str(here().config) in words for _, words in processes()) == 1
    with connected(one) as client:
        info = client.info()
        client.networks.create("of-a-project")
    assert (info["LiveRestoreEnabled"], info["DockerRootDir"]) == (False, f"{second}/isolate/engine/data")
    assert private.status().version == info["ServerVersion"]
    assert ours()
    assigned = Path(f"/sys/class/net/{here().link}/addr_assign_type").read_text().strip()
    assert assigned == "3", "not set: it changes with the containers on it, and they lose their gateway"
    assert private.stop()
    assert ours() == []
    assert not places.runtime().exists()


@pytest.mark.docker
def test_the_engine_is_nobodys_child_and_holds_nothing_of_its_starter(second: Path) -> None:
    assert second.is_dir()
    code = "from orchestrator.engines import private; private.start()"
    read, write = os.pipe()
    os.set_inheritable(write, True)
    subprocess.run([sys.executable, "-c", code], check=True, pass_fds=[write], stdout=subprocess.PIPE)
    os.close(write)
    assert os.read(read, 1) == b"", "the pipe is still held"
    os.close(read)
    _, parent, _, session, *_ = stat(pid())
    assert parent != str(os.getpid())
    assert session == str(pid())
    assert Path(f"/proc/{pid()}/fd/0").readlink() == Path("/dev/null")


def run_a_container(endpoint: Endpoint) -> None:
    """One that sleeps, made of this machine's own sleep(1)."""
    linked = re.findall(r"(/\S+) \(0x", ask("ldd", "/bin/sleep"))
    with io.BytesIO() as file, connected(endpoint) as client:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for path in ["/bin/sleep", *linked]:
                tar.add(Path(path).resolve(), path)
        client.api.import_image_from_data(file.getvalue(), repository="sleeper")
        client.containers.run("sleeper", ["/bin/sleep", "4321"], detach=True)


def sleepers() -> int:
    return sum(words[-1] == "4321" for _, words in processes())


@pytest.mark.docker
def test_a_build_that_floods_memory_is_stopped_at_the_cgroup_of_all_builds(second: Path) -> None:
    assert second.is_dir()
    private.start()
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert private.fence_of(here()) == min(8 << 30, machine // 2)
    linked = re.findall(r"(/\S+) \(0x", ask("ldd", "/bin/sh")) + re.findall(r"(/\S+) \(0x", ask("ldd", "/usr/bin/tail"))
    endpoint = private.start(build_memory=64 << 20)
    with io.BytesIO() as file, connected(endpoint) as client:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for path in dict.fromkeys(["/bin/sh", "/usr/bin/tail", *linked]):
                tar.add(Path(path).resolve(), path)
        client.api.import_image_from_data(file.getvalue(), repository="flood")
    assert private.fence_of(here()) == 64 << 20
    flood = Image("flooded:1", "1", "FROM flood\nRUN /usr/bin/tail /dev/zero\n", (), "a test")
    built = DockerEngine(endpoint.url).build(flood, lambda _: None)
    assert (built.ok, built.exit_code) == (False, 137)
    assert sign(built.tail, (), built.exit_code) == "a build step was killed: out of memory"


@pytest.mark.docker
def test_after_a_crash_the_engine_starts_again_and_stop_finds_what_is_left(second: Path) -> None:
    assert second.is_dir()
    run_a_container(private.start())
    crash()
    endpoint = private.start()
    assert sleepers() == 0
    run_a_container(endpoint)
    crash()
    assert sleepers() == 1
    assert not private.stop()
    assert (sleepers(), ours()) == (0, [])
    hierarchies = (leftovers.CGROUPS, *leftovers.CGROUPS.iterdir())
    assert not [one for one in hierarchies if (one / here().cgroup.lstrip("/")).exists()]


@pytest.mark.docker
def test_a_start_is_waited_for_where_no_process_can_be_read_yet(second: Path) -> None:
    assert second.is_dir()
    with pytest.MonkeyPatch.context() as blind:
        blind.setattr(process, "pid_of", lambda _: None)
        assert private.start().url == here().url


@pytest.mark.docker
def test_an_engine_that_hangs_is_named_and_can_be_stopped(second: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert second.is_dir()
    private.start()
    hung = pid()
    os.kill(hung, signal.SIGSTOP)
    assert process.until(lambda: stat(hung)[0] == "T", 5)
    with pytest.raises(Unavailable, match="does not answer") as error:
        private.start()
    assert error.value.hint == "isolate engine stop"
    monkeypatch.setattr(process, "STOP_SECONDS", 0.5)
    assert private.stop()


@pytest.mark.docker
def test_an_engine_that_cannot_start_shows_the_end_of_its_log_and_leaves_nothing(second: Path) -> None:
    assert second.is_dir()
    here().root.write_text("in the way")
    with pytest.raises(Unavailable, match="did not start") as error:
        private.start()
    assert str(here().root) in "\n".join(error.value.excerpt)
    assert ours() == []
    here().root.unlink()


PRELUDE = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_private import ask, here, ours, network, private
ask("ip", "link", "set", "lo", "up")
def bridge(name, address):
    ask("ip", "link", "add", name, "type", "bridge")
    ask("ip", "addr", "add", address, "dev", name)
    ask("ip", "link", "set", name, "up")
"""


def in_a_network_of_its_own(code: str) -> None:
    """Runs it in a network namespace, so that another engine's things can be made up."""
    command = ["unshare", "--net", sys.executable, "-c", PRELUDE + code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.docker
def test_another_engines_bridge_and_chains_stay_as_they_are_through_start_and_second_start(second: Path) -> None:
    assert second.is_dir()
    in_a_network_of_its_own("""
bridge("docker0", "172.17.0.1/16")
for table, rule in (("filter", "-i docker0 -j ACCEPT"), ("nat", "-i docker0 -j RETURN")):
    ask("iptables", "-t", table, "-N", "DOCKER")
    ask("iptables", "-t", table, "-A", "DOCKER", *rule.split())
def theirs():
    return [line for lines in network().values() for line in lines if "docker0" in line or "DOCKER" in line]
before = theirs()
for _ in range(2):
    private.start()
    assert theirs() == before, (before, theirs())
    private.stop()
    assert theirs() == before, (before, theirs())
""")


@pytest.mark.docker
def test_addresses_that_somebody_took_meanwhile_are_left_to_them(second: Path) -> None:
    assert second.is_dir()
    in_a_network_of_its_own("""
private.start()
first = next(line for line in ours() if "proto kernel" in line).split("/")[0]
private.stop()
bridge("theirs", first.removesuffix(".0") + ".1/24")
private.start()
mine = [line for line in ours() if here().link in line and "proto kernel" in line]
assert mine and first not in "".join(mine), mine
private.stop()
assert any("theirs" in line for line in network()["links"])
""")


@pytest.mark.docker
def test_the_unpacked_client_builds_and_composes(second: Path) -> None:
    assert second.is_dir()
    variables = os.environ | client_environment(private.start().url)
    if not shutil.which("docker", path=variables["PATH"]):
        pytest.skip("no docker client here")
    for command in (["docker", "version"], ["docker", "buildx", "inspect"], ["docker", "compose", "ls"]):
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
