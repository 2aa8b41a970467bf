"""Two small apps, what a project must leave alone, and how its commands may end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker

from isolate import COMMAND, service, write
from torture.proxy import Fault, between

NEW = "python@3.12"
CODES = {0, 1, 2, 3, 75, 130}
"""SPEC section 5 without 70, which is a bug."""
HUNG_SECONDS = 8
SETTLED_SECONDS = 3.0
IMPATIENT = f"""\
import sys
from orchestrator.engines import building, docker
docker.CALL_TIMEOUT = {HUNG_SECONDS}
building.BEGIN_SECONDS = {HUNG_SECONDS}.0
from orchestrator.__main__ import main
sys.exit(main())
"""
"""The command itself, but that it waits eight seconds for an engine's answer, and not for one or two minutes."""


def apps(mark: str = "") -> dict[str, object]:
    """A service that is also looked at from inside, and a job; with a mark their images have to be built."""
    inside = {"run": ["python", "-c", "print(7)"], "stdout": "7"}
    job = {"runtime": NEW, "command": ["python", "-c", f"print('{mark}')"], "checks": [{"exit": 0}]}
    return {"web": service(NEW, checks=[{"http": "/"}, inside]), "job": job}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended; the code is negative where it was killed."""

    code: int
    out: str
    err: str
    seconds: float

    def wrong(self) -> list[str]:
        """What no command may do, whatever the engine does."""
        said = self.out + self.err
        found = [word for word in ("Traceback", "bug in isolate", "Exception ignored") if word in said]
        if self.code not in CODES | {-signal.SIGKILL}:
            found.append(f"exit code {self.code}")
        with suppress(ValueError):
            if (verdict := json.loads(self.out).get("verdict")) in {"conflict", "broken"}:
                found.append(f"verdict {verdict}")
        return [f"{one}: {said[-1500:]}" for one in found]


@dataclass(slots=True)
class Project:
    """A project of the tests' own with a state folder of its own, and six things beside it that are not its."""

    url: str
    image: str
    name: str
    folder: Path
    api: Any
    planted: dict[str, str] = field(default_factory=dict)

    def manifest(self, mark: str = "") -> str:
        return write(self.folder, self.name, apps(mark))

    def run(self, *words: str, url: str = "", hook: Any = None, command: Sequence[str] = COMMAND) -> Ended:
        """One command; `hook` gets its process as soon as there is one."""
        began = time.monotonic()
        with self.begin(*words, url=url, command=command) as process:
            if hook:
                hook(process)
            try:
                out, err = process.communicate(timeout=120)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return Ended(process.returncode, out, err, time.monotonic() - began)

    def begin(self, *words: str, url: str = "", command: Sequence[str] = COMMAND) -> subprocess.Popen[str]:
        ours = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("GITHUB_")}
        variables = {**ours, "DOCKER_HOST": url or self.url, "XDG_STATE_HOME": str(self.folder / "state")}
        return subprocess.Popen(
            (*command, *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables
        )

    def through(self, fault: Fault | None, *words: str) -> tuple[Ended, bool]:
        """One command through the proxy, and whether the fault has struck."""
        command = (sys.executable, "-c", IMPATIENT) if fault and fault.mode == "hang" else COMMAND
        with between(self.folder / "s", self.url, fault) as proxy:
            ended = self.run(*words, url=proxy.url, command=command, hook=lambda process: proxy.aim(process.pid))
            return ended, proxy.struck.is_set()

    def down(self) -> list[str]:
        """A plain `down`, and all that is wrong afterwards: at once, and three seconds later."""
        ended = self.run("down", str(self.folder / f"{self.name}.yaml"), "--json")
        wrong = ended.wrong() + ([f"down: {ended.code} {ended.out}"] if ended.code else [])
        wrong += [f"left: {one}" for one in self.left()]
        time.sleep(SETTLED_SECONDS)
        return wrong + [f"came later: {one}" for one in self.left()] + self.disturbed()

    def left(self, prefix: str = "") -> list[str]:
        """What the engine holds of this project, or of one whose name begins so; not what was planted."""
        found = []
        for one in self.api.containers(all=True, filters={"label": "io.isolate.project"}):
            found += [(name.lstrip("/"), one["Id"], one["Labels"]) for name in one["Names"] or ["?"]]
        for one in self.api.networks(filters={"label": "io.isolate.project"}):
            found.append((one["Name"], one["Id"], one["Labels"]))
        for one in self.api.volumes(filters={"label": "io.isolate.project"})["Volumes"] or ():
            found.append((one["Name"], one["Name"], one["Labels"]))
        names = (self.name, f"{self.name}-test")
        mine = [(name, id_) for name, id_, of in found if _is_one(of["io.isolate.project"], names, prefix)]
        return [name for name, id_ in mine if id_ not in self.planted.values()]

    def plant(self, image: str) -> None:
        """Unlabelled, Compose's, another project's, of our names, of our image, and our label with another owner."""
        make = self.api.create_container
        theirs = {"io.isolate.project": self.name, "io.isolate.owner": "f" * 16, "io.isolate.run": "r"}
        other = {"io.isolate.project": f"{self.name}-other", "io.isolate.owner": "f" * 16, "io.isolate.run": "r"}
        compose = {"com.docker.compose.project": self.name}
        self.planted = {
            "unlabelled": make(self.image, ["true"], name=f"{self.name}-plain")["Id"],
            "compose": make(self.image, ["true"], name=f"{self.name}-web-1", labels=compose)["Id"],
            "other project": make(self.image, ["true"], name=f"isolate-{self.name}-other_web", labels=other)["Id"],
            "prefix": make(self.image, ["true"], name=f"isolate-{self.name}_web2")["Id"],
            "same image": make(image, ["true"], name=f"{self.name}-image")["Id"],
            "other owner": self.api.create_volume(f"isolate-{self.name}-theirs", labels=theirs)["Name"],
        }

    def disturbed(self) -> list[str]:
        """Of what was planted, what is not there any more."""
        there = {one["Id"] for one in self.api.containers(all=True)}
        there |= {one["Name"] for one in self.api.volumes()["Volumes"] or ()}
        return [f"touched: {what}" for what, id_ in self.planted.items() if id_ not in there]

    def tags(self) -> set[str]:
        """The images that the runs of this project have asked for."""
        built = [
            json.loads(line)
            for file in self.folder.glob("state/isolate/runs/*/*/events.jsonl")
            for line in file.read_text(errors="replace").splitlines()
            if '"build-started"' in line and line.endswith("}")
        ]
        return {one["image"] for one in built}

    def unbuild(self, tags: set[str]) -> None:
        """These images away, as far as they are there."""
        for tag in tags:
            with suppress(docker.errors.APIError):
                self.api.remove_image(tag)

    def clear(self) -> None:
        """Everything away, what was planted and what was built too."""
        for what, id_ in self.planted.items():
            with suppress(docker.errors.APIError):
                if what == "other owner":
                    self.api.remove_volume(id_)
                else:
                    self.api.remove_container(id_, force=True)
        self.unbuild(self.tags())
        shutil.rmtree(self.folder / "state", ignore_errors=True)


def _is_one(name: str, names: Sequence[str], prefix: str) -> bool:
    return name.startswith(prefix) if prefix else name in names


@contextmanager
def project(url: str, image: str, name: str, folder: Path) -> Iterator[Project]:
    """One that is up for nobody else; gone at the end, with all that stands beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(docker.APIClient(base_url=url)) as api:
        made = Project(url, image, name, folder, api)
        try:
            yield made
        finally:
            made.run("down", made.manifest())
            made.clear()


def each(work: Any, items: Sequence[Any], threads: int) -> list[Any]:
    """`work(slot, item)` for all items, `threads` at once; an exception is the answer of its item."""
    answers: list[Any] = [None] * len(items)
    waiting = iter(range(len(items)))
    lock = threading.Lock()

    def take(slot: int) -> None:
        while True:
            with lock:
                at = next(waiting, None)
            if at is None:
                return
            try:
                answers[at] = work(slot, items[at])
            except Exception as error:  # noqa: BLE001  told as this item's
                answers[at] = [f"{type(error).__name__}: {error}"]

    slots = [threading.Thread(target=take, args=(slot,)) for slot in range(threads)]
    for one in slots:
        one.start()
    for one in slots:
        one.join()
    return answers
