"""Everything that speaks about one app: its folder, the stage that its Dockerfile ends in, its service in Compose."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.manifest.runtime import Declaration
from orchestrator.model import Mark
from orchestrator.proposals.compose import Service
from orchestrator.proposals.dockerfile import Stage, last_stage
from orchestrator.proposals.images import runtime
from orchestrator.proposals.tree import Place, Tree


@dataclass(frozen=True, slots=True)
class Sources:
    """docker, compose: those two files as messages name them."""

    tree: Tree
    place: Place
    docker: str
    stage: Stage | None = None
    compose: str = ""
    service: Service | None = None

    def listed(self, *keys: str) -> str:
        """Where Compose has the first of these keys that the service has, or else the service."""
        if self.service is None:
            return ""
        line = next((self.service.lines[key] for key in keys if key in self.service.lines), self.service.line)
        return f"{self.compose}:{line}"

    @property
    def images(self) -> list[Declaration]:
        """What an official base image says; its version is empty where the tag names none."""
        found = runtime(self.stage.base) if self.stage else None
        return [Declaration(found[0], found[1], Mark(self.docker, self.stage.line, 1))] if found and self.stage else []


def sources(tree: Tree, place: Place, service: Service | None = None, compose: str = "") -> Sources:
    """compose: the file that names the service."""
    file = service.dockerfile.removeprefix("./") if service else "Dockerfile"
    stage = last_stage(tree.text(place.path, file), service.target if service else "")
    return Sources(tree, place, place.shown(file), stage, compose, service)
