"""A run's record -> text, one function per form. Renderers are strangers to each other."""

from orchestrator.reports.run import Run

__all__ = ["Run"]
