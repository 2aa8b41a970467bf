"""Watches the apps of one box: wait until each is ready, ask its checks once, and say what was seen."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Event

from orchestrator import signs
from orchestrator.engines import BODY_LIMIT, Answer, Engine, Sighting
from orchestrator.errors import Interrupted
from orchestrator.family import Family
from orchestrator.matching import SECONDS, includes, matches
from orchestrator.model import App, Box, Cell, Check, CheckResult, ExitCheck, HttpCheck, Launch, Matcher, RunCheck
from orchestrator.phrases import UNENDED

KILLED = 137
DYING_SECONDS = 1.0
NO_ANSWER = "no answer"
LATE = "not ready within"
STOPPED = "the box was stopped from outside"
ENDLESS = f"not known within {SECONDS:g} s whether "
NO_JSON = object()
VERSION_SECONDS = 10.0
"""A runtime answers in 0.05 s; on a machine under load it has been seen to take seconds."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One app of a box, as far as it got. `phase` is `done` once it is ready."""

    app: App
    phase: str
    sighting: Sighting
    seconds: float
    exit_code: int | None = None
    note: str = ""
    """What the tool itself noticed: late, out of memory."""
    checks: tuple[CheckResult, ...] = field(default=())


def watch(engine: Engine, box: Box, apps: Mapping[str, App], stop: Event) -> tuple[Seen, ...]:
    """Wait for the box's apps, in start order; each is started once the one before is ready, dead, or out of time.

    Raises Interrupted once `stop` is set.
    """
    seen = list[Seen]()
    held = dict[int, str]()
    for place, launch in enumerate(box.launches):
        holder = held.get(launch.ports[0], "") if launch.ports else ""
        one = _wait(engine, box, launch, apps[launch.app], holder, stop)
        if place + 1 < len(box.launches) and one.exit_code is None and one.sighting.running:
            engine.ready(box, launch.app)
        if one.phase == "done":
            held |= dict.fromkeys(launch.ports, launch.app)
        seen.append(one)
    return tuple(seen)


def _wait(engine: Engine, box: Box, launch: Launch, app: App, holder: str, stop: Event) -> Seen:
    """Ready is any HTTP answer on the app's port, or the exit of a job.

    Where `holder`, an app that was ready before, has that port, an answer there is not this app's.
    """
    began = time.monotonic()
    deadline = began + app.healthcheck.deadline
    pause = 0.02
    while True:
        sighting = engine.look(box)
        passed = time.monotonic() - began
        if launch.app in sighting.exits or not sighting.running:
            return _ended(launch, app, _answered(engine, box, stop), passed)
        url = sighting.urls.get((launch.app, launch.ports[0])) if launch.ports and not holder else None
        if url and engine.ask(url, "GET", app.healthcheck.timeout):
            passed = time.monotonic() - began
            return Seen(app, "done", _answered(engine, box, stop), passed)
        if time.monotonic() > deadline:
            late = f"{LATE if launch.ports else UNENDED} {app.healthcheck.deadline:g} s"
            late += f": its port is held by {holder}" if holder else ""
            return Seen(app, "start", sighting, passed, note=late)
        if stop.wait(pause):
            raise Interrupted("interrupted")
        pause = min(pause * 1.5, 0.25)


def _answered(engine: Engine, box: Box, stop: Event) -> Sighting:
    """A last look, once the box has told its versions: an app may be quicker than its runtime's own answer."""
    deadline = time.monotonic() + VERSION_SECONDS
    while True:
        sighting = engine.look(box)
        if box.asks.keys() <= sighting.versions.keys() or not sighting.running:
            return sighting
        if time.monotonic() > deadline:
            return replace(sighting, versions=_asked(engine, box))
        if stop.wait(0.02):
            raise Interrupted("interrupted")


def _asked(engine: Engine, box: Box) -> Mapping[str, str]:
    """The versions of a box whose log has lost its head: asked again, inside."""
    answers = {family: engine.run(box, box.launches[0].app, argv, VERSION_SECONDS) for family, argv in box.asks.items()}
    return {family: ran.stdout + ran.stderr for family, ran in answers.items() if ran}


