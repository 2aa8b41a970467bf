"""What every family keeps, whichever it is, and what each of ours says about itself."""

from __future__ import annotations

import time

import pytest

from orchestrator import catalogue
from orchestrator.family import Family
from orchestrator.runtimes import families
from orchestrator.signs import quote, sign

ALL = list(families().values())
PYTHON = families()["python"]
DOTNET = families()["dotnet"]
every = pytest.mark.parametrize("family", ALL, ids=lambda family: family.name)


def test_families_are_found_by_being_there() -> None:
    assert list(families()) == sorted(families())
    assert {"dotnet", "python"} <= set(families())


@every
def test_a_family_has_a_catalogue_and_meets_every_version_of_it(family: Family) -> None:
    versions = list(catalogue.entries(family.name))
    assert versions
    for version in versions:
        assert family.satisfies(version, f"{version}.7")
        assert not family.satisfies(version, f"{version}1.7")
        assert family.allows(version, version)
        assert [other for other in versions if family.allows(f"{version}.7", other)] == [version]


@every
@pytest.mark.parametrize("output", ["", "not found", "sh: 1: x: not found\n", "9" * 9000])
def test_output_that_names_no_version_names_none(family: Family, output: str) -> None:
    assert family.observed(output) == ()


@every
@pytest.mark.parametrize(
    "text", ["", "\n\n", "{", "[", "<", "\x00", "[project]\nrequires-python = 3\n", '{"sdk": 1}', "[]"]
)
def test_a_file_that_says_nothing_declares_nothing(family: Family, text: str) -> None:
    assert all(reads(text) is None or pattern == ".python-version" for pattern, reads in family.declarations.items())


@every
@pytest.mark.parametrize(
    "entry", ["", "-r x", "--index-url=x", "$(id)", "a b", "a;b", "a\n", "../a", "a@file:///b", "a&&b", "`a`"]
)
def test_no_family_takes_more_than_a_name_and_versions(family: Family, entry: str) -> None:
    assert not family.package.fullmatch(entry)
    assert family.package_hint


@every
@pytest.mark.parametrize("text", ["\n" * 200_000, " " * 200_000, "<!--" * 50_000, "\n ruby" * 30_000])
def test_a_long_file_is_read_at_once(family: Family, text: str) -> None:
    began = time.monotonic()
    for reads in family.declarations.values():
        reads(text)
    assert time.monotonic() - began < 5


@every
@pytest.mark.parametrize("wanted", ["", ">=", "12..3", ".5", "v.1", "9" * 6000, ">=1,,2", "22-slim", "||", "^", "x.y"])
def test_a_range_that_nobody_could_mean_is_no_crash(family: Family, wanted: str) -> None:
    for version in (*catalogue.entries(family.name), "22-slim"):
        assert family.allows(wanted, version) in {True, False}


@every
def test_a_job_is_told_nothing_about_ports(family: Family) -> None:
    assert not any("8080" in value for value in family.environment(None).values())


def test_python_says_its_version() -> None:
    assert PYTHON.observed("Python 3.8.18\n") == ("3.8.18",)
    assert PYTHON.observed("Python 3.14.0rc2+\n") == ("3.14.0rc2+",)


def test_dotnet_lists_its_runtimes_and_only_the_core_counts() -> None:
    output = (
        "Microsoft.AspNetCore.All 2.2.2 [/usr/share/dotnet/shared/Microsoft.AspNetCore.All]\n"
        "Microsoft.AspNetCore.App 3.1.2 [/usr/share/dotnet/shared/Microsoft.AspNetCore.App]\n"
        "Microsoft.NETCore.App 2.2.2 [/usr/share/dotnet/shared/Microsoft.NETCore.App]\n"
        "Microsoft.NETCore.App 3.1.2 [/usr/share/dotnet/shared/Microsoft.NETCore.App]\n"
    )
    assert DOTNET.observed(output) == ("2.2.2", "3.1.2")


def test_dotnet_listens_where_port_says() -> None:
    assert DOTNET.environment(8080)["ASPNETCORE_URLS"] == "http://+:8080"
    assert "ASPNETCORE_URLS" not in DOTNET.environment(None)


@pytest.mark.parametrize(
    "entry", ["six", "Django==5.0.6", "pydantic[email,dotenv] >=1.10, <2", "a~=1.0", "a!=2.*", "zope.interface"]
)
def test_python_takes_names_extras_and_versions(entry: str) -> None:
    assert PYTHON.package.fullmatch(entry)


@pytest.mark.parametrize(
    "entry", ["six ; python_version<'3'", "six @ https://example.com/x.whl", "six==1.0;x", "six=1", "[x]"]
)
def test_python_takes_no_markers_and_no_addresses(entry: str) -> None:
    assert not PYTHON.package.fullmatch(entry)


