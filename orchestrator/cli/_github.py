"""A job of GitHub Actions is told more: annotations beside the manifest's lines, and a summary on the job's page."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.reports import Run


def is_job() -> bool:
    """As GitHub documents its default variables."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def tell(run: Run) -> None:
    """Annotations go to stderr, which the runner reads as it reads stdout; the summary is added to the file that the
    job names. A summary that cannot be written is said, and no more.
    """
    from orchestrator.reports.github import annotations
    from orchestrator.reports.summary import summary

    if not is_job():
        return
    print(annotations(run), end="", file=sys.stderr, flush=True)
    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(page).open("a", encoding="utf-8") as stream:
                stream.write(summary(run))
        except OSError as error:
            print(f"the job's summary cannot be written: {error.strerror}", file=sys.stderr)
