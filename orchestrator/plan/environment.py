"""One filesystem with one choice of runtimes: its name, and the image that is made where no base is it already."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from orchestrator import catalogue
from orchestrator.errors import ManifestError
from orchestrator.family import Family
from orchestrator.model import App, Runtime, SharedEntry

SIDE_BY_SIDE: Final = "side-by-side"
SYSTEM = "debian"
"""The folder of `images/` whose versions are operating systems."""
_SUITE = re.compile(r"debian:([a-z]+)(?:-slim)?")


@dataclass(frozen=True, slots=True)
class Environment:
    """`runtimes` come newest first; several of one family lie side by side. `base` is an OS base, None is their own."""

    runtimes: tuple[Runtime, ...]
    base: Runtime | None = None

    @property
    def name(self) -> str:
        """What cells call it; the OS base is a field of its own (SPEC: names of environments)."""
        families = {runtime.family for runtime in self.runtimes}
        return SIDE_BY_SIDE if len(self.runtimes) > len(families) else environment_name(self.runtimes)

    @property
    def key(self) -> str:
        """Tells apart what the name does not: images, the OS base."""
        return " ".join(runtime.key for runtime in (*self.runtimes, *filter(None, [self.base])))

    @property
    def system(self) -> str | None:
        """The OS base as cells name it: `debian:bullseye`."""
        return (self.base.image or f"{self.base.family}:{self.base.version}") if self.base else None

    @property
    def is_composed(self) -> bool:
        """Whether an image has to be made, because no runtime's own base is this environment."""
        return self.base is not None or len(self.runtimes) > 1

    def serving(self, app: App) -> Runtime:
        """The runtime that the app gets here: its own where it is there, else the newest of its family."""
        mine = [runtime for runtime in self.runtimes if runtime.family == app.runtime.family]
        return next((one for one in mine if str(one) == str(app.runtime)), mine[0])

    def prefix(self, runtime: Runtime, families: Mapping[str, Family]) -> str:
        """The folder a runtime lies in, where that is not the place its family knows."""
        return "" if runtime == self.runtimes[0] else families[runtime.family].prefix(runtime.version)


def environment_name(runtimes: Iterable[Runtime]) -> str:
    return "+".join(sorted(map(str, runtimes)))


def own(app: App) -> Environment:
    """The one an app declares."""
    return Environment((app.runtime,))


def system(reference: str | None) -> Runtime | None:
    """An entry's `base`: a suite of the catalogue, or an image of the user's own."""
    if reference is None:
        return None
    suite = _SUITE.fullmatch(reference)
    known = suite and suite[1] in catalogue.entries(SYSTEM)
    return Runtime(SYSTEM, suite[1]) if suite and known else Runtime(SYSTEM, reference, image=reference)


def candidates(entry: SharedEntry, apps: Mapping[str, App]) -> tuple[Environment, ...]:
    """The environments one entry tries, newest first: one version at a time, or all of them side by side.

    Where several apps declare one version with different images, it means the first one's, in the entry's order.
    Raises ManifestError for apps of several families: no OS base is known on which they all work.
    """
    runtimes = [apps[name].runtime for name in entry.apps]
    families = sorted({runtime.family for runtime in runtimes})
    if len(families) > 1:
        raise ManifestError(
            f"{entry.name} puts {' and '.join(families)} into one box, and no OS base is known on which they all work",
            where=str(entry.mark or apps[entry.apps[0]].mark),
            hint="give the entry `apps:` of one family, or one entry to each family",
        )
    wanted = set(entry.versions) or {str(runtime) for runtime in runtimes}
    everybodys = [*runtimes, *(app.runtime for app in apps.values())]
    declared = {str(runtime): runtime for runtime in reversed(everybodys)}
    found = [declared.get(name) or runtime_of(name) for name in sorted(wanted, key=newest, reverse=True)]
    base = system(entry.base)
    if entry.policy == SIDE_BY_SIDE:
        return (Environment(tuple(found), base),)
    per_family = [[runtime for runtime in found if runtime.family == family] for family in families]
    return tuple(Environment(choice, base) for choice in itertools.product(*per_family))


def runtime_of(name: str) -> Runtime:
    """`python@3.12` -> the value; nothing says where it was declared."""
    family, _, version = name.partition("@")
    return Runtime(family, version)


def newest(name: str) -> tuple[int, ...]:
    """Sorts names of runtimes by version."""
    return tuple(int(part) if part.isdigit() else 0 for part in name.split("@")[1].split("."))