@pytest.mark.parametrize(
    ("wanted", "versions"),
    [
        (">=3.8", "3.8 3.9 3.12"),
        (">=3.8.5,<3.10", "3.8 3.9"),
        (">3.8", "3.8 3.9 3.12"),
        ("<=3.9", "3.8"),
        ("<4,>=3.9.1", "3.9 3.12"),
        ("~=3.9", "3.9 3.12"),
        ("~=3.9.2", "3.9"),
        ("==3.9.*", "3.9"),
        ("==3.9.7", "3.9"),
        ("===3.9", "3.9"),
        ("!=3.9.*,!=3.8.1", "3.8 3.12"),
        ("3", "3.8 3.9 3.12"),
        ("^3.8", ""),
        ("nonsense", ""),
    ],
)
def test_specifiers_of_python_admit_releases(wanted: str, versions: str) -> None:
    assert [one for one in ("3.8", "3.9", "3.12") if PYTHON.allows(wanted, one)] == versions.split()


NEWER = """\
It was not possible to find any compatible framework version
The framework 'Microsoft.NETCore.App', version '2.2.0' was not found.
  - The following frameworks were found:
      3.1.2 at [/usr/share/dotnet/shared/Microsoft.NETCore.App]
You can resolve the problem by installing the specified framework and/or SDK.
"""
OLDER = """\
It was not possible to find any compatible framework version
The specified framework 'Microsoft.AspNetCore.App', version '3.1.0' was not found.
  - Check application dependencies and target a framework version installed at:
      /usr/share/dotnet/
"""
REMOVED = """\
Traceback (most recent call last):
  File "/apps/legacy/main.py", line 3, in <module>
    import imp
ModuleNotFoundError: No module named 'imp'
"""
SYNTAX = """\
  File "/apps/modern/main.py", line 4
    type Pair[T] = tuple[T, T]
         ^
SyntaxError: invalid syntax
"""
REFUSED = """\
ERROR: Cannot install pydantic<2 and pydantic>=2 because these package versions have conflicting dependencies.

The conflict is caused by:
    The user requested pydantic<2
    The user requested pydantic>=2

To fix this you could try to:
1. loosen the range of package versions you've specified
2. remove package versions to allow pip attempt to solve the dependency conflict

ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/dependency-resolution/
"""
TOO_OLD = """\
ERROR: Ignored the following versions that require a different python version: 5.0 Requires-Python >=3.10
ERROR: Could not find a version that satisfies the requirement Django==5.0.6 (from versions: 1.1.3, 4.2.16)
ERROR: No matching distribution found for Django==5.0.6
"""
OFFLINE = """\
WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by \
'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f48a1a2eb10>: Failed to establish \
a new connection: [Errno -2] Name or service not known')': /simple/six/
ERROR: Could not find a version that satisfies the requirement six (from versions: none)
ERROR: No matching distribution found for six
"""


@pytest.mark.parametrize(
    ("family", "log", "line"),
    [
        (DOTNET, NEWER, "The framework 'Microsoft.NETCore.App', version '2.2.0' was not found."),
        (DOTNET, OLDER, "The specified framework 'Microsoft.AspNetCore.App', version '3.1.0' was not found."),
        (
            DOTNET,
            "FailFast:\nNo usable version of the libssl was found\n   at x\n",
            "No usable version of the libssl was found",
        ),
        (
            DOTNET,
            "A fatal error occurred. The required library libhostfxr.so could not be found.\nThe .NET runtime can\n",
            "A fatal error occurred. The required library libhostfxr.so could not be found.",
        ),
        (
            DOTNET,
            "info: x\nUnhandled exception. System.IO.IOException: no\n   at Main()\n",
            "Unhandled exception. System.IO.IOException: no",
        ),
        (PYTHON, REMOVED, "ModuleNotFoundError: No module named 'imp'"),
        (PYTHON, SYNTAX, "SyntaxError: invalid syntax"),
        (PYTHON, REMOVED + "\nDuring handling:\n\nValueError: bad\nbye\n", "ValueError: bad"),
        (PYTHON, REFUSED, REFUSED.partition("\n")[0]),
        (PYTHON, TOO_OLD, "ERROR: No matching distribution found for Django==5.0.6"),
    ],
)
def test_the_telling_line_is_quoted(family: Family, log: str, line: str) -> None:
    assert quote(log.splitlines(), [family]) == line
    assert sign(log.splitlines(), [family]) is None


def test_a_missing_network_is_no_missing_package() -> None:
    assert sign(OFFLINE.splitlines(), [PYTHON]) == OFFLINE.partition("\n")[0]
    download = (
        "ERROR: Could not install packages due to an OSError: HTTPConnectionPool(host='127.0.0.1', port=9): "
        "Max retries exceeded with url: /six-1.0.tar.gz"
    )
    assert sign([download], [PYTHON]) == download
    nuget = "error : Unable to load the service index for source https://example.com/index.json."
    assert sign([nuget], [DOTNET]) == nuget


def test_a_program_that_speaks_of_connections_is_not_the_network() -> None:
    assert sign(["ConnectionRefusedError: [Errno 111] Connection refused"], [PYTHON]) is None
