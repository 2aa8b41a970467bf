"""isolate's own engine, for machines where none answers: a dockerd that keeps to itself."""

from orchestrator.engines.private.daemon import Status, lacking, start, status, stop
from orchestrator.engines.private.layout import client_environment
from orchestrator.engines.private.packages import install

__all__ = ["Status", "client_environment", "install", "lacking", "start", "status", "stop"]
