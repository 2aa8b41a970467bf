"""What one app's fate proves about the environment that it was put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orchestrator import signs
from orchestrator.engines import Sighting
from orchestrator.family import Family
from orchestrator.model import Box, Cell, CheckResult, ExitCheck
from orchestrator.observe.question import endless
from orchestrator.observe.seen import KILLED, Seen, declared, met, out_of_memory


def cell(seen: Seen, box: Box, environment: str, serves: str, families: Mapping[str, Family]) -> Cell:
    """What one app's fate proves about the environment it was put in, where it gets the version `serves`."""
    name = seen.app.name
    place = failing(seen.checks)
    failed = seen.checks[place] if place is not None else None
    lines = (*seen.sighting.stdout.get(name, ()), *seen.sighting.stderr.get(name, ()))
    spoken = [families[family] for family in box.families]
    said, error = signs.quote(lines, spoken), signs.known(lines, spoken)
    phase = "start" if seen.phase == "check" and _died(seen) else seen.phase
    told = "; ".join(filter(None, (_told(failed, seen), error))) if failed and phase == "check" else said
    quote = "" if phase == "done" else _with_caps(seen.note or told, seen, box)
    gone = seen.exit_code is None and not seen.sighting.running
    killed = seen.exit_code == KILLED and _died(seen) and "memory" not in met(seen.sighting, name)
    unknown = phase == "check" and not seen.note and failed is not None and endless(failed)
    stopped = phase != "done" and (gone or killed or unknown or name in seen.sighting.stopped)
    return Cell(
        app=name,
        arm=box.arm,
        environment=environment,
        outcome="infrastructure" if stopped else "pass" if phase == "done" else "fail",
        beside=tuple(launch.app for launch in box.launches if launch.app != name),
        phase=phase,  # type: ignore[arg-type]
        exit_code=seen.exit_code,
        quote=quote,
        observed=_version(seen.sighting, families[seen.app.runtime.family], serves),
        checks=seen.checks,
        seconds=round(seen.seconds, 3),
    )


def failing(checks: Sequence[CheckResult]) -> int | None:
    """Which check is told of where some fail: the first, and before any whose search found no end."""
    failed = sorted((endless(one), place) for place, one in enumerate(checks) if not one.passed)
    return failed[0][1] if failed else None


def _with_caps(quote: str, seen: Seen, box: Box) -> str:
    """What an app says of its own end may not tell that a cap of its box was behind it."""
    caps_met = met(seen.sighting, seen.app.name)
    caps = {
        "memory": f"a process was killed at the box's memory limit ({box.limits.memory >> 20} MiB)",
        "pids": f"the box was at its limit of processes ({box.limits.pids})",
    }
    more = [text for cap, text in caps.items() if cap in caps_met and seen.note != out_of_memory(seen.app)]
    return "; ".join(filter(None, (quote, *more)))


def _told(failed: CheckResult, seen: Seen) -> str:
    """A job's own end needs no name: its check has the app's command for a question."""
    unnamed = any(isinstance(check, ExitCheck) and check.name == failed.name for check in seen.app.checks)
    return failed.detail if unnamed else f"{failed.name}: {failed.detail}"


def _died(seen: Seen) -> bool:
    """A job that ended otherwise than it should: its own last words say more than its code."""
    return seen.exit_code is not None and seen.exit_code not in declared(seen.app)


def _version(sighting: Sighting, family: Family, serves: str) -> str | None:
    """Of the versions the box names, the one that was meant, else the newest; None where it did not answer."""
    versions = family.observed(sighting.versions.get(family.name, ""))
    meant = [one for one in versions if family.satisfies(serves, one)]
    return max(meant or versions, key=_order, default=None)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
