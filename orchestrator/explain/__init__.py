"""Why there is a conflict: an irreducible set of lines, with its certificate (SPEC: `isolate explain`)."""

from __future__ import annotations

from orchestrator import experiment
from orchestrator.arms import Conductor
from orchestrator.events import Explained, StepStarted
from orchestrator.experiment import Options
from orchestrator.explain.search import explained
from orchestrator.host import Host
from orchestrator.plan import Plan


def conduct(conductor: Conductor, drawn: Plan, options: Options, settings: Host) -> int:
    """The experiment without its ways out, then an explanation of each conflict; returns the exit code."""
    alone, judged = experiment.observe(conductor, drawn, options)
    for case, reached in judged:
        if reached.verdict.name == "conflict":
            conductor.emit(StepStarted(reached.entry, "explaining"))
            found = explained(conductor, drawn, case, reached.verdict, settings)
            conductor.emit(Explained(reached.entry, found))
    return experiment.end(conductor, alone, [reached for _, reached in judged])
