"""The programs an engine is made of, and what is known to be wrong with old ones: what a box could break out by.

Upstream's releases are told by their numbers. Distributions mend without changing the number, so of theirs only
their own tracker knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.diagnosis.finding import Finding
from orchestrator.engines import Engine

Release = tuple[int, int, int, bool, int]


@dataclass(frozen=True, slots=True)
class Known:
    """Names of what was mended, and the releases that have it, one to each line of releases; and who says so."""

    names: tuple[str, ...]
    mended: tuple[str, ...]
    source: str


KNOWN = {
    "runc": (
        Known(("CVE-2024-21626",), ("1.1.12",), "GHSA-xr7r-f8xq-vfvv"),
        Known(
            ("CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"),
            ("1.2.8", "1.3.3", "1.4.0-rc.3"),
            "GHSA-9493-h29p-rfm2, GHSA-qw9x-cqr3-wc7r, GHSA-cgrx-mc8f-2prm",
        ),
    ),
    "containerd": (
        Known(
            ("CVE-2024-25621", "CVE-2025-64329"),
            ("1.7.29", "2.0.7", "2.1.5", "2.2.0"),
            "GHSA-pwhc-rpq9-4c8w, GHSA-m6hq-p25p-ffr2",
        ),
    ),
    "Engine": (
        Known(
            ("CVE-2024-23651", "CVE-2024-23652", "CVE-2024-23653"),
            ("25.0.2",),
            "release notes of Docker Engine 25.0.2, the first with BuildKit 0.12.5",
        ),
    ),
}
"""By the name an engine gives the part. Its BuildKit has no version of its own there: it is the engine's."""
RELEASE = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-rc\.?(\d+))?")
UPSTREAM = re.compile(r"(-\d+-g[0-9a-f]+)?")
"""What may follow the number where nobody else has built it anew: a commit of upstream's own."""
TRACKERS = (("ubuntu", "Ubuntu's"), (r"deb\d|[+~]ds\d|dfsg", "Debian's"), (r"\.(el|fc)\d", "Red Hat's"))


PACKAGES = {"runc": "runc", "containerd": "containerd", "Engine": "docker.io"}
"""Of Debian and of Ubuntu."""


def look(found: Engine, *, own: bool = False) -> Iterator[Finding]:
    """A warning for each part that is known to be vulnerable; unknown it is where only the distribution can tell.

    own: the private engine, whose programs may lie beside what the machine has installed.
    """
    parts = found.setup().parts
    findings = [one for name, version in parts.items() if name in KNOWN for one in _part(name, version, own=own)]
    if findings or not parts.keys() & KNOWN.keys():
        yield from findings
    else:
        yield Finding("engine parts", "ok", ", ".join(f"{name} {parts[name]}" for name in KNOWN if name in parts))


def _part(name: str, version: str, *, own: bool) -> Iterator[Finding]:
    subject = "BuildKit" if name == "Engine" else name
    open_ = [one for one in KNOWN[name] if not has(version, one)]
    if not open_:
        return
    told = "; ".join(f"{', '.join(one.names)} (fixed in {', '.join(one.mended)})" for one in open_)
    if tracker := distribution(version):
        note = f"a distribution's {name} {version}, which may have the fix of {told}: {tracker} security tracker says"
        upgrade = f"apt-get update && apt-get install --only-upgrade {PACKAGES[name]}"
        yield Finding(subject, "unknown", note, upgrade if tracker in {"Debian's", "Ubuntu's"} and not own else "")
    else:
        yield Finding(subject, "warning", f"{name} {version} lacks the fix of {told}; install a release that has it")


def has(version: str, known: Known) -> bool:
    """Whether this version is in a line of releases that was mended, from the mending on; or in a later line.

    What is no version proves nothing, and is not held against it.
    """
    own = _release(version)
    if own is None:
        return True
    mended = [release for text in known.mended if (release := _release(text))]
    return own >= max(mended) or any(own[:2] == one[:2] and own >= one for one in mended)


def distribution(version: str) -> str:
    """Whose tracker knows more, empty where upstream's number says it all: `Debian's`."""
    number = RELEASE.match(version)
    if not number or UPSTREAM.fullmatch(version[number.end() :]):
        return ""
    return next((whose for sign, whose in TRACKERS if re.search(sign, version)), "your distribution's")


def _release(version: str) -> Release | None:
    """Comparable; a candidate comes before its release."""
    if not (found := RELEASE.match(version)):
        return None
    major, minor, patch, candidate = found.groups()
    return (int(major), int(minor), int(patch), candidate is None, int(candidate or 0))
