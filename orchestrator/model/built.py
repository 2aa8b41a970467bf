"""What is built and run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from orchestrator.labels import IMAGE
from orchestrator.model.declared import Limits
from orchestrator.model.observed import Arm


@dataclass(frozen=True, slots=True)
class Base:
    """An image to build on. `reference` is what FROM says; `digest` is what it really is."""

    reference: str
    digest: str
    source: Literal["local", "registry", "recipe", "declared"]


@dataclass(frozen=True, slots=True)
class ContextFile:
    """One entry of a build context: bytes made by us, or a file or folder of the user's."""

    path: str
    content: bytes | None = None
    source: Path | None = None
    executable: bool = False
    digest: str = ""
    """SHA-256 (hex) of a regular file's bytes as they went into the hash; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image to be made. `digest` is the hash of everything that goes in; it is in the tag and the label."""

    tag: str
    digest: str
    dockerfile: str
    files: tuple[ContextFile, ...]
    cause: str
    """Why it is built, for the user: `invoice (manifest.yaml:4)`."""
    parents: tuple[str, ...] = ()
    """Tags of ours that must be there first."""
    network: bool = False
    """Whether its steps need the network."""
    target: str = ""
    label: str = IMAGE
    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Files for steps that mount them as secrets; never part of the context, a layer or the history."""


@dataclass(frozen=True, slots=True)
class Launch:
    """One app as the launcher starts it."""

    app: str
    command: tuple[str, ...]
    folder: str
    environment: Mapping[str, str]
    ports: tuple[int, ...] = ()
    """Container ports, published on 127.0.0.1; the first is PORT."""


@dataclass(frozen=True, slots=True)
class Box:
    """One container to run: which image, which apps, which limits."""

    name: str
    image: str
    arm: Arm
    launches: tuple[Launch, ...]
    limits: Limits
    network: str
    labels: Mapping[str, str]
    families: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    tmpfs: tuple[str, ...] = ()
    asks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """family -> the command that prints its runtime's version."""
