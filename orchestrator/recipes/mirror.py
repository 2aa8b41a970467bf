"""Debian's packages as this machine gets them: the mirrors of its own apt sources, signed by Debian's keyring."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from orchestrator import catalogue
from orchestrator.errors import Unavailable
from orchestrator.recipes.command import run

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_ARCHIVES = ("", "-updates", "-security")
_ROLLING = ("sid",)
"""Suites that have no archive but the main one."""
_ALIASES = ("oldoldstable", "oldstable", "stable", "testing", "unstable")
_TARGETS = ("apt-get", "indextargets", "--no-release-info", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)")
_SETTINGS = ("apt-config", "dump", "--format", '%f "%v"%n', "Acquire::Check-Valid-Until", "Acquire::Check-Date")
_PROXIES = ("apt-config", "shell", "http_proxy", "Acquire::http::Proxy", "https_proxy", "Acquire::https::Proxy")


def sources(suite: str) -> tuple[str, ...]:
    """Lines of a sources.list for a suite: its main archive, updates and security, as far as the machine uses them.

    Raises Unavailable where the machine has no apt, no mirror of Debian, or none of Debian's keys.
    """
    if not KEYRING.exists():
        raise Unavailable("Debian's keys are not here", where=str(KEYRING), hint="apt install debian-archive-keyring")
    return lines(mirrors(_ask(_TARGETS)), suite)


def lines(found: Mapping[str, str], suite: str) -> tuple[str, ...]:
    """Archive -> URI, as lines for that suite. Raises Unavailable where the main archive is missing."""
    if "" not in found:
        raise Unavailable("this machine's apt sources name no mirror of Debian", hint="apt-get indextargets shows them")
    if any(urlsplit(uri).username for uri in found.values()):
        raise Unavailable("a mirror's URL holds a password, which would end in an image", hint="man 5 apt_auth.conf")
    return tuple(
        f"deb [signed-by={KEYRING}] {uri} {suite}{archive} main"
        for archive, uri in found.items()
        if not archive or suite not in _ROLLING
    )


def mirrors(targets: str) -> Mapping[str, str]:
    """Lines of `URI RELEASE COMPONENT` -> archive (empty is the main one) -> URI. Other vendors' are left out."""
    archives = {f"{name}{archive}": archive for name in _suites() for archive in _ARCHIVES}
    found: dict[str, str] = {}
    for uri, release, component in (line.split() for line in targets.splitlines()):
        if component == "main" and release in archives:
            found.setdefault(archives[release], uri)
    return found


def settings() -> tuple[str, ...]:
    """The machine's lines of apt.conf on how old an archive may be: a frozen mirror needs them in the box as well."""
    return tuple(_ask(_SETTINGS).splitlines())


def proxies() -> Mapping[str, str]:
    """The proxies of the machine's apt, as environment variables."""
    assignments = shlex.split(_ask(_PROXIES))
    return dict(assignment.split("=", 1) for assignment in assignments)


def _suites() -> tuple[str, ...]:
    return (*catalogue.entries("debian"), *_ALIASES)


def _ask(argv: tuple[str, ...]) -> str:
    return run(argv, "this machine's apt could not be asked", seconds=60, hint="recipes need Debian's apt")
