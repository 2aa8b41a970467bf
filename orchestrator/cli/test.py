"""`isolate test`: the experiment as a check, for CI."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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
    with _reported(files) as kept:
        chosen = manifest(args)
        if args.dry_run:
            return dry(args, chosen)
        with console.progress(args.progress) as show:
            code, events = running.borrow(chosen, "test", options(args), show, kept=kept)
    if args.json:
        print_json(running.document_of(events))
    else:
        console.tested(events, chosen, strict=args.strict)
    return code or int(args.strict and console.unseen(events) > 0)


@contextmanager
def _reported(files: Mapping[Path, Form]) -> Iterator[Callable[[Path], None]]:
    """Gives what reports on a run's folder; what ends a run before it has one is reported as well."""
    from orchestrator import runs
    from orchestrator.events import Failed
    from orchestrator.record import Recorded
    from orchestrator.reports import Run

    folders: list[Path] = []

    def kept(folder: Path) -> None:
        folders.append(folder)
        _tell(files, lambda: runs.read(folder))

    try:
        yield kept
    except IsolateError as error:
        failed = Failed(error.message, error.where, error.hint, error.exit_code, error.excerpt)
        if not folders:
            _tell(files, lambda: Run((Recorded(0.0, failed),), {}))
        raise


def _tell(files: Mapping[Path, Form], recorded: Callable[[], Run]) -> None:
    """The reports, and what GitHub shows beside the code and on the job's page where the run is a job there."""
    from orchestrator.cli import _github, _reports

    if files or _github.is_job():
        run = recorded()
        _reports.write(files, run)
        _github.tell(run)
