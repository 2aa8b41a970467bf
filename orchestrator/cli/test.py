"""`isolate test`: the experiment as a check, for CI."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.errors import IsolateError

if TYPE_CHECKING:
    from orchestrator.cli._reports import Form
    from orchestrator.reports import Run

SUMMARY = "run the experiment, compare it with what the manifests expect, leave nothing up"
EXAMPLE = "isolate test apps/dotnet/manifest.yaml --junit junit.xml --html report.html"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What is run, how hard it is looked at, and which reports are written."""
    from orchestrator.cli import _reports
    from orchestrator.cli.up import selection

    selection(parser)
    parser.add_argument("--dry-run", action="store_true", help="print the plan; touch nothing")
    _reports.arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Exit codes of SPEC section 5. Reports are written however the run ends; what `up` has left stays as it is."""
    from orchestrator import console, running
    from orchestrator.cli import _reports
    from orchestrator.cli._answer import print_json
    from orchestrator.cli.up import dry, manifest, options

    files = _reports.asked(args)
    told = _Told(files)
    try:
        chosen = manifest(args)
        if args.dry_run:
            return dry(args, chosen)
        with console.progress(args.progress) as show:
            code, events = running.borrow(chosen, "test", options(args), show, kept=told.kept)
    except IsolateError as error:
        told.ended(error)
        raise
    if args.json:
        told.done()  # what cannot be written is an error, and there is one document
        print_json(running.document_of(events))
        return code
    if _reports.STDOUT not in files:
        console.tested(events, chosen)
    told.done()
    return code


class _Told:
    """Reports on a run when it has left its folder, and on what ends it before that or after."""

    def __init__(self, files: Mapping[Path, Form]) -> None:
        self._files = files
        self._run: Run | None = None
        self._folder: Path | None = None
        self._failed: IsolateError | None = None

    def kept(self, folder: Path) -> None:
        """The run has ended, and all that it leaves is there. What cannot be written is told by `done`."""
        from orchestrator import runs
        from orchestrator.cli import _github

        if self._files or _github.is_job():
            self._run, self._folder = runs.read(folder), folder
            try:
                self._tell(self._run)
            except IsolateError as error:
                self._failed = error

    def ended(self, error: IsolateError) -> None:
        """The run is over by this, which its record may not know."""
        from orchestrator.events import Failed
        from orchestrator.record import Recorded
        from orchestrator.reports import Run

        known = self._run or Run((), {})
        if not any(isinstance(event, Failed) for event in known.events):
            at = known.recorded[-1].at if known.recorded else 0.0
            failed = Failed(error.message, error.where, error.hint, error.exit_code, error.excerpt)
            self._tell(Run((*known.recorded, Recorded(at, failed)), known.logs))

    def done(self) -> None:
        """What was written; raises Unavailable where something could not be."""
        from orchestrator.cli import _reports

        if self._failed:
            raise self._failed
        _reports.tell(self._files)

    def _tell(self, run: Run) -> None:
        """The reports, and what GitHub shows beside the code and on the job's page where the run is a job there."""
        from orchestrator.cli import _github, _reports

        _reports.write(self._files, run, self._folder)
        _github.tell(run)
