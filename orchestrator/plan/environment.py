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
from orchestrator.wording import listed

SIDE_BY_SIDE: Final = "side-by-side"
SYSTEM = "debian"
"""The folder of `images/` whose versions are operating systems."""
_SUITE = re.compile(r"debian:([a-z]+)(?:-slim)?")


@dataclass(frozen=True, slots=True)
class Environment:
    """`runtimes` come newest first in each family; several of one lie side by side.

    base:  an OS base; None where they stand on the newest's own.
    stock: it was asked for as it comes: nothing but Debian's packages is put onto it for the runtimes' sake.
    """

    runtimes: tuple[Runtime, ...]
    base: Runtime | None = None
    stock: bool = False

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
        mine = (runtime for runtime in self.runtimes if str(runtime) == str(app.runtime))
        return next(mine, None) or self.first(app.runtime.family)

    def first(self, family: str) -> Runtime:
        """The newest of a family."""
        return next(runtime for runtime in self.runtimes if runtime.family == family)

    def prefix(self, runtime: Runtime, families: Mapping[str, Family]) -> str:
        """The folder a runtime lies in, where that is not the place its family knows."""
        return "" if runtime == self.first(runtime.family) else families[runtime.family].prefix(runtime.version)


def environment_name(runtimes: Iterable[Runtime]) -> str:
    return "+".join(sorted(map(str, runtimes)))


def own(app: App) -> Environment:
    """The one an app declares."""
    return Environment((app.runtime,))


def system(reference: str) -> Runtime:
    """An entry's `base`: a suite of the catalogue, or an image of the user's own."""
    suite = _SUITE.fullmatch(reference)
    known = suite and suite[1] in catalogue.entries(SYSTEM)
    return Runtime(SYSTEM, suite[1]) if suite and known else Runtime(SYSTEM, reference, image=reference)


def candidates(entry: SharedEntry, apps: Mapping[str, App]) -> tuple[Environment, ...]:
    """The environments one entry tries, newest first: one version of each family at a time, or all side by side.

    Where several apps declare one version with different images, it means the first one's, in the entry's order.
    Raises ManifestError where several runtimes have to lie in one filesystem, and no OS base is known for them.
    """
    runtimes = [apps[name].runtime for name in entry.apps]
    families = sorted({runtime.family for runtime in runtimes})
    asked = entry.versions or tuple(str(runtime) for runtime in runtimes)
    unnamed = [family for family in families if not any(name.startswith(f"{family}@") for name in asked)]
    wanted = {*asked, *(str(runtime) for runtime in runtimes if runtime.family in unnamed)}
    everybodys = [*runtimes, *(app.runtime for app in apps.values())]
    declared = {str(runtime): runtime for runtime in reversed(everybodys)}
    found = [declared.get(name) or runtime_of(name) for name in sorted(wanted, key=catalogue.order, reverse=True)]
    per_family = [[runtime for runtime in found if runtime.family == family] for family in families]
    where = str(entry.mark or apps[entry.apps[0]].mark)
    if entry.policy == SIDE_BY_SIDE:
        return (composed(tuple(itertools.chain(*per_family)), entry.base, where),)
    return tuple(composed(choice, entry.base, where) for choice in itertools.product(*per_family))


def composed(runtimes: tuple[Runtime, ...], base: str | None = None, where: str = "") -> Environment:
    """Runtimes of one family lie beside one another on the newest's own base, where that suits all of them; else, and
    where there are several families, on a Debian that does.

    Raises ManifestError where none is known.
    """
    families = list(dict.fromkeys(runtime.family for runtime in runtimes))
    if len(runtimes) == 1 and base is None:
        return Environment(runtimes)
    suites = [suite for suite in catalogue.beside(families[0]) if all(suite in catalogue.beside(f) for f in families)]
    if not suites:
        raise ManifestError(
            f"no OS base is known on which {listed([str(one) for one in runtimes])} work in one filesystem",
            where=where,
            hint="leave out `base`, or `policy: side-by-side`"
            if len(families) == 1
            else "give the entry `apps:` of one family, or one entry to each; `shared: []` runs them isolated only",
        )
    if base is not None:
        return Environment(runtimes, _known(system(base), families, where), stock=True)
    own = catalogue.entries(families[0]).get(runtimes[0].version)
    at_home = len(families) == 1 and (own is None or own.recipes[0].suite in suites)
    return Environment(runtimes) if at_home else Environment(runtimes, Runtime(SYSTEM, suites[0]))


def _known(base: Runtime, families: Iterable[str], where: str) -> Runtime:
    """The base, unless it is a suite of which nobody has said what the families need there."""
    for family in families:
        known = {*catalogue.libraries(family), *catalogue.beside(family)}
        if base.version in catalogue.entries(SYSTEM) and base.version not in known:
            hint = f"known: {', '.join(f'{SYSTEM}:{suite}' for suite in sorted(known))}"
            raise ManifestError(f"nothing is known of {family} on {SYSTEM}:{base.version}", where=where, hint=hint)
    return base


def runtime_of(name: str) -> Runtime:
    """`python@3.12` -> the value; nothing says where it was declared."""
    family, _, version = name.partition("@")
    return Runtime(family, version)
