"""An app that failed on its own runtime: how far it got, and its last lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.text import Text

from orchestrator.console.picture import Picture, Side
from orchestrator.model import App, Manifest
from orchestrator.sanitise import one_line

LINES = 12
_STEP = re.compile(r"^(?:STEP |Step \d+/\d+ : )(.*)")


def failures(drawn: Picture, manifest: Manifest) -> Iterator[Text]:
    """One paragraph for each app that failed."""
    for name, side in drawn.sides.items():
        if side.state == "failed" and side.cell:
            yield _failure(name, side, drawn, manifest.apps[name])


def _failure(name: str, side: Side, drawn: Picture, app: App) -> Text:
    cell = side.cell
    assert cell  # noqa: S101  asked by the caller
    refused = drawn.refused.get(side.seen.image) if side.seen else None
    if refused:
        mark = app.marks.get("build", app.mark)
        head = f"{name} could not be built ({mark}); the step that failed: {step(refused.tail)}"
        return _lines(head, refused.tail)
    code = f" (exit {cell.exit_code})" if cell.exit_code is not None else ""
    proof = f": {cell.quote}" if cell.quote else ""
    head = f"{name} failed in phase {cell.phase}{code}{proof}"
    return _lines(head, side.seen.tail if side.seen else ())


def step(tail: Sequence[str]) -> str:
    """The last step a build log names, or `unknown`."""
    found = [match[1] for line in tail if (match := _STEP.match(line))]
    return found[-1] if found else "unknown"


def _lines(head: str, tail: Sequence[str]) -> Text:
    text = Text(one_line(head, 600), "bold", overflow="fold")
    for line in tail[-LINES:]:
        text.append(f"\n  | {one_line(line)}", "not bold")
    return text
