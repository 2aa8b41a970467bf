"""Real last lines of builds: which speak of infrastructure, and which line of evidence is quoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.runtimes import families
from orchestrator.signs import quote, sign, unproven

RETRY = (
    "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken "
    "by "
    "'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new "
    "connection: [Errno -3] Temporary failure in name resolution')': /simple/six/"
)
NOT_FOUND = "ERROR: No matching distribution found for six==1.16.0"
REFUSED = (
    (
        "ERROR: Cannot install django==3.2.25 and django==5.0.6 because these package versions have conflicting "
        "dependencies."
    ),
    "ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/dependency-resolution/",
)
PYTHON = [families()["python"]]
DOTNET = [families()["dotnet"]]


@pytest.mark.parametrize(
    "lines",
    [
        (RETRY, NOT_FOUND),
        ("E: Failed to fetch x  Temporary failure resolving 'mirror'",),
        ("write /var/lib/docker/tmp/x: no space left on device",),
        ("/usr/share/dotnet/sdk/2.2.104/NuGet.targets(114,5): error : Unable to load the service index for source x.",),
    ],
)
def test_a_dead_network_or_a_full_disk_is_infrastructure(lines: tuple[str, ...]) -> None:
    assert sign(lines, PYTHON)


@pytest.mark.parametrize(
    "line",
    [
        "collect2: fatal error: ld terminated with signal 9 [Killed]",
        "make: *** [Makefile:3: all] Killed",
        "make[2]: *** [CMakeFiles/x.dir/build.make:76: x.o] Killed",
        "npm ERR! signal SIGKILL",
        "npm error signal SIGKILL",
        "npm error spawn ENOMEM",
        "  process didn't exit successfully: `rustc --crate-name x` (signal: 9, SIGKILL: kill)",
        "OSError: [Errno 12] Cannot allocate memory",
        "sh: 1: Cannot fork",
        "make: vfork: Resource temporarily unavailable",
        "OpenBLAS blas_thread_init: pthread_create failed for thread 1 of 4: Resource temporarily unavailable",
        "/bin/sh: fork: retry: Resource temporarily unavailable",
        "cp: cannot create regular file '/usr/lib/x': Read-only file system",
        "OSError: [Errno 5] Input/output error: '/apps/one/x'",
        "tar: x: Cannot write: Disk quota exceeded",
        "npm error code ENOSPC",
    ],
)
def test_a_machine_that_is_out_of_something_is_infrastructure(line: str) -> None:
    assert sign((line, "ERROR: Failed building wheel for x"), PYTHON, 1) == line.strip()


@pytest.mark.parametrize(
    "line",
    [
        "npm error signal SIGSEGV",
        "make: *** [Makefile:3: test] Error 1",
        "  process didn't exit successfully: `rustc --crate-name x` (exit status: 101)",
        "BlockingIOError: [Errno 11] Resource temporarily unavailable",
        'sysctl: setting key "kernel.core_pattern": Read-only file system',
        "sh: 1: cannot create /proc/sys/vm/overcommit_memory: Read-only file system",
        "cp: cannot create regular file '/etc/hosts': Read-only file system",
        "cat: /dev/tty: Input/output error",
        "x.c:7:12: error: 'ENOSPC' undeclared (first use in this function)",
        "error: the task was Killed by its own watchdog",
    ],
)
def test_what_a_build_step_brought_on_itself_is_evidence(line: str) -> None:
    assert sign((line, "ERROR: Failed building wheel for x"), PYTHON, 1) is None


LOGS = Path(__file__).parent / "signs"
EVIDENCE = {"apt-nosuch", "pip-nosuch", "bundle-nosuch", "bundle-404", "gem-nosuch", "composer-nosuch", "composer-404"}
SPEAKS = {"nuget": "dotnet", "bundle": "ruby", "gem": "ruby", "composer": "php"}


@pytest.mark.parametrize("log", sorted(LOGS.glob("*.log")), ids=lambda log: log.stem)
def test_a_real_log_speaks_of_infrastructure_or_is_evidence(log: Path) -> None:
    family = families()[SPEAKS.get(log.stem.partition("-")[0], "python")]
    assert (sign(log.read_text().splitlines(), [family], 1) is None) is (log.stem in EVIDENCE)


def test_a_missing_distribution_without_a_word_of_the_network_is_evidence() -> None:
    assert sign((NOT_FOUND,), PYTHON) is None


def test_a_resolver_that_reached_its_refusal_proved_it_even_after_a_retry() -> None:
    assert sign((RETRY, *REFUSED), PYTHON) is None


@pytest.mark.parametrize(
    "line",
    [
        "failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF",
        "ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "error during connect: Post http://docker/v1.45/build: write: broken pipe",
        "OCI runtime create failed: runc create failed: unable to start container process: error mounting x: unknown",
        "failed to export image: failed to set parent sha256:0: layer does not exist",
        "FAILED: Canceled: context canceled",
        "failed to solve: DeadlineExceeded",
    ],
)
def test_a_build_that_broke_without_a_step_that_failed_proves_nothing(line: str) -> None:
    assert unproven(("Collecting six", line, ""), PYTHON, None) == line
    assert unproven((), PYTHON, None)


@pytest.mark.parametrize(
    "line",
    [
        'OCI runtime create failed: exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown',
        'failed to compute cache key: failed to calculate checksum of ref x::y: "/out": not found',
        "COPY failed: stat out: file does not exist",
        "COPY failed: file not found in build context or excluded by .dockerignore: stat app/: file does not exist",
    ],
)
def test_what_an_image_does_not_hold_is_evidence_without_an_exit_code(line: str) -> None:
    assert unproven((line,), PYTHON, None) == ""


def test_a_step_that_failed_is_evidence_whatever_it_said_of_a_builder() -> None:
    assert unproven(("Cannot connect to the Docker daemon",), PYTHON, 1) == ""


def test_a_step_that_was_killed_met_the_machines_memory() -> None:
    assert sign(("Killed",), PYTHON, exit_code=137)
    assert sign(("error",), PYTHON, exit_code=1) is None


def test_the_framework_that_was_not_found_is_quoted_and_not_the_last_line() -> None:
    lines = (
        "It was not possible to find any compatible framework version",
        "The framework 'Microsoft.NETCore.App', version '2.2.0' was not found.",
        "  - The following frameworks were found:",
        "      3.1.2 at [/usr/share/dotnet/shared/Microsoft.NETCore.App]",
        "  - https://aka.ms/dotnet-core-applaunch?framework=Microsoft.NETCore.App&framework_version=2.2.0",
    )
    assert quote(lines, DOTNET) == "The framework 'Microsoft.NETCore.App', version '2.2.0' was not found."


def test_without_any_known_line_the_last_that_says_something_is_quoted() -> None:
    assert quote(("first", "last", ""), PYTHON) == "last"


SPREAD = """\
Error: The module '/apps/seal/seal.node'
was compiled against a different Node.js version using
NODE_MODULE_VERSION 72. This version of Node.js requires
NODE_MODULE_VERSION 127. Please try re-compiling or re-installing
the module (for instance, using `npm rebuild` or `npm install`).
"""


def test_a_message_that_is_spread_over_lines_is_quoted_as_one() -> None:
    said = quote(SPREAD.splitlines(), [families()["node"]])
    assert said == (
        "was compiled against a different Node.js version using NODE_MODULE_VERSION 72. "
        "This version of Node.js requires NODE_MODULE_VERSION 127"
    )


def test_what_a_message_begins_with_is_left_out_where_it_says_nothing() -> None:
    said = "40E78CB1157F0000:error:0308010C:digital envelope routines:x:unsupported:y, Algorithm (MD4 : 98)"
    assert quote([said], [families()["debian"]]) == said.partition(":")[2]
