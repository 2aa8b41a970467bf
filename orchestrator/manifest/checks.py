"""The checks of an app, from what its record held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from orchestrator.manifest.fields import Fields
from orchestrator.manifest.hints import known_are
from orchestrator.manifest.nodes import Problem
from orchestrator.model import App, Check, ExitCheck, HttpCheck, Mark, Matcher, RunCheck

EXAMPLE = "write checks: [{http: /, status: 200}]"


def checks(records: Sequence[Fields], *, service: bool) -> tuple[Check, ...]:
    """The checks as values; a job that states none has to end with exit code 0."""
    if not records and not service:
        return (ExitCheck(),)
    return tuple(_check(record) for record in records)


def matcher(value: Any) -> Matcher | None:
    """A substring, or what {matches: ...} held."""
    if isinstance(value, Fields):
        return Matcher(value.get("matches"), regex=True)
    return None if value is None else Matcher(value)


def _check(record: Fields) -> Check:
    if "http" in record.values:
        return _http(record)
    output = {key: matcher(record.get(key)) for key in ("stdout", "stderr")}
    if "run" in record.values:
        return RunCheck(record.get("run"), record.get("exit", 0), **output)
    return ExitCheck(record.get("exit", 0), **output)


def _http(record: Fields) -> HttpCheck:
    return HttpCheck(
        path=record.get("http"),
        method=record.get("method", "GET"),
        port=record.get("port"),
        status=record.get("status", 200),
        json=record.get("json"),
        has_json="json" in record.values,
        body=matcher(record.get("body")),
    )


def problems(app: App, record: Fields) -> Iterator[Problem]:
    """What is wrong with the checks of an app, whose record tells where they stand."""
    if not app.checks:
        yield Problem(app.mark, f"{app.name} is a service without checks; every app has at least one", EXAMPLE)
    for number, check in enumerate(app.checks):
        place = record.mark("checks", number)
        match check:
            case HttpCheck() if not app.is_service:
                yield Problem(place, f"{app.name} has no ports, so nothing answers", 'write ports: ["8080"]')
            case HttpCheck(port=int(port)) if port not in app.ports:
                known = known_are([str(one) for one in app.ports])
                yield Problem(record.mark("checks", number, "port"), f"{app.name} has no port {port}", known)
            case ExitCheck() if app.is_service:
                yield Problem(place, f"{app.name} is a service: its command does not end", EXAMPLE)
            case RunCheck() if not app.is_service:
                hint = "say how it ends: {exit: 0, stdout: done}"
                yield Problem(place, f"{app.name} is a job: its box ends with it, and nothing can be run there", hint)
            case RunCheck(argv=argv):
                yield from program(argv, record.mark("checks", number, "run", 0))


def program(argv: Sequence[str], place: Mark) -> Iterator[Problem]:
    """A command starts with a program, not with a variable."""
    if not argv[0] or "=" in argv[0]:
        yield Problem(place, f"{argv[0]!r} is not a program", "variables belong into `environment`")
