"""Where a service listens, by what says so first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orchestrator.proposals.sources import Sources
from orchestrator.proposals.values import Start

USUAL = 8080
MOST = 8
IN_COMMAND = re.compile(
    r"(?:\b(?:0\.0\.0\.0|localhost|127\.0\.0\.1):|[ *\]]:|--port[ =]|(?:^|\s)-p ?)(\d{2,5})\b",
)
IN_SOURCE = re.compile(
    r"\bport\W{1,6}(\d{4,5})\b|\blisten\((\d{4,5})\b|[\"'](?:0\.0\.0\.0)?[\"'], *(\d{4,5})\b", re.IGNORECASE
)
LONGEST = 4000


def ports(told: Sources, start: Start | None) -> tuple[tuple[int, ...], str]:
    """(ports, who says so); none for what nothing shows to be a service."""
    for numbers, source in _found(told, start):
        if numbers:
            return numbers[:MOST], source
    if start and start.serves:
        return (USUAL,), f"{start.source}, which listens; no file says where: it has to be on $PORT"
    return (), ""


def _found(told: Sources, start: Start | None) -> Iterator[tuple[tuple[int, ...], str]]:
    if told.service:
        yield told.service.ports, told.listed("ports", "expose")
    if told.stage:
        yield tuple(told.stage.exposed), f"{told.docker}:{next(iter(told.stage.exposed.values()), 0)}"
        yield _number(told.stage.environment.get("PORT", "")), told.docker
    if start:
        said = IN_COMMAND.search(" ".join(start.command)[:LONGEST])
        yield _number(said[1] if said else ""), start.source
    if start and start.serves:
        found = IN_SOURCE.search(told.tree.text("", start.file))
        yield _number(next(filter(None, found.groups()), "") if found else ""), start.file


def _number(text: str) -> tuple[int, ...]:
    return (int(text),) if re.fullmatch("[0-9]{1,5}", text) and 1 <= int(text) <= 65535 else ()