def _ended(launch: Launch, app: App, sighting: Sighting, passed: float) -> Seen:
    """A job that ended is ready to be checked; a service that ended has failed to start."""
    code = sighting.exits.get(launch.app)
    note = ""
    if launch.app in sighting.stopped or code is None:
        note = STOPPED
    elif code in _declared(app):
        note = ""
    elif code == KILLED and "memory" in _met(sighting, launch.app):
        note = _out_of_memory(app)
    elif code == KILLED:
        note = "killed, and not at the box's memory limit: by the machine, or by someone"
    phase = "start" if launch.ports or note == STOPPED else "done"
    return Seen(app, phase, sighting, passed, exit_code=code, note=note)


def _met(sighting: Sighting, app: str) -> frozenset[str]:
    """The caps at which something in the box was stopped, as far as is known: the engine tells of memory alone."""
    return sighting.met.get(app, frozenset()) | ({"memory"} if sighting.out_of_memory else frozenset())


def _out_of_memory(app: App) -> str:
    return f"killed at the box's memory limit (its own share is {app.limits.memory >> 20} MiB)"


def check(engine: Engine, box: Box, seen: Seen) -> Seen:
    """Ask every check once; an app that never got ready is not asked."""
    if seen.phase != "done":
        return seen
    launch = next(launch for launch in box.launches if launch.app == seen.app.name)
    with ThreadPoolExecutor(4) as pool:
        results = tuple(pool.map(lambda one: _check(engine, box, launch, seen, one), seen.app.checks))
    after = _after(engine, box, launch, results)
    code = after.exits.get(launch.app, seen.exit_code)
    note = seen.note
    if launch.ports and not after.running and code is None:
        note = STOPPED
    elif launch.ports and code == KILLED and "memory" in _met(after, launch.app):
        note = _out_of_memory(seen.app)
    elif launch.ports and code is not None and all(result.passed for result in results):
        note = f"ended (exit {code}) while it was checked"
    phase = "done" if all(result.passed for result in results) and not note else "check"
    return Seen(seen.app, phase, after, seen.seconds, code, note, results)


def _after(engine: Engine, box: Box, launch: Launch, results: Sequence[CheckResult]) -> Sighting:
    """How the box is after the checks. An app that gave no answer may be dying: its exit is waited for, briefly."""
    deadline = time.monotonic() + (DYING_SECONDS if any(one.detail == NO_ANSWER for one in results) else 0)
    while True:
        sighting = engine.look(box)
        if launch.app in sighting.exits or not sighting.running or time.monotonic() >= deadline:
            return sighting
        time.sleep(0.05)


def _check(engine: Engine, box: Box, launch: Launch, seen: Seen, wanted: Check) -> CheckResult:
    try:
        return _asked_once(engine, box, launch, seen, wanted)
    except TimeoutError as late:
        return CheckResult(wanted.name, passed=False, detail=f"{ENDLESS}{late} matches: simplify the expression")


def _asked_once(engine: Engine, box: Box, launch: Launch, seen: Seen, wanted: Check) -> CheckResult:
    match wanted:
        case HttpCheck():
            return _http(engine, launch, seen, wanted)
        case RunCheck():
            ran = engine.run(box, launch.app, wanted.argv, seen.app.healthcheck.deadline)
            if ran is None:
                return CheckResult(wanted.name, passed=False, detail="could not be run, or did not end")
            return _ending(wanted, ran.exit_code, ran.stdout, ran.stderr, ran.unkept)
        case ExitCheck():
            stdout, stderr = seen.sighting.said.get(launch.app, ("", ""))
            return _ending(wanted, seen.exit_code, stdout, stderr, seen.sighting.unkept.get(launch.app, 0))


def _http(engine: Engine, launch: Launch, seen: Seen, wanted: HttpCheck) -> CheckResult:
    declared = seen.app.ports.index(wanted.port) if wanted.port else 0
    url = seen.sighting.urls.get((launch.app, launch.ports[declared]), "")
    seconds = max(seen.app.healthcheck.timeout, 5.0)
    answer = engine.ask(url + wanted.path, wanted.method, seconds) if url else None
    if answer is None:
        return CheckResult(wanted.name, passed=False, detail=NO_ANSWER)
    body = " ".join(answer.body.split())[:300] or "nothing"
    if answer.status != wanted.status:
        return CheckResult(wanted.name, passed=False, detail=f"status {answer.status}, not {wanted.status}: {body}")
    missing = ""
    if wanted.has_json and not includes(wanted.json, _json(answer.body)):
        missing = f", not {json.dumps(wanted.json)}"
    elif wanted.body and not matches(wanted.body, answer.body):
        missing = _lacking(wanted.body)
    if not missing:
        return CheckResult(wanted.name, passed=True)
    return CheckResult(wanted.name, passed=False, detail=_lacked(answer, body, missing, seconds))


