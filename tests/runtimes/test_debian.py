"""What Debian's family says about versions, and which line of a real log it quotes."""

from __future__ import annotations

import re

import pytest

from orchestrator.runtimes.debian import FAMILY, observed
from orchestrator.signs import meaning, quote, sign


@pytest.mark.parametrize(
    ("output", "suites"),
    [
        ("bookworm 12.5\n", ("bookworm",)),
        ("bullseye 11.11\n", ("bullseye",)),
        ("trixie 13\n", ("trixie",)),
        ("forky forky/sid\n", ("sid",)),
        ("bookworm\n", ()),
        ("jammy bookworm/sid extra\n", ()),
        (" 12.5\n", ()),
    ],
)
def test_debian_says_its_suite(output: str, suites: tuple[str, ...]) -> None:
    assert observed(output) == suites


@pytest.mark.parametrize(
    ("wanted", "version", "admitted"),
    [("bookworm", "bookworm", True), ("bookworm", "bullseye", False), ("book", "bookworm", False)],
)
def test_a_suite_is_met_by_itself_alone(wanted: str, version: str, admitted: bool) -> None:
    assert FAMILY.allows(wanted, version) is admitted


@pytest.mark.parametrize("entry", ["openssl", "g++", "libssl1.1", "libssl1.1=1.1.1w-0+deb11u1", "libc6-dev"])
def test_debian_takes_names_and_versions(entry: str) -> None:
    assert FAMILY.package.fullmatch(entry)


@pytest.mark.parametrize("entry", ["openssl/bookworm", "openssl:i386", "OpenSSL", "a", "openssl-", "-y", "x="])
def test_debian_takes_no_suites_no_options_and_nothing_to_remove(entry: str) -> None:
    assert not FAMILY.package.fullmatch(entry)


MD4 = """\
Error setting digest
40E7693DD67F0000:error:0308010C:digital envelope routines:inner_evp_generic_fetch:unsupported:\
../crypto/evp/evp_fetch.c:376:Global default library context, Algorithm (MD4 : 98), Properties ()
40E7693DD67F0000:error:03000086:digital envelope routines:evp_md_init_internal:initialization error:\
../crypto/evp/digest.c:271:
"""
KEY = """\
Error initializing ML-KEM-768 context
40E78CB1157F0000:error:0308010C:digital envelope routines:inner_evp_generic_fetch:unsupported:\
../crypto/evp/evp_fetch.c:386:Global default library context, Algorithm (ML-KEM-768 : 0), Properties (<null>)
"""
UNKNOWN = "Algorithm ML-KEM-768 not found\n"
GLIBC = "./meter: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by ./meter)\n"
LIBRARY = (
    "./till: error while loading shared libraries: libcrypto.so.1.1: cannot open shared object file: "
    "No such file or directory\n"
)


@pytest.mark.parametrize(
    ("log", "place", "means"),
    [
        (MD4, 1, "moved MD4 into its legacy provider"),
        (KEY, 1, "does not offer what the program asks for"),
        (UNKNOWN, 0, "does not offer what the program asks for"),
        (GLIBC, 0, "symbols of the system it was compiled on"),
        (LIBRARY, 0, "another generation of that library"),
    ],
)
def test_the_telling_line_of_debian_is_quoted_and_explained(log: str, place: int, means: str) -> None:
    lines = log.splitlines()
    assert quote(lines, [FAMILY]) == re.sub("^[0-9A-F]{16}:", "", lines[place])
    assert means in meaning(lines[place], FAMILY)
    assert sign(lines, [FAMILY]) is None
