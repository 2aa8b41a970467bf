"""How outcomes, cells and verdicts are said, in few words and without colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from orchestrator import catalogue
from orchestrator.events import VerdictReached
from orchestrator.model import Cell, Kind, Outcome, SharedEntry, Verdict
from orchestrator.wording import listed

WHY: dict[Kind, str] = {
    "packages": "the packages of {them} cannot be installed into one environment",
    "clobber": "the packages of {them} go into one environment, and there an app fails that works alone",
    "os-library": "this OS does not bring what the runtime of {app} needs",
    "port": "{them} want the same port",
    "files": "{them} write the same files",
}
UNENDED = "did not end within"
"""How the quote of a job begins that was still running at its deadline."""
WAYS_OUT: dict[Outcome, str] = {
    "pass": "works",
    "fail": "does not help",
    "infrastructure": "could not be tried",
    "flaky": "sometimes works",
    "not-run": "does not apply",
}


def outcome(cell: Cell) -> str:
    """`pass`, `fail exit 150`, `fail build`, `fail check`, `fail no end`, `infrastructure`, `flaky`, `not run`."""
    if cell.outcome != "fail":
        return cell.outcome.replace("-", " ")
    if unended(cell):
        return "fail no end"
    if cell.exit_code and cell.phase != "build":
        return f"fail exit {cell.exit_code}"
    return f"fail {cell.phase}"


def unended(cell: Cell) -> bool:
    """Whether it is of a job that was still running at its deadline: its phase is `start`, and it had started."""
    return cell.phase == "start" and cell.exit_code is None and cell.quote.startswith(UNENDED)


def how(arm: str, order: str | None) -> str:
    """Which column of its environment a cell stands in."""
    lane = (order or "together").replace("-", " ")
    return "alone" if arm == "control" else "last first" if lane == "reversed" else lane


def shared_how(meant: SharedEntry) -> str:
    """`the same apps, unchanged, in one environment with DOTNET_ROLL_FORWARD=Major`."""
    where = "with all their runtimes in one filesystem" if meant.policy == "side-by-side" else "in one environment"
    ports = ", each on the port it declares" if meant.ports == "as-declared" else ""
    return f"the same apps, unchanged, {where}{under(meant)}{ports}"


def under(meant: SharedEntry) -> str:
    """` on debian:bookworm with DOTNET_ROLL_FORWARD=Major`, where the environment is not as it comes; empty else."""
    extra = ", ".join(f"{name}={value}" for name, value in meant.environment.items())
    return (f" on {meant.base}" if meant.base else "") + (f" with {extra}" if extra else "")


def newest_first(environments: Iterable[str]) -> list[str]:
    """By version, each once: `python@3.12` before `python@3.8`, whichever was observed first; several families last."""
    versions = {
        name: [catalogue.order(part) for part in name.split("+")] if "@" in name else [] for name in environments
    }
    return sorted(versions, key=lambda name: ("+" not in name, versions[name]), reverse=True)


def headline(reached: VerdictReached, by: str = "the manifest") -> str:
    """`conflict (runtime), as expected`; `by` says who expects."""
    verdict = reached.verdict
    kind = f" ({verdict.kind})" if verdict.kind else ""
    held = {True: ", as expected", False: f", but {by} expects {expected(reached)}", None: ""}
    return f"{verdict.name}{kind}{held[reached.as_expected]}"


def expected(reached: VerdictReached) -> str:
    """What was expected, but for what came about, and where that is said."""
    expect = reached.expect
    if expect is None:
        return "nothing"
    words = {
        "verdict": expect.verdict or "",
        "kind": f"kind {expect.kind}",
        "app": f"that {expect.app} fails",
        "because": f"a reason that says {expect.because.text!r}" if expect.because else "",
    }
    named = reached.missed or [key for key in words if getattr(expect, key)]
    said = ", ".join(words[key] for key in named)
    return f"{said} ({expect.mark.short})" if expect.mark else said


def remembered(cells: Sequence[Cell]) -> str:
    """`3 of 12 cells are remembered, the oldest from ...`; empty where none is."""
    times = sorted(cell.remembered for cell in cells if cell.remembered)
    return f"{len(times)} of {len(cells)} cells are remembered, the oldest from {times[0]}" if times else ""


def sentence(verdict: Verdict, apps: Sequence[str], tried: Sequence[str]) -> str:
    """The verdict as a person would say it. `tried` names the environments in which the apps were put together."""
    them = f"all {len(apps)} apps" if len(apps) > 4 else listed(apps)
    both = "both " if len(apps) == 2 else ""
    match verdict.name:
        case "conflict" if verdict.kind in WHY:
            return WHY[verdict.kind].format(them=them, app=verdict.app)
        case "conflict" if verdict.kind is None:
            return f"beside one another {them} do not all pass, and what they share there was not found"
        case "conflict" if len(tried) == 1:
            return f"{_where(tried[0])} does not serve {them}"
        case "conflict":
            return f"{_none(tried)} serves {both}{them}"
        case "no-conflict" if len(verdict.works_at) > 1:
            return f"each of {listed(verdict.works_at)} serves {both}{them}"
        case "no-conflict":
            return f"{_where(verdict.works_at[0])} serves {both}{them}"
        case "broken":
            return f"{verdict.app or 'an app'} fails on its own runtime already, so sharing one would prove nothing"
        case "inconclusive":
            return "this run proves nothing, neither a conflict nor that there is none"


def _where(environment: str) -> str:
    return "one filesystem with all their runtimes" if environment == "side-by-side" else environment


def _none(tried: Sequence[str]) -> str:
    return f"neither {tried[0]} nor {tried[1]}" if len(tried) == 2 else f"none of {', '.join(tried)}"
