"""One check, asked of a box that runs, and what is told where the answer is not the one that was wanted."""

from __future__ import annotations

import json

from orchestrator.engines import BODY_LIMIT, Answer, Engine
from orchestrator.matching import SECONDS, includes, matches
from orchestrator.model import Box, Check, CheckResult, ExitCheck, HttpCheck, Launch, Matcher, RunCheck
from orchestrator.observe.seen import Seen

NO_ANSWER = "no answer"
ENDLESS = f"not known within {SECONDS:g} s whether "
NO_JSON = object()


def ask(engine: Engine, box: Box, launch: Launch, seen: Seen, wanted: Check) -> CheckResult:
    try:
        return _asked_once(engine, box, launch, seen, wanted)
    except TimeoutError as late:
        return CheckResult(wanted.name, passed=False, detail=f"{ENDLESS}{late} matches: simplify the expression")


def endless(result: CheckResult) -> bool:
    return result.detail.startswith(ENDLESS)


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
