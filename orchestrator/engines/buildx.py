"""Builds with secrets: the one thing that needs a session, and therefore the docker client with buildx.

A secret is mounted while its step runs; it is in no layer, no history, no command line and no file of ours.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO

from orchestrator.engines import Built, building
from orchestrator.engines.building import KEPT_LINES, Terms, exit_code
from orchestrator.engines.deadlines import answering, in_time
from orchestrator.engines.private import client_environment
from orchestrator.engines.under_way import UnderWay
from orchestrator.errors import Unavailable
from orchestrator.model import Image

PROBE_SECONDS = 20.0
GRACE_SECONDS = 5.0
"""For a client that was asked to end."""
LARGEST_SECRET = 100_000
"""Linux takes 128 KiB of one variable."""
_STEPS = re.compile(r"(?:#\d+ )?\d+\.\d+ ")
_BUILDERS = re.compile(r"^(?:#\d+ )?ERROR: ")


def available(url: str) -> bool:
    """Whether a docker client with buildx is there for the engine at `url`."""
    environment = _environment(url)
    if not shutil.which("docker", path=environment["PATH"]):
        return False
    probe = ["docker", "buildx", "version"]
    try:
        ran = subprocess.run(probe, env=environment, capture_output=True, check=False, timeout=PROBE_SECONDS)
    except (subprocess.TimeoutExpired, OSError):
        return False
    return ran.returncode == 0


def build(
    url: str,
    image: Image,
    context: IO[bytes],
    terms: Terms,
    emit: Callable[[str], None],
    under_way: UnderWay,
    ping: Callable[[], object],
) -> Built:
    """Like `building.build`, through the client; the context comes as a tar.

    Secrets are handed over in the client's environment: a file would outlive a client that is killed.
    """
    tail: deque[str] = deque(maxlen=KEPT_LINES)
    code: int | None = None
    words = ["docker", "buildx", "build", "--builder", "default", "--progress", "plain", "--provenance=false"]
    words += ["--tag", image.tag, "--label", f"{image.label}={image.digest}"]
    words += ["--network", terms.network_of(image)]
    words += [word for name in terms.arguments_of(image) for word in ("--build-arg", name)]
    secrets = {f"ISOLATE_SECRET_{number}": _kept(*secret) for number, secret in enumerate(image.secrets.items())}
    for variable, name in zip(secrets, image.secrets, strict=True):
        words += ["--secret", f"id={name},env={variable}"]
    environment: dict[str, str | bytes] = {**_environment(url), **terms.arguments_of(image), **secrets}
    with (
        _running([*words, "-"], context, environment) as (client, end),
        under_way.ended_by(end),
        in_time(end, building.BUILD_SECONDS, image.cause),
        answering(ping, end),
    ):
        for line in client.stderr or ():
            if _BUILDERS.match(line):
                code = exit_code(line) or code
            tail.append(said(line.rstrip("\n")))
            emit(tail[-1])
    return Built(ok=client.returncode == 0, tail=tuple(tail), exit_code=code if client.returncode else None)


def _kept(name: str, content: bytes) -> bytes:
    if b"\0" in content or len(content) > LARGEST_SECRET:
        raise Unavailable(f"{name} of this machine holds credentials, and is longer than a builder takes, or no text")
    return content


@contextmanager
def _running(
    words: list[str], context: IO[bytes], environment: Mapping[str, str | bytes]
) -> Iterator[tuple[subprocess.Popen[str], Callable[[], None]]]:
    """The client, and what ends it: it is asked to end, and killed with its plugin where it does not."""
    ending, over = threading.Event(), threading.Event()

    def watch() -> None:
        ending.wait()
        if not over.wait(GRACE_SECONDS):
            with suppress(OSError):
                os.killpg(client.pid, signal.SIGKILL)

    def end() -> None:
        client.terminate()
        ending.set()

    try:
        with subprocess.Popen(
            words,
            stdin=context,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as client:
            threading.Thread(target=watch, daemon=True).start()
            try:
                yield client, end
            except BaseException:
                end()
                raise
    finally:
        over.set()
        ending.set()


def said(line: str) -> str:
    """A step's own line as the step wrote it; the builder's word about it is no `ERROR:` of the step's."""
    if own := _STEPS.match(line):
        return line[own.end() :]
    return _BUILDERS.sub("FAILED: ", line)


def _environment(url: str) -> dict[str, str]:
    return {**os.environ, **client_environment(url)}
