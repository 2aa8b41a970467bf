"""What it takes to judge the report and to run it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from orchestrator.reports.page.text import line
from orchestrator.reports.page.told import Told


def facts(told: Told) -> Iterator[tuple[str, str]]:
    """Engine, version, when, which run, how long, how it ended."""
    started, engine, ended = told.started, told.drawn.engine, told.drawn.ended
    if started:
        yield "isolate", started.version
    if engine:
        yield "engine", line(f"{engine.kind} {engine.version}, {engine.builder}")
    if started and started.began:
        yield "began", line(started.began, 80)
    if started:
        yield "run", started.run
    if ended:
        yield "took", f"{ended.seconds:.1f} s"
        yield "exit code", str(ended.exit_code)
        if ended.folder:
            yield "record", line(ended.folder)
    for base in {base.runtime: base for base in told.bases}.values():
        yield f"base of {base.runtime}", line(f"{base.source}: {base.reference}", 300)
    if left := [name for one in told.removed for name in one.left]:
        yield "could not be removed", line(", ".join(left))


def again(told: Told) -> str:
    """The command, as far as the record tells; empty where it does not."""
    if not told.started or not told.started.manifest:
        return ""
    verb = "explain" if told.explained else "matrix" if told.grids else "pack" if told.packed else "up"
    words = ["bisect", told.bisected[0].app] if told.bisected else [verb]
    return line(shlex.join(["isolate", *words[:1], told.started.manifest, *words[1:]]))
