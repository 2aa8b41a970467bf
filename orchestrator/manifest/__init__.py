"""YAML text -> Manifest, every complaint with file:line:column. Nothing here reads a file."""

from orchestrator.manifest.parse import parse
from orchestrator.manifest.schema import schema
from orchestrator.manifest.source import Folder, Source

__all__ = ["Folder", "Source", "parse", "schema"]
