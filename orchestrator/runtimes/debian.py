"""Debian itself: for programs whose runtime is the system's own libraries."""

from __future__ import annotations

import re

from orchestrator.family import Family, signs

PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+.](=[A-Za-z0-9.+:~-]*[A-Za-z0-9])?", re.ASCII)
"""A name as Debian's policy (5.6.1) has it, and a version; with a hyphen at its end apt would remove it."""


def observed(output: str) -> tuple[str, ...]:
    """`bookworm 12.5` -> bookworm; what is not released yet calls itself `forky/sid`."""
    found = re.findall(r"^([a-z]+) (\d\S*|[a-z]+/sid)$", output, re.MULTILINE)
    return tuple("sid" if release.endswith("/sid") else suite for suite, release in found)


FAMILY = Family(
    name="debian",
    version_command=("sh", "-c", '. /etc/os-release; echo "$VERSION_CODENAME" "$(cat /etc/debian_version)"'),
    observed=observed,
    package=PACKAGE,
    package_hint="the name of a Debian package, maybe with its version: openssl, libssl1.1=1.1.1w-0+deb11u1",
    signatures=(
        *signs(
            r"^E: Failed to fetch .*",
            r"^E: (?:The repository .*|Some index files failed to download.*|Unable to fetch some archives.*)",
            infrastructure=True,
        ),
        *signs(
            r"version `(?:GLIBC|GLIBCXX|CXXABI)_[\d.]+' not found",
            meaning="a program asks for the symbols of the system it was compiled on, and an older one lacks them",
        ),
        *signs(
            r"error while loading shared libraries: \S+: cannot open shared object file",
            meaning="the release carries another generation of that library",
        ),
        *signs(
            r"(error:0308010C:digital envelope routines:.*\bMD4\b.*)",
            r"unsupported hash type md4",
            meaning="OpenSSL 3 moved MD4 into its legacy provider, which is not loaded",
        ),
        *signs(
            r"(error:0308010C:digital envelope routines.*)",
            r"^Algorithm \S+ not found$",
            meaning="the OpenSSL of that release does not offer what the program asks for",
        ),
        *signs(
            r"^E: (?:Unable to locate package|Package '\S+' has no installation candidate|Couldn't find any package).*",
            r"^E: Version .* was not found",
            r"^E: Unable to correct problems.*",
            r"^(?:E|make(?:\[\d+\])?|\S+): .*",
        ),
    ),
)
