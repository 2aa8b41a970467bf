"""A run -> GitHub-flavoured Markdown, for the summary of a step or a pull request.

What comes from a manifest, an app or an engine stands in spans and blocks of code, all else is ours: see `gfm`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace

from orchestrator.events import Explained, RunStarted, VerdictReached
from orchestrator.model import Cell, SharedEntry, Verdict
from orchestrator.phrases import WAYS_OUT, expected, how, newest_first, outcome, remembered, sentence
from orchestrator.picture import Entry, Picture, Side, picture
from orchestrator.reports.gfm import LONGEST, block, cell, code, table
from orchestrator.reports.run import Run

LARGEST = 900_000
"""Bytes; GitHub refuses a step's summary of more than 1 MiB, and cuts a comment far earlier."""
LAST_LINES = 12
COLUMNS = ["app", "runtime", "observed", "base", "state"]
ENDED = "**The run ended before a verdict**"


def summary(run: Run) -> str:
    """Verdicts first, then the apps, a grid with its reasons for each entry, and what to run next."""
    return "\n".join(_bounded(_parts(run))) + "\n"


def _bounded(parts: Iterator[str]) -> Iterator[str]:
    """What does not fit is left out from the end, and that is said."""
    size = 0
    for part in parts:
        size += len(part.encode()) + 1
        if size > LARGEST:
            yield "\nThere is more than fits here; the record of the run has all of it."
            return
        yield part


def _parts(run: Run) -> Iterator[str]:
    drawn = picture(run.events)
    started = next((event for event in run.events if isinstance(event, RunStarted)), None)
    why = {event.entry: event.explanation.because for event in run.events if isinstance(event, Explained)}
    yield f"## {code(drawn.project) or 'isolate'}"
    if started and started.description.strip():
        yield f"\n{code(started.description)}"
    yield from _verdicts(drawn)
    if drawn.sides:
        yield ""
        yield from table(COLUMNS, ([cell(name), *_side(side, drawn)] for name, side in drawn.sides.items()))
    yield from _failures(drawn)
    meant = {entry.name: entry for entry in (started.shared if started else ())}
    for name, entry in drawn.entries.items():
        yield f"\n### {code(name)}{_under(meant.get(name))}\n"
        yield from _entry(entry, why.get(name, ()))
    yield from _next(drawn, started.manifest if started else "")


def _verdicts(drawn: Picture) -> Iterator[str]:
    yield ""
    if failed := drawn.failed:
        yield f"{ENDED}: {code(failed.message)}{_labelled(', at', failed.where)}{_labelled(', hint:', failed.hint)}"
        if failed.excerpt:
            yield f"\n{block(failed.excerpt[-LAST_LINES:])}"
    elif drawn.ended is None:
        yield f"{ENDED}: it was cut short."
    yield from (f"- {code(name)}: {_verdict(entry.reached)}" for name, entry in drawn.entries.items() if entry.reached)
    if said := remembered(list(_shared(drawn))):
        yield f"\nNot observed in this run: {code(said)}"


def _labelled(label: str, said: str) -> str:
    return f"{label} {code(said)}" if said.strip() else ""


def _verdict(reached: VerdictReached) -> str:
    """`**conflict (runtime)**, as expected`."""
    kind = f" ({reached.verdict.kind})" if reached.verdict.kind else ""
    said = f"**{reached.verdict.name}{kind}**"
    if reached.as_expected is None:
        return said
    if reached.as_expected:
        return f"{said}, as expected"
    return f"{said}, **but the manifest expects** {code(expected(reached))}"


def _side(side: Side, drawn: Picture) -> list[str]:
    observed = side.seen.observed if side.seen else None
    return [cell(side.runtime), cell(observed or "-"), cell(drawn.bases.get(side.runtime, "-")), side.state]


