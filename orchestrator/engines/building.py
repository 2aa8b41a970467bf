"""Builds an image through the engine's API, with BuildKit where the engine has it, the classic builder otherwise.

No session is opened: a gzipped tar goes in, progress comes out. GNU tar, because BuildKit takes PAX headers for a
Dockerfile. ARCHITECTURE.md tells why the API was chosen over `docker buildx`.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from docker.types import CancellableStream

from orchestrator import confinement
from orchestrator.engines import Built
from orchestrator.engines.buildkit import Trace
from orchestrator.engines.deadlines import answering, in_time
from orchestrator.engines.under_way import UnderWay
from orchestrator.errors import Unavailable
from orchestrator.model import ContextFile, Image

KEPT_LINES = 60
BUILD_SECONDS = 1800.0
BEGIN_SECONDS = 120.0
"""Until an engine begins to tell of a build that it was given; between two lines of it may be any time."""
_EXIT_CODE = re.compile(
    r".*(?:exit code:|returned a non-zero code:|while running runtime: exit status) (\d+)", re.DOTALL
)
"""As BuildKit, the classic builder and Podman tell it, after the words of the step."""


@contextmanager
def context(image: Image) -> Iterator[IO[bytes]]:
    """The build context as a gzipped tar, in memory while it is small."""
    with tempfile.SpooledTemporaryFile(max_size=16 << 20) as spool:
        with tarfile.open(fileobj=spool, mode="w:gz", format=tarfile.GNU_FORMAT, compresslevel=1) as tar:
            _add(tar, ContextFile("Dockerfile", image.dockerfile.encode()))
            for file in image.files:
                _add(tar, file)
        spool.seek(0)
        yield spool


def _add(tar: tarfile.TarFile, file: ContextFile) -> None:
    """Owner, times and modes are made the same everywhere: only content may change an image."""
    try:
        info, content = _read(tar, file)
    except OSError as error:
        raise _changed(file) from error
    if file.digest and hashlib.sha256(content).hexdigest() != file.digest:
        raise _changed(file)
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    info.mtime = 0
    info.size, info.mode = len(content), 0o755 if info.mode & 0o111 or not info.isreg() else 0o644
    tar.addfile(info, io.BytesIO(content))


def _read(tar: tarfile.TarFile, file: ContextFile) -> tuple[tarfile.TarInfo, bytes]:
    """A hard link is the file it is; only files have content."""
    if file.source is None:
        info = tarfile.TarInfo(file.path)
        info.mode = 0o755 if file.executable else 0o644
        return info, file.content or b""
    info = tar.gettarinfo(str(file.source), file.path)
    if info.islnk():
        info.type, info.linkname = tarfile.REGTYPE, ""
    return info, file.source.read_bytes() if info.isreg() else b""


def _changed(file: ContextFile) -> Unavailable:
    return Unavailable(f"{file.path} changed while it was built", hint="run again")


@dataclass(frozen=True, slots=True)
class Terms:
    """What all builds of a run get: predefined arguments (proxies), and the network that those which need one have."""

    arguments: Mapping[str, str] = field(default_factory=dict)
    network: str = "default"

    def network_of(self, image: Image) -> str:
        """Docker's word for it; steps that need none have none."""
        return self.network if image.network else "none"

    def arguments_of(self, image: Image) -> Mapping[str, str]:
        """A build without a network needs no proxy; builders keep in their history what they were told."""
        return {} if self.network_of(image) == "none" else self.arguments


def build(
    api: Any,
    image: Image,
    builder: str,
    terms: Terms,
    emit: Callable[[str], None],
    under_way: UnderWay,
    ping: Callable[[], object],
) -> Built:
    """Run one build; raises what the API raises. A failed step is a `Built` that is not ok.

    Whoever gives up what is under way shuts the connection: the engine then gives up too. An engine that does not
    answer to `ping` any more is not waited for.
    """
    with context(image) as tar:
        response = api._post(  # noqa: SLF001  docker-py has no public way to ask for BuildKit (docker-py #2230)
            api._url("/build"),  # noqa: SLF001
            data=tar,
            params=_parameters(image, builder, terms),
            headers={"Content-Type": "application/x-tar", "Content-Encoding": "gzip"},
            stream=True,
            timeout=BEGIN_SECONDS,
        )
    api._raise_for_status(response)  # noqa: SLF001
    api._disable_socket_timeout(api._get_raw_response_socket(response))  # noqa: SLF001
    events = CancellableStream(api._stream_helper(response, decode=True), response)  # noqa: SLF001
    with (
        closing(response),
        under_way.ended_by(events.close),
        in_time(events.close, BUILD_SECONDS, image.cause),
        answering(ping, events.close),
    ):
        return _follow(events, emit)


def exit_code(error: str) -> int | None:
    """With which code a step failed, by what the builder says of it; None where it was the builder that failed."""
    return int(found[1]) if (found := _EXIT_CODE.match(error)) else None


def _follow(events: Iterable[dict[str, Any]], emit: Callable[[str], None]) -> Built:
    """A stream that ends without the image's id was cut: nothing is known then."""
    tail: deque[str] = deque(maxlen=KEPT_LINES)
    made, trace = False, Trace()
    for event in events:
        for line in _lines(event, trace):
            tail.append(line)
            emit(line)
        made = made or event.get("id") == "moby.image.id" or "ID" in (event.get("aux") or {})
        if error := event.get("error"):
            return Built(ok=False, tail=(*tail, error), exit_code=exit_code(error))
    if not made:
        raise Unavailable("the engine broke off a build")
    return Built(ok=True, tail=tuple(tail))


def _parameters(image: Image, builder: str, terms: Terms) -> dict[str, Any]:
    """BuildKit pays no attention to a limit of memory; `private/fence.py` has it for isolate's own engine."""
    parameters = {
        "t": image.tag,
        "rm": True,
        "forcerm": True,
        "buildargs": json.dumps(dict(terms.arguments_of(image))),
        "labels": json.dumps({image.label: image.digest}),
        "networkmode": terms.network_of(image),
        "memory": confinement.BUILD_MEMORY,
        "memswap": confinement.BUILD_MEMORY,
    }
    if image.target:
        parameters["target"] = image.target
    if builder == "buildkit":
        parameters["version"] = "2"
    return parameters


def _lines(event: dict[str, Any], trace: Trace) -> Iterator[str]:
    if event.get("id") == "moby.buildkit.trace":
        yield from trace.lines(event["aux"])
    elif "stream" in event:
        yield from event["stream"].splitlines()
