"""Signs that a build failed for a reason that proves nothing: the network, the registry, the disk, the machine."""

from __future__ import annotations

import re
from collections.abc import Iterable

from orchestrator.family import Family

# Read in real logs of pip 23, apt 2.2 to 3.0, dotnet 2.2 and 3.1, BuildKit 0.12 and the classic builder.
_SIGNS = re.compile(
    "|".join(
        (
            "Temporary failure in name resolution",
            "Temporary failure resolving",
            "Could not resolve",
            "Failed to establish a new connection",
            "Network is unreachable",
            "No route to host",
            "Connection (?:timed out|reset by peer)",
            "[Rr]ead timed out",
            "TLS handshake timeout",
            "i/o timeout",
            "no space left on device",
            "No space left on device",
            "Unable to load the service index",
            "(?:502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out|429 Too Many Requests)",
            "failed to (?:do request|resolve source metadata)",
        )
    )
)


# A resolver that got this far had its answers, whatever it had to ask for twice.
_DECIDED = re.compile("ResolutionImpossible|Cannot install .* because|requires a different Python")
OUT_OF_MEMORY = 137


def sign(lines: Iterable[str], families: Iterable[Family], exit_code: int | None = None) -> str | None:
    """The first line that speaks of infrastructure, or None: then the failure is evidence.

    A step that was killed (137) met the machine's memory, which proves nothing about the packages.
    """
    lines = tuple(lines)
    if exit_code == OUT_OF_MEMORY:
        return "a build step was killed: out of memory"
    if any(_DECIDED.search(line) for line in lines):
        return None
    own = [signature.pattern for family in families for signature in family.signatures if signature.infrastructure]
    for line in lines:
        if _SIGNS.search(line) or any(pattern.search(line) for pattern in own):
            return line.strip()
    return None


def known(lines: Iterable[str], families: Iterable[Family]) -> str:
    """The line that bears one of the families' signatures, most telling first; empty where none does."""
    kept = [line.strip() for line in lines if line.strip()]
    for signature in (one for family in families for one in family.signatures if not one.infrastructure):
        found = [line for line in kept if signature.pattern.search(line)]
        if found:
            return found[-1]
    return ""


def quote(lines: Iterable[str], families: Iterable[Family]) -> str:
    """The line worth quoting: a known one, otherwise the last that says anything."""
    lines, families = tuple(lines), tuple(families)
    return known(lines, families) or next((line.strip() for line in reversed(lines) if line.strip()), "")
