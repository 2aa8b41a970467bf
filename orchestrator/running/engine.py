"""The engine in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.errors import Unavailable

if TYPE_CHECKING:
    from orchestrator.engines import Engine
    from orchestrator.engines.locate import Endpoint


def endpoint() -> Endpoint:
    """Where the engine in use is; raises Unavailable with the command that starts one."""
    from orchestrator.engines.locate import locate

    if found := locate():
        return found
    raise Unavailable("no engine answers", hint="isolate engine start, or start Docker")


def open_engine(at: Endpoint | None = None) -> Engine:
    """The engine there, or else the one in use; raises Unavailable."""
    from orchestrator.engines.docker import DockerEngine
    from orchestrator.engines.locate import tls_of

    found = at or endpoint()
    return DockerEngine(found.url, tls_of(found.certificates))
