"""Everything that is known -> the page: a region of it for each thing that changes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2

from orchestrator.lab.course import Standing
from orchestrator.lab.finding import Finding
from orchestrator.lab.page import lanes, prose, state
from orchestrator.lab.page.known import Known
from orchestrator.lab.page.state import State
from orchestrator.reports.page.marks import Mark
from orchestrator.reports.page.text import end, line, said

HERE = Path(__file__).parent
REGIONS = ("where", "text", "told", "result", "hints", "lanes", "labs")
BUTTONS = ("check", "hint", "reset", "next", "solve", "stop")
MARKS = {"pass": Mark("pass", "ok"), "fail": Mark("fail", "not yet"), "infrastructure": Mark("doubt", "nothing proved")}
ANSWER = "an answer: "
"""Before the key of an answer, where a check is told in words."""
ENDING = {
    "check": "Checking. This starts real boxes and takes a while.",
    "solve": "The solution is being laid over your files.",
}


@dataclass(frozen=True, slots=True)
class Region:
    """`mark` tells one content from another."""

    html: str
    mark: str


@dataclass(frozen=True, slots=True)
class Result:
    """What the last check of this step came to; `rest` checks were not looked at."""

    findings: tuple[Finding, ...] | None
    rest: int
    summary: str
    look: str
    done: bool


def regions(known: Known, now: State) -> dict[str, Region]:
    """Of the whole page, by name."""
    here = now if known.at and state.place(known.at) == now.of else State()
    going = bool(now.doing) and not here.earlier
    facts = {
        "known": known,
        "at": known.at,
        "state": now,
        "doing": ENDING.get(now.doing, "One moment.") if now.doing else "",
        "result": result(known.at, here) if known.at else None,
        "isolated": lanes.isolated(here.drawn, up=here.up, going=going),
        "shared": lanes.shared(here.drawn, going=going),
        "builds": lanes.running(here.drawn) if going else {},
        "runs": here.runs,
        "earlier": here.earlier,
    }
    macros = {name: getattr(_templates().get_template("parts.html.j2").module, name) for name in REGIONS}
    drawn = {name: str(macro(**{key: facts[key] for key in macro.arguments})) for name, macro in macros.items()}
    return {name: Region(html, sha256(html.encode()).hexdigest()[:16]) for name, html in drawn.items()}


def result(at: Standing, here: State) -> Result:
    """In words; a step that was done stays so, whatever a later check says."""
    found = here.findings
    passed = len([one for one in found or () if one.outcome == "pass"])
    failed = found is not None and passed < len(found)
    rest = len(at.step.checks) - sum(one.checks for one in found or ())
    if found is None:
        return Result(found, rest, "", "none", done=at.passed and not here.doing)
    if failed:
        unsure = found[-1].outcome == "infrastructure"
        words = "This proves nothing: the machine is in the way." if unsure else "Not yet."
        return Result(found, rest, words, "doubt" if unsure else "fail", done=False)
    return Result(found, 0, f"Step {at.number} of {len(at.lab.steps)} is done.", "pass", done=True)


def facts(known: Known, now: State) -> dict[str, Any]:
    """What the script needs beside the regions."""
    at = known.at
    return {
        "title": title(at),
        "step": "/".join(state.place(at)) if at else "",
        "ended": now.ended,
        "seconds": int(time.monotonic() - now.since) if now.doing else 0,
        "buttons": buttons(at, now),
    }


def title(at: Standing | None) -> str:
    return line(f"{at.number}/{len(at.lab.steps)} {at.step.title} - {at.lab.title}" if at else "isolate lab")


def buttons(at: Standing | None, now: State) -> dict[str, str]:
    """`on`, `off` (says why it does nothing) or `hidden`."""
    told = dict.fromkeys(BUTTONS, "hidden" if at is None else "off" if now.doing else "on")
    if at:
        told["next"] = "on" if at.passed and not now.doing else "off"
        told["hint"] = "off" if now.doing or len(at.hints) > len(at.step.hints) else "on"
    if now.doing in ENDING:
        told |= {"solve": "hidden", "stop": "off" if now.stopping else "on"}
    else:
        told["stop"] = "hidden"
    return told


def page(known: Known, now: State, token: str) -> str:
    """The document, as it is without a script, too."""
    return (
        _templates()
        .get_template("page.html.j2")
        .render(regions=regions(known, now), facts=facts(known, now), token=token)
    )


@cache
def _templates() -> jinja2.Environment:
    """What strangers said passes `said` on its way out, and is escaped after that."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        finalize=said,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"cut": line, "markup": prose.markup, "inline": prose.inline}
    made.globals |= {"MARKS": MARKS, "end": end, "ANSWER": ANSWER}
    return made
