"""A run in which everything that may come from outside says one thing, and the forms in which a run is told."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import stories
from rich.console import Console, RenderableType

import scenarios
from orchestrator import record
from orchestrator.console.final import final
from orchestrator.console.live import frame
from orchestrator.console.plain import told
from orchestrator.console.terminal import show
from orchestrator.events import (
    AppObserved,
    BaseResolved,
    BuildEnded,
    BuildLine,
    CellObserved,
    EngineReady,
    EscapeTried,
    Event,
    Explained,
    Failed,
    RunEnded,
    RunStarted,
    StepStarted,
    VerdictReached,
)
from orchestrator.model import Cell, CheckResult, Demand, Explanation, Mark, Matcher, Proof
from orchestrator.picture import Picture, after
from orchestrator.reports import Run
from orchestrator.reports.github import annotations
from orchestrator.reports.html import html
from orchestrator.reports.junit import junit
from orchestrator.reports.result import result
from orchestrator.reports.summary import summary
from orchestrator.reports.svg import svg
from orchestrator.sanitise import in_json

MOMENTS = (4.0, 6.0, 9.0)
"""When the live view is looked at, in seconds of the run."""


_several = cache(stories.several)


def everywhere(payload: str) -> scenarios.Run:
    """One app fails at home, two entries are judged, ways out are tried, and all of it quotes the payload."""
    of, story = _several()
    demand = Demand("legacy", payload, Mark("manifest.yaml", 5, 1))
    why = Explanation((demand,), (payload,), (Proof("fails", payload, demand),), (payload,))

    def said(event: Event) -> Event:
        match event:
            case RunStarted():
                return replace(event, description=payload)
            case EngineReady():
                return replace(event, version=payload)
            case BaseResolved():
                return replace(event, reference=payload, tried=(payload,))
            case BuildLine():
                return replace(event, text=payload)
            case BuildEnded(image=image) if image == scenarios.image("legacy"):
                return replace(event, outcome="refused", tail=(payload, payload))
            case AppObserved():
                return replace(event, state="failed", observed=payload, checks=_checks(payload), tail=(payload,))
            case CellObserved():
                return replace(event, cell=_cell(event.cell, payload), tail=(payload, payload))
            case EscapeTried(escape=escape):
                cells = tuple(_cell(cell, payload) for cell in escape.cells)
                return replace(event, escape=replace(escape, detail=payload, cells=cells))
            case VerdictReached(verdict=verdict, expect=expect):
                expect = replace(expect, because=Matcher(payload)) if expect else None
                return replace(event, verdict=replace(verdict, because=(payload,)), expect=expect)
            case RunEnded():
                return replace(event, folder=payload)
        return event

    changed = [(at, said(event)) for at, event in story]
    return of, [*changed[:-1], (15.0, StepStarted("again", payload)), (15.0, Explained("again", why)), changed[-1]]


def _cell(cell: Cell, payload: str) -> Cell:
    return replace(cell, outcome="fail", phase="start", quote=payload, observed=payload, checks=_checks(payload))


def _checks(payload: str) -> tuple[CheckResult, ...]:
    return (CheckResult(payload, passed=False, detail=payload),)


def cut_off(payload: str) -> scenarios.Run:
    """The same, ended by an error that says it, too."""
    of, story = everywhere(payload)
    return of, [*story[:-1], (15.2, Failed(payload, payload, payload, 75, (payload,)))]


def live(run: scenarios.Run) -> str:
    """Frames of the view that is redrawn, and what stays on the screen."""
    of, story = run
    frames, seen, moments = [], Picture(), list(MOMENTS)
    for at, event in story:
        if moments and at >= moments[0]:
            frames.append(_drawn(frame(seen, moments.pop(0))))
        seen = after(seen, event, at)
    return "".join([*frames, _drawn(final(seen, of, ["apps/pair.yaml"]))])


def _drawn(what: RenderableType) -> str:
    stream = io.StringIO()
    show(Console(file=stream, width=80, color_system=None, markup=False, emoji=False, highlight=False), what)
    return stream.getvalue()


def _report(form: Callable[[Run], str]) -> Callable[[scenarios.Run], str]:
    return lambda run: form(stories.told(run))


def _json(run: scenarios.Run) -> str:
    return in_json(json.dumps(result(event for _, event in run[1]), indent=2))


FORMS: dict[str, Callable[[scenarios.Run], str]] = {
    "plain": lambda run: "\n".join(line for at, event in run[1] if (line := told(at, event))),
    "live": live,
    "record": lambda run: "\n".join(record.line(at, event) for at, event in run[1]),
    "result": _json,
    "html": _report(html),
    "junit": _report(junit),
    "markdown": _report(summary),
    "svg": _report(svg),
    "github": _report(annotations),
}
"""A new form is put to the same test by a line here."""
