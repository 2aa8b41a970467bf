"""The kind of a conflict, and what has to be observed before it can be told (SPEC section 4).

From what was put where, never from what a log says. Each answer leaves fewer kinds; one that no observation leads to is
not claimed.
"""

from __future__ import annotations

from orchestrator.judge.case import Case, Question, all_pass, any_fails
from orchestrator.model import Kind


def next_question(case: Case) -> Question | None:
    """What has to be observed next; None where the kind can be told, or nothing would help.

    alone-on-base:          does the app fail alone, on the entry's OS base?
    alone-there:            does it fail alone, in the very image, variables and ports of the box that failed?
    without-environment:    does it fail alone in that image, once the entry's variables are left out?
    distinct-ports:         do all pass in that box, once each has a port of its own?
    written:                which paths do several of the apps write?
    installed:              which packages and files are others than alone?
    """
    if not case.fair() or case.unclear():
        return None
    refused = any(cell.phase == "build" for cell in case.suspects())
    if case.base() and not case.probed("alone-on-base"):
        return "alone-on-base"
    if refused or any_fails(case.probed("alone-on-base")):
        return None
    if not case.probed("alone-there"):
        return "alone-there"
    if not any_fails(case.probed("alone-there")):
        if case.entry.ports == "as-declared" and not case.probed("distinct-ports"):
            return "distinct-ports"
        known = all_pass(case.probed("distinct-ports")) or "written" in case.findings
        return None if known else "written"
    if case.entry.environment and not case.probed("without-environment"):
        return "without-environment"
    known = all_pass(case.probed("without-environment")) or "installed" in case.findings
    return None if known else "installed"


def kind(case: Case) -> Kind | None:
    """None where no observation leads to one."""
    if not case.fair():
        return "runtime"
    if any_fails(case.probed("alone-on-base")):
        return "os-library"
    if any(cell.phase == "build" for cell in case.suspects()):
        return "packages"
    if case.unclear():
        return None
    if all_pass(case.probed("without-environment")):
        return "runtime"
    if any_fails(case.probed("alone-there")):
        return "clobber"
    if case.probed("distinct-ports") and all_pass(case.probed("distinct-ports")):
        return "port"
    return "files" if case.findings.get("written") else None
