"""`isolate doctor`: what is there, what is missing, and the command that fixes it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.diagnosis import Finding

SUMMARY = "what is missing, and the command that fixes it"
EXAMPLE = "isolate doctor"
TRY_AGAIN = 75


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(args: argparse.Namespace) -> int:
    """Exit code 0 where `up` can work, 75 where it cannot."""
    from dataclasses import asdict

    from orchestrator.cli._answer import answer

    findings = _findings()
    code = TRY_AGAIN if any(finding.state == "missing" for finding in findings) else 0
    return answer(args, {"findings": [asdict(finding) for finding in findings]}, lines(findings), code)


def _findings() -> Sequence[Finding]:
    from orchestrator import diagnosis
    from orchestrator.errors import Unavailable
    from orchestrator.running import endpoint, open_engine

    try:
        at = endpoint()
        engine = open_engine(at)
    except Unavailable as error:
        return diagnosis.without_engine(error)
    return diagnosis.examine(engine, at)


def lines(findings: Sequence[Finding]) -> Iterator[str]:
    """One line to each finding, below it the fix."""
    from orchestrator.sanitise import one_line

    wide = max(len(finding.subject) for finding in findings)
    for finding in findings:
        yield f"{finding.state:<8} {finding.subject:<{wide}}  {one_line(finding.detail)}"
        if finding.fix:
            yield f"{'':<8} {'':<{wide}}  fix: {one_line(finding.fix)}"