def _failures(drawn: Picture) -> Iterator[str]:
    """How far each app got that fails on its own runtime, and what it or its build said last."""
    for name, side in drawn.sides.items():
        if side.cell and side.seen and side.state == "failed":
            refused = drawn.refused.get(side.seen.image)
            yield f"\n{code(name)} on its own runtime: {outcome(side.cell)}{_labelled(':', side.cell.quote)}"
            if tail := (refused.tail if refused else side.seen.tail):
                yield f"\n{block(tail[-LAST_LINES:])}"


def _under(meant: SharedEntry | None) -> str:
    """` on debian:bookworm with DOTNET_ROLL_FORWARD=Major`, where the environment is not as it comes."""
    if meant is None:
        return ""
    extra = ", ".join(code(f"{name}={value}", LONGEST) for name, value in meant.environment.items())
    return (f" on {code(meant.base, LONGEST)}" if meant.base else "") + (f" with {extra}" if extra else "")


def _entry(entry: Entry, why: tuple[str, ...]) -> Iterator[str]:
    yield from _grid(entry)
    if reached := entry.reached:
        yield f"\n{_verdict(reached)}: {_sentence(reached, entry)}.\n"
        yield from (f"- {code(reason)}" for reason in reached.verdict.because)
    if why:
        yield "\nWhy:\n"
        yield from (f"- {code(line, 1200)}" for line in why)
    if entry.escapes:
        rows = ([one.name, WAYS_OUT[one.outcome], cell(one.detail, 600)] for one in entry.escapes)
        yield "\nWays out:\n"
        yield from table(["way out", "what came of it", "seen"], rows)


def _grid(entry: Entry) -> Iterator[str]:
    """Apps as rows; a column for each environment and each way to be in it."""
    words = {(seen.app, seen.environment, how(seen.arm, seen.order)): outcome(seen) for seen in entry.cells}
    columns = [
        (name, way)
        for name in newest_first(environment for _, environment, _ in words)
        for way in ("alone", "together", "in order", "last first")
        if any((name, way) == (environment, how) for _, environment, how in words)
    ]
    apps = dict.fromkeys(app for app, _, _ in words)
    if columns:
        rows = ([cell(app), *(words.get((app, *column), "") for column in columns)] for app in apps)
        yield from table(["app", *(f"{cell(name)} {way}" for name, way in columns)], rows)
    else:
        yield "Nothing was observed."


def _sentence(reached: VerdictReached, entry: Entry) -> str:
    """With each name of an app and an environment in a span of its own: `dotnet@2.2` would be an address."""
    apps = reached.apps or tuple(dict.fromkeys(seen.app for seen in entry.cells))
    tried = newest_first(seen.environment for seen in entry.cells if seen.arm == "shared")
    return sentence(_coded(reached.verdict), [code(app) for app in apps], [_place(name) for name in tried])


def _coded(verdict: Verdict) -> Verdict:
    works_at = tuple(map(_place, verdict.works_at))
    return replace(verdict, app=code(verdict.app) if verdict.app else None, works_at=works_at)


def _place(environment: str) -> str:
    """`phrases` has words of its own for the one name that is ours."""
    return environment if environment == "side-by-side" else code(environment)


def _next(drawn: Picture, manifest: str) -> Iterator[str]:
    yield "\nNext:\n"
    yield block(map(shlex.join, _commands(drawn, manifest or "manifest.yaml")), "sh")
    if drawn.ended:
        yield f"\n{drawn.ended.seconds:.1f} s{_labelled('; the record:', drawn.ended.folder)}"


def _commands(drawn: Picture, manifest: str) -> Iterator[list[str]]:
    cells = [*(side.cell for side in drawn.sides.values() if side.cell), *_shared(drawn)]
    outcomes = {seen.outcome for seen in cells}
    if "infrastructure" in outcomes:
        yield ["isolate", "doctor"]
    yield ["isolate", "up", *(["--repeat", "5"] if "flaky" in outcomes else []), manifest]
    if any(entry.reached and entry.reached.verdict.name == "conflict" for entry in drawn.entries.values()):
        yield ["isolate", "explain", manifest]
        yield ["isolate", "pack", manifest]


def _shared(drawn: Picture) -> Iterator[Cell]:
    return (seen for entry in drawn.entries.values() for seen in entry.cells)