def _lacked(answer: Answer, body: str, missing: str, seconds: float) -> str:
    """What did not come whole is not said to be wrong."""
    of = f" of {answer.length}" if answer.length is not None else ""
    match answer.cut:
        case "late":
            return f"no whole answer within {seconds:g} s, {answer.came}{of} bytes came: {body}"
        case "short":
            return f"the answer broke off after {answer.came}{of} bytes: {body}"
        case "long":
            return f"answered {body[:80]}{missing} in its first {BODY_LIMIT}{of} bytes; more is not looked at"
        case _:
            return f"answered {body}{missing}"


def _lacking(matcher: Matcher) -> str:
    return f", which does not match {matcher.text!r}" if matcher.regex else f", without {matcher.text!r}"


def _json(body: str) -> object:
    """What the body says, or something that no demand includes."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return NO_JSON


def _ending(wanted: RunCheck | ExitCheck, code: int | None, stdout: str, stderr: str, unkept: int = 0) -> CheckResult:
    if code != wanted.exit:
        last = (stderr or stdout).strip().rsplit("\n", 1)[-1]
        return CheckResult(wanted.name, passed=False, detail=f"exit {code}, not {wanted.exit}: {last}")
    for side, text, matcher in (("stdout", stdout, wanted.stdout), ("stderr", stderr, wanted.stderr)):
        if matcher and not matches(matcher, text):
            more = f"; {unkept} bytes more were printed, and not looked at" if unkept else ""
            return CheckResult(wanted.name, passed=False, detail=_missing(side, text, matcher) + more)
    return CheckResult(wanted.name, passed=True)


def _missing(side: str, text: str, matcher: Matcher) -> str:
    return f"{side} was {' '.join(text.split())[:300]!r}{_lacking(matcher)}"


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
    killed = seen.exit_code == KILLED and _died(seen) and "memory" not in _met(seen.sighting, name)
    unknown = phase == "check" and not seen.note and failed is not None and _endless(failed)
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
        observed=version(seen.sighting, families[seen.app.runtime.family], serves),
        checks=seen.checks,
        seconds=round(seen.seconds, 3),
    )


def failing(checks: Sequence[CheckResult]) -> int | None:
    """Which check is told of where some fail: the first, and before any whose search found no end."""
    failed = sorted((_endless(one), place) for place, one in enumerate(checks) if not one.passed)
    return failed[0][1] if failed else None


def _endless(result: CheckResult) -> bool:
    return result.detail.startswith(ENDLESS)


def _with_caps(quote: str, seen: Seen, box: Box) -> str:
    """What an app says of its own end may not tell that a cap of its box was behind it."""
    met = _met(seen.sighting, seen.app.name)
    caps = {
        "memory": f"a process was killed at the box's memory limit ({box.limits.memory >> 20} MiB)",
        "pids": f"the box was at its limit of processes ({box.limits.pids})",
    }
    more = [text for cap, text in caps.items() if cap in met and seen.note != _out_of_memory(seen.app)]
    return "; ".join(filter(None, (quote, *more)))


def _told(failed: CheckResult, seen: Seen) -> str:
    """A job's own end needs no name: its check has the app's command for a question."""
    unnamed = any(isinstance(check, ExitCheck) and check.name == failed.name for check in seen.app.checks)
    return failed.detail if unnamed else f"{failed.name}: {failed.detail}"


def _died(seen: Seen) -> bool:
    """A job that ended otherwise than it should: its own last words say more than its code."""
    return seen.exit_code is not None and seen.exit_code not in _declared(seen.app)


def _declared(app: App) -> set[int]:
    """The exit codes with which a job's command has to end; a service has none."""
    return {check.exit for check in app.checks if isinstance(check, ExitCheck)}


def version(sighting: Sighting, family: Family, serves: str) -> str | None:
    """Of the versions the box names, the one that was meant, else the newest; None where it did not answer."""
    versions = family.observed(sighting.versions.get(family.name, ""))
    meant = [one for one in versions if family.satisfies(serves, one)]
    return max(meant or versions, key=_order, default=None)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
