"""isolate's own engine, for machines where none answers: a dockerd that keeps to itself."""

from orchestrator.engines.private.daemon import Status, lacking, start, status, stop
from orchestrator.engines.private.fence import fence_of
from orchestrator.engines.private.layout import client_environment, here
from orchestrator.engines.private.packages import install

__all__ = ["Status", "client_environment", "fence_of", "here", "install", "lacking", "start", "status", "stop"]
