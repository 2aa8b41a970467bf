"""A run -> JUnit XML, as Jenkins, GitLab and GitHub's viewers open it. What stands in it: see `cases`.

It is valid by the schema of Jenkins's xunit plug-in, which knows no `file` and `line` of a case.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from itertools import chain, count
from xml.etree import ElementTree as ET

from orchestrator.events import EngineReady, RunEnded, RunStarted
from orchestrator.reports.case import Case, Suite
from orchestrator.reports.cases import suites
from orchestrator.reports.run import Run
from orchestrator.sanitise import indented_line, one_line

LONGEST = 1000


def junit(run: Run, *, strict: bool = False) -> str:
    """The document, to be written in UTF-8. `strict`: a cell that was not run is a failure."""
    started = next((event for event in run.events if isinstance(event, RunStarted)), None)
    project = started.project if started else "isolate"
    found = suites(run, strict=strict)
    cases = [case for suite in found for case in suite.cases]
    facts = {"name": _said(project), **_counts(cases), "time": _seconds(_took(run))}
    root = ET.Element("testsuites", facts)
    for suite in found:
        root.append(_suite(suite, project, run, started))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _took(run: Run) -> float:
    ended = next((event.seconds for event in run.events if isinstance(event, RunEnded)), None)
    return ended if ended is not None else max((one.at for one in run.recorded), default=0.0)


def _suite(suite: Suite, project: str, run: Run, started: RunStarted | None) -> ET.Element:
    facts = {"name": _said(f"{project}.{suite.name}"), **_counts(suite.cases)}
    facts["skipped"] = str(sum(case.outcome == "skipped" for case in suite.cases))
    facts["time"] = _seconds(sum(case.seconds for case in suite.cases))
    if started:
        facts |= {"timestamp": _said(started.began), "file": _said(started.manifest)}
    element = ET.Element("testsuite", {key: value for key, value in facts.items() if value})
    element.append(_properties(run))
    used: set[str] = set()
    for case in suite.cases:
        name = _unused(_said(case.name), used)
        used.add(name)
        element.append(_case(case, facts["name"], name))
    return element


def _unused(name: str, used: Container[str]) -> str:
    """A cell may have been observed twice: `... (2)`."""
    return next(one for one in chain([name], (f"{name} ({number})" for number in count(2))) if one not in used)


def _properties(run: Run) -> ET.Element:
    told = ET.Element("properties")
    for event in run.events:
        if isinstance(event, RunStarted):
            ET.SubElement(told, "property", name="isolate", value=_said(event.version))
            ET.SubElement(told, "property", name="run", value=_said(event.run))
        if isinstance(event, EngineReady):
            ET.SubElement(told, "property", name="engine", value=_said(f"{event.kind} {event.version}"))
    return told


def _case(case: Case, suite: str, name: str) -> ET.Element:
    element = ET.Element("testcase", name=name, classname=suite, time=_seconds(case.seconds))
    if case.outcome in ("failure", "error"):
        told = ET.SubElement(element, case.outcome, message=_said(case.why), type=_kind(case))
        told.text = _lines([case.why, *case.evidence])
        return element
    if case.outcome == "skipped":
        ET.SubElement(element, "skipped", message=_said(case.why))
    why = [case.why] if case.why and case.outcome == "pass" else []
    if lines := [*why, *case.evidence]:
        ET.SubElement(element, "system-out").text = _lines(lines)
    return element


def _kind(case: Case) -> str:
    return "unsettled" if case.outcome == "error" else "not as declared"


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    failures, errors = (sum(case.outcome == name for case in cases) for name in ("failure", "error"))
    return {"tests": str(len(cases)), "failures": str(failures), "errors": str(errors)}


def _seconds(value: float) -> str:
    return f"{max(value, 0.0):.3f}"


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(indented_line(line, LONGEST) for line in lines)


def _said(text: str) -> str:
    return one_line(text, LONGEST)
