"""Docker's streams: what a box says, from its begin or from its log, and what a command inside it prints."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any, overload

from docker.auth import get_config_header, resolve_repository_name
from docker.utils import parse_repository_tag

from orchestrator.engines import Ran
from orchestrator.engines.follow import Follower, frames
from orchestrator.engines.under_way import UnderWay
from orchestrator.errors import Unavailable

KEPT_BYTES = 1 << 20
SETTLED_SECONDS = 5.0
STALLED_SECONDS = 120.0
"""A pull of which nothing more is heard for so long is given up: the engine tells every half megabyte, or hundredth."""


def attached(api: Any, name: str) -> Any:
    """All that a box will say, before it starts; its log, which is capped, would lose lines of one in a hurry."""
    response = api._post(  # noqa: SLF001  the public call takes the socket from below what is buffered
        api._url("/containers/{0}/attach", name),  # noqa: SLF001
        params={"stream": 1, "stdout": 1, "stderr": 1},
        stream=True,
    )
    api._raise_for_status(response)  # noqa: SLF001
    return _patient(api, response)


def log(api: Any, name: str) -> Any:
    """What a box that runs already has said, and will say."""
    response = api._get(  # noqa: SLF001  the public call drops which stream a line came from
        api._url("/containers/{0}/logs", name),  # noqa: SLF001
        params={"stdout": 1, "stderr": 1, "follow": 1, "tail": "all"},
        stream=True,
    )
    return _patient(api, response)


def pulled(api: Any, reference: str) -> Iterator[dict[str, Any]]:
    """What a pull tells of itself; raises what the API raises, and Timeout where it stands still."""
    repository, tag = parse_repository_tag(reference)
    credentials = get_config_header(api, resolve_repository_name(repository)[0])
    response = api._post(  # noqa: SLF001  the public call waits for ever
        api._url("/images/create"),  # noqa: SLF001
        params={"fromImage": repository, "tag": tag or "latest"},
        headers={"X-Registry-Auth": credentials} if credentials else {},
        stream=True,
        timeout=STALLED_SECONDS,
    )
    with closing(response):
        api._raise_for_status(response)  # noqa: SLF001
        yield from api._stream_helper(response, decode=True)  # noqa: SLF001


def _patient(api: Any, response: Any) -> Any:
    """The engine has answered in time; what it streams may take as long as it likes."""
    api._disable_socket_timeout(api._get_raw_response_socket(response))  # noqa: SLF001
    return response


def follower(stream: Callable[[], Any]) -> Follower:
    """Reads a stream in a thread of its own.

    One that breaks is no evidence: whoever looks next inspects the container itself.
    """
    reader = Follower()

    def read() -> None:
        with suppress(Exception), closing(stream()) as response:
            reader.read(response.raw)
        reader.ended.set()

    threading.Thread(target=read, daemon=True).start()
    return reader


def spoken(api: Any, exec_id: str) -> Iterator[tuple[str, bytes]]:
    """Start a command that was created, and what it prints until it ends: `stdout` or `stderr`, and bytes."""
    response = api._post_json(  # noqa: SLF001  the public call loses what came with the answer's head
        api._url("/exec/{0}/start", exec_id),  # noqa: SLF001
        data={"Detach": False, "Tty": False},
        stream=True,
    )
    api._raise_for_status(response)  # noqa: SLF001
    with closing(_patient(api, response)):
        yield from frames(response.raw)


def ran(api: Any, exec_id: str, under_way: UnderWay, timeout: float) -> Ran | None:
    """Wait for a command to end; after timeout seconds it is given up and left to the box's own end."""
    kept = {"stdout": b"", "stderr": b""}
    unkept = 0

    def read() -> None:
        nonlocal unkept
        for stream, piece in spoken(api, exec_id):
            whole = kept[stream] + piece
            kept[stream] = whole[:KEPT_BYTES]
            unkept += len(whole) - len(kept[stream])

    late = False
    try:
        under_way.wait(read, timeout)
    except TimeoutError:
        late = True
    code = ended(api, exec_id, late=late)
    stdout, stderr = (said.decode(errors="replace") for said in kept.values())
    return Ran(code, stdout, stderr, unkept) if code is not None else None


@overload
def ended(api: Any, exec_id: str) -> int: ...


@overload
def ended(api: Any, exec_id: str, *, late: bool) -> int | None: ...


def ended(api: Any, exec_id: str, *, late: bool = False) -> int | None:
    """How a command ended; None where it still runs, too late. Raises Unavailable where the engine lost it.

    The end of what it prints comes a moment before its exit code. One that was cut off, or never began, proves nothing.
    """
    deadline = time.monotonic() + SETTLED_SECONDS
    while True:
        told = api.exec_inspect(exec_id)
        if told["ExitCode"] is not None:
            return int(told["ExitCode"])
        if late and told["Running"]:
            return None
        if time.monotonic() > deadline:
            raise Unavailable("the engine lost a command that was run in a box")
        time.sleep(0.05)
