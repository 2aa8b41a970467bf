"""An engine on which runs have left things, each told in one line. The state folder has to be the test's own."""

from __future__ import annotations

import json
from collections.abc import Mapping

from orchestrator import places
from orchestrator.engines.memory import MemoryEngine
from orchestrator.model import Box, Launch, Limits

OWNER = "0" * 16
FIRST, SECOND = "20260101-120000-0001", "20260101-130000-0002"


def folder(project: str, run: str, *, told: str = "", ended: bool = False) -> None:
    """The record of a run, which calls the project `told`."""
    made = places.state() / "runs" / project / run
    made.mkdir(parents=True)
    line = {"at": 0, "event": "run-started", "run": run, "project": told or project}
    (made / "events.jsonl").write_text(json.dumps(line) + "\n")
    if ended:
        (made / "result.json").write_text("{}")


class Planted(MemoryEngine):
    """`boxes` maps an arm to the name of a box in it; each run has its project's network as well."""

    def __init__(self) -> None:
        super().__init__(images=["image"])

    def died(self, project: str, boxes: Mapping[str, str], *, told: str = "", **facts: str) -> Planted:
        folder(project, facts.get("run", FIRST), told=told)
        return self.strange(project, boxes, **facts)

    def ended(self, project: str, boxes: Mapping[str, str], *, told: str = "", **facts: str) -> Planted:
        folder(project, facts.get("run", FIRST), told=told, ended=True)
        return self.strange(project, boxes, **facts)

    def strange(
        self, project: str, boxes: Mapping[str, str], *, run: str = FIRST, owner: str = OWNER, network: str = ""
    ) -> Planted:
        labels = {"io.isolate.project": project, "io.isolate.owner": owner, "io.isolate.run": run}
        network = network or f"isolate-{project}"
        self.network(network, labels)
        for arm, name in boxes.items():
            marked = {**labels, "io.isolate.arm": arm, "io.isolate.app": "web"}
            launch = Launch("web", ("serve",), "/apps/web", {}, (8080,))
            self.start(Box(name, "image", "shared", (launch,), Limits(), network, marked, ("python",)))
        return self

    def names(self) -> set[str]:
        return {*self._boxes, *self._networks}
