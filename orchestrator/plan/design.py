"""What one trial is about, before it has an image and a box."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestrator.model import Arm, Lane, Ports, Probe
from orchestrator.plan.environment import Environment


@dataclass(frozen=True, slots=True)
class Design:
    """One trial to come: which apps run in which environment, for which entries.

    holds: the apps whose files and packages are in it; empty means those that run.
    """

    arm: Arm
    apps: tuple[str, ...]
    environment: Environment
    lane: Lane | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[str, ...] = ()
    ports: Ports = "distinct"
    holds: tuple[str, ...] = ()
    probe: Probe | None = None
