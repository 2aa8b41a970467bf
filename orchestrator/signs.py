"""Signs that a build failed for a reason that proves nothing: the network, the registry, the disk, the machine."""

from __future__ import annotations

import re
from collections.abc import Iterable

from orchestrator.family import Family

_SIGNS = {
    "name resolution": r"Temporary failure (?:in name resolution|resolving)|Could not resolve"
    r"|Name or service not known",
    "connection": r"Failed to establish a new connection|(?:Could not|Unable to) connect to|Network is unreachable"
    r"|No route to host|Connection (?:timed out|reset by peer|failed)|connect \(\d+: Connection refused\)"
    r"|Cannot connect to proxy",
    "slow or cut off": r"[Rr]ead timed out|TLS handshake timeout|i/o timeout|IncompleteRead|Undetermined Error",
    "mirror": r"^[EW]: Failed to fetch |Hash Sum mismatch|too many 5\d\d error responses"
    r"|502 Bad Gateway|503 +Service (?:Temporarily )?Unavailable|504 Gateway Time-?out|429 Too Many Requests",
    "package index": r"Unable to load the service index|The SSL connection could not be established",
    "registry": r"failed to (?:do request|resolve source metadata)",
    "disk": r"[Nn]o space left on device|[Dd]isk quota exceeded|\bcode (?:ENOSPC|EDQUOT)$"
    r"|^(?!.*(?:/proc/|/sys/|/etc/(?:hosts|hostname|resolv\.conf)|setting key)).*Read-only file system"
    r"|^(?!.*/dev/).*Input/output error",
    "memory": r"exit code: -9$|fatal error: Killed signal terminated program|terminated with signal 9\b"
    r"|^make(?:\[\d+\])?: \*\*\* .*\bKilled$|^npm (?:ERR!|error) signal SIGKILL$|\(signal: 9, SIGKILL: kill\)"
    r"|Cannot allocate memory|\bspawn (?:ENOMEM|EAGAIN)\b|[Cc]annot fork\b"
    r"|(?:fork|spawn|clone|thread).*Resource temporarily unavailable",
}
"""What such a line speaks of -> how it is known: pip 23 to 25, apt 2.2 to 3.0, NuGet of .NET 2.2 and 3.1, BuildKit 0.12
and the classic builder, gcc 12, npm 6 to 10, cargo. Real logs are under `tests/signs`.
A build step may write everywhere but to what the kernel and the builder lay into it: that those refuse is evidence.
"""
_ANY = re.compile("|".join(_SIGNS.values()))

# A resolver that got this far had its answers, whatever it had to ask for twice.
_DECIDED = re.compile(
    "ResolutionImpossible|Cannot install .* because|requires? a different [Pp]ython|\\(from versions: (?!none)"
)
OUT_OF_MEMORY = 137
KILLED = "a build step was killed: out of memory"
LONGEST = 1000
"""Characters of a line that are looked at: what an app prints must not decide how long that takes."""


def sign(lines: Iterable[str], families: Iterable[Family], exit_code: int | None = None) -> str | None:
    """The first line that speaks of infrastructure, or None: then the failure is evidence.

    A step that was killed (137) met the machine's memory, which proves nothing about the packages.
    """
    lines = _short(lines)
    if exit_code == OUT_OF_MEMORY:
        return KILLED
    if any(_DECIDED.search(line) for line in lines):
        return None
    own = [signature.pattern for family in families for signature in family.signatures if signature.infrastructure]
    for line in lines:
        if _ANY.search(line) or any(pattern.search(line) for pattern in own):
            return line.strip()
    return None


def of_the_machine(line: str) -> bool:
    """Whether a sign speaks of the disk or the memory, and not of the network."""
    return line == KILLED or bool(re.search(f"{_SIGNS['disk']}|{_SIGNS['memory']}", line[:LONGEST]))


_OF_THE_IMAGE = re.compile(
    r"exec: \"|exec format error|\"/[^\"]*\": not found$|(?:COPY|ADD) failed: .*(?:not found|does not exist)"
)
"""What a builder says of a program or a file that is not in the image: it was asked for, and the answer is no."""


def unproven(lines: Iterable[str], families: Iterable[Family], exit_code: int | None) -> str:
    """Why a failed build proves nothing; empty where it does.

    A step that failed told its exit code. Without one it was the builder that failed, unless it says that the image
    lacks what the step begins with.
    """
    lines = tuple(lines)
    if found := sign(lines, families, exit_code):
        return found
    if exit_code is not None or any(_OF_THE_IMAGE.search(line) for line in _short(lines)):
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "the builder did not say why it ended")


def meaning(line: str, family: Family) -> str:
    """What a line of the runtime means, where its signature says so; empty elsewhere."""
    line = line[:LONGEST]
    return next((one.meaning for one in family.signatures if one.meaning and one.pattern.search(line)), "")


def known(lines: Iterable[str], families: Iterable[Family]) -> str:
    """The line that bears one of the families' signatures, most telling first; empty where none does.

    Of a signature with a group that part alone is quoted; one that spans lines makes one line of them.
    """
    kept = [line.strip() for line in _short(lines) if line.strip()]
    whole = "\n".join(kept)
    for signature in (one for family in families for one in family.signatures if not one.infrastructure):
        found = [match for line in kept if (match := signature.pattern.search(line))]
        if match := (found[-1] if found else signature.pattern.search(whole)):
            return _quoted(match)
    return ""


def _short(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line[:LONGEST] for line in lines)


def _quoted(match: re.Match[str]) -> str:
    """The part in a group, or the lines that the match lies in."""
    if match.re.groups:
        return match[1].replace("\n", " ")
    begin, end = match.string.rfind("\n", 0, match.start()) + 1, match.string.find("\n", match.end())
    return " ".join(match.string[begin : end if end >= 0 else None].split("\n"))


_EMPTY = re.compile(
    r"FAILED: |process \"|failed to solve|executor failed|The command '/bin/sh|hint: |note: |\[notice\]"
)
"""How builders say that a step failed, and installers to look above; what was printed before says why."""


def quote(lines: Iterable[str], families: Iterable[Family]) -> str:
    """The line worth quoting: a known one, otherwise the last that says anything, and not just that it failed."""
    families, lines = tuple(families), tuple(lines)
    lines = tuple(line for line in lines if not _EMPTY.match(line.strip())) or lines
    return known(lines, families) or next((line.strip() for line in reversed(lines) if line.strip()), "")
