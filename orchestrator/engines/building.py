"""Builds an image through the engine's API, with BuildKit where the engine has it, the classic builder otherwise.

No session is opened: a gzipped tar goes in, progress comes out. GNU tar, because BuildKit takes PAX headers for a
Dockerfile. ARCHITECTURE.md tells why the API was chosen over `docker buildx`.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from orchestrator.engines import Built
from orchestrator.engines.buildkit import progress
from orchestrator.errors import Unavailable
from orchestrator.model import ContextFile, Image

KEPT_LINES = 60
_EXIT_CODE = re.compile(r"(?:exit code:|returned a non-zero code:) (\d+)")


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
    info = tar.gettarinfo(str(file.source), file.path) if file.source else tarfile.TarInfo(file.path)
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    info.mtime = 0
    if file.source is None:
        content = file.content or b""
        info.size, info.mode = len(content), 0o755 if file.executable else 0o644
        tar.addfile(info, io.BytesIO(content))
    elif info.isreg():
        info.mode = 0o755 if info.mode & 0o111 else 0o644
        with Path(file.source).open("rb") as stream:
            tar.addfile(info, stream)
    else:
        info.mode = 0o755
        tar.addfile(info)


def build(
    api: Any, image: Image, builder: str, arguments: Mapping[str, str], emit: Callable[[str], None], under_way: set[Any]
) -> Built:
    """Run one build; raises what the API raises. A failed step is a `Built` that is not ok.

    under_way holds the open response meanwhile, so that another thread can shut it: the engine then gives up.
    """
    with context(image) as tar:
        response = api._post(  # noqa: SLF001  docker-py has no public way to ask for BuildKit (docker-py #2230)
            api._url("/build"),  # noqa: SLF001
            data=tar,
            params=_parameters(image, builder, arguments),
            headers={"Content-Type": "application/x-tar", "Content-Encoding": "gzip"},
            stream=True,
            timeout=None,
        )
    api._raise_for_status(response)  # noqa: SLF001
    under_way.add(response)
    try:
        return _follow(api._stream_helper(response, decode=True), emit)  # noqa: SLF001
    finally:
        under_way.discard(response)


def _follow(events: Iterable[dict[str, Any]], emit: Callable[[str], None]) -> Built:
    """A stream that ends without the image's id was cut: nothing is known then."""
    tail: deque[str] = deque(maxlen=KEPT_LINES)
    made = False
    for event in events:
        for line in _lines(event):
            tail.append(line)
            emit(line)
        made = made or event.get("id") == "moby.image.id" or "ID" in (event.get("aux") or {})
        if error := event.get("error"):
            code = _EXIT_CODE.search(error)
            return Built(ok=False, tail=(*tail, error), exit_code=int(code[1]) if code else None)
    if not made:
        raise Unavailable("the engine broke off a build")
    return Built(ok=True, tail=tuple(tail))


def _parameters(image: Image, builder: str, arguments: Mapping[str, str]) -> dict[str, Any]:
    parameters = {
        "t": image.tag,
        "rm": True,
        "forcerm": True,
        "buildargs": json.dumps(dict(arguments)),
        "labels": json.dumps({image.label: image.digest}),
        "networkmode": "default" if image.network else "none",
    }
    if image.target:
        parameters["target"] = image.target
    if builder == "buildkit":
        parameters["version"] = "2"
    return parameters


def _lines(event: dict[str, Any]) -> Iterator[str]:
    if event.get("id") == "moby.buildkit.trace":
        yield from progress(event["aux"])
    elif "stream" in event:
        yield from event["stream"].splitlines()
