"""Builds with secrets: the one thing that needs a session, and therefore the docker client with buildx.

A secret is mounted while its step runs; it is in no layer, no history and no command line.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO

from orchestrator.engines import Built, building
from orchestrator.engines.building import KEPT_LINES, Terms, exit_code
from orchestrator.engines.deadlines import answering, in_time
from orchestrator.engines.private import client_environment
from orchestrator.engines.under_way import UnderWay
from orchestrator.model import Image

_STEPS = re.compile(r"(?:#\d+ )?\d+\.\d+ ")
_BUILDERS = re.compile(r"^(?:#\d+ )?ERROR: ")


def available(url: str) -> bool:
    """Whether a docker client with buildx is there for the engine at `url`."""
    environment = _environment(url)
    if not shutil.which("docker", path=environment["PATH"]):
        return False
    probe = ["docker", "buildx", "version"]
    return subprocess.run(probe, env=environment, capture_output=True, check=False).returncode == 0


def build(
    url: str,
    image: Image,
    context: IO[bytes],
    terms: Terms,
    emit: Callable[[str], None],
    under_way: UnderWay,
    ping: Callable[[], object],
) -> Built:
    """Like `building.build`, through the client; the context comes as a tar."""
    tail: deque[str] = deque(maxlen=KEPT_LINES)
    code: int | None = None
    with tempfile.TemporaryDirectory(prefix="isolate-") as folder:
        words = ["docker", "buildx", "build", "--builder", "default", "--progress", "plain", "--provenance=false"]
        words += ["--tag", image.tag, "--label", f"{image.label}={image.digest}"]
        words += ["--network", terms.network_of(image)]
        words += [word for name in terms.arguments for word in ("--build-arg", name)]
        for name, content in image.secrets.items():
            file = Path(folder, name)
            file.touch(mode=0o600)
            file.write_bytes(content)
            words += ["--secret", f"id={name},src={file}"]
        with (
            subprocess.Popen(
                [*words, "-"],
                stdin=context,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={**_environment(url), **terms.arguments},
                encoding="utf-8",
                errors="replace",
            ) as client,
            under_way.ended_by(client.terminate),
            in_time(client.terminate, building.BUILD_SECONDS, image.cause),
            answering(ping, client.terminate),
        ):
            for line in client.stderr or ():
                if _BUILDERS.match(line):
                    code = exit_code(line) or code
                tail.append(said(line.rstrip("\n")))
                emit(tail[-1])
    return Built(ok=client.returncode == 0, tail=tuple(tail), exit_code=code if client.returncode else None)


def said(line: str) -> str:
    """A step's own line as the step wrote it; the builder's word about it is no `ERROR:` of the step's."""
    if own := _STEPS.match(line):
        return line[own.end() :]
    return _BUILDERS.sub("FAILED: ", line)


def _environment(url: str) -> dict[str, str]:
    return {**os.environ, **client_environment(url)}
