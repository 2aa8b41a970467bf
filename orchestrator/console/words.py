"""How outcomes, cells and verdicts are said, in few words and without colour."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.events import VerdictReached
from orchestrator.model import Cell, Expect, Kind

WHY: dict[Kind, str] = {
    "packages": "the packages of {them} cannot be installed into one environment",
    "clobber": "the packages of {them} install into one environment, and there break an app that works alone",
    "os-library": "no single OS base serves {them}",
    "port": "{them} want the same port",
    "files": "{them} write the same files",
}


def outcome(cell: Cell) -> str:
    """`pass`, `fail exit 150`, `fail build`, `fail check`, `infrastructure`, `flaky`, `not run`."""
    if cell.outcome != "fail":
        return cell.outcome.replace("-", " ")
    if cell.exit_code and cell.phase != "build":
        return f"fail exit {cell.exit_code}"
    return f"fail {cell.phase}"


def style(word: str) -> str:
    """Colour repeats what the word says."""
    first = word.split(" ", maxsplit=1)[0]
    good = {"pass", "healthy", "exited", "no-conflict"}
    bad = {"fail", "failed", "broken"}
    doubtful = {"infrastructure", "flaky", "inconclusive", "conflict"}
    return "green" if first in good else "bold red" if first in bad else "yellow" if first in doubtful else "dim"


def how(cell: Cell) -> str:
    """Which column of its environment a cell stands in."""
    return "alone" if cell.arm == "control" else (cell.order or "together").replace("-", " ")


def names(apps: Sequence[str], most: int = 4) -> str:
    """`invoice and telemetry`, `a, b and c`, `all 12 apps`."""
    if len(apps) > most:
        return f"all {len(apps)} apps"
    return " and ".join([", ".join(apps[:-1]), apps[-1]] if len(apps) > 1 else apps)


def headline(reached: VerdictReached) -> str:
    """`conflict (runtime), as expected`."""
    verdict = reached.verdict
    kind = f" ({verdict.kind})" if verdict.kind else ""
    held = {True: ", as expected", False: f", but expected was {expected(reached.expect)}", None: ""}
    return f"{verdict.name}{kind}{held[reached.as_expected]}"


def expected(expect: Expect | None) -> str:
    """What the manifest says would happen, and where it says so."""
    if expect is None:
        return "nothing"
    parts = [*filter(None, (expect.verdict, expect.kind and f"kind {expect.kind}", expect.app and f"app {expect.app}"))]
    parts += [f"because {expect.because.text!r}"] if expect.because else []
    return ", ".join(parts) + (f" ({expect.mark.short})" if expect.mark else "")


def sentence(reached: VerdictReached, runtimes: dict[str, str]) -> str:
    """The verdict as a person would say it; `runtimes` maps each app of the entry to its declared one."""
    verdict, them = reached.verdict, names(list(runtimes))
    match verdict.name:
        case "conflict":
            return _conflict(verdict.kind, runtimes)
        case "no-conflict":
            moved = ", ".join(f"{app} moved from {runtimes[app]}" for app in verdict.moved)
            return f"{them} work together at {verdict.works_at[0]}" + (f" ({moved})" if moved else "")
        case "broken":
            return f"{verdict.app or 'an app'} fails even on its own runtime, so sharing one was not tried"
        case "inconclusive":
            return "nothing is proved, in either direction"


def _conflict(kind: Kind | None, runtimes: dict[str, str]) -> str:
    them = names(list(runtimes))
    family = " and ".join(sorted({runtime.partition("@")[0] for runtime in runtimes.values()}))
    versions = ", ".join(sorted({runtime.partition("@")[2] for runtime in runtimes.values()}))
    return WHY[kind].format(them=them) if kind in WHY else f"no {family} runtime that was tried serves {them} ({versions})"
