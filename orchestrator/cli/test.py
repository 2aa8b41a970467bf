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
    elif _reports.STDOUT not in files:
        console.tested(events, chosen)
    return code


@contextmanager
def _reported(files: Mapping[Path, Form]) -> Iterator[Callable[[Path], None]]:
    """Gives what reports on a run's folder. What ends a run before it has one, or after it was written, is reported as
    well.
    """
    from orchestrator import runs
    from orchestrator.cli import _github, _reports
    from orchestrator.events import Failed
    from orchestrator.record import Recorded
    from orchestrator.reports import Run

    last: list[Run] = []

    def tell(read: Callable[[], Run]) -> None:
        if files or _github.is_job():
            last.append(read())
            _reports.write(files, last[-1])
            _github.tell(last[-1])

    try:
        yield lambda folder: tell(lambda: runs.read(folder))
    except IsolateError as error:
        failed = Failed(error.message, error.where, error.hint, error.exit_code, error.excerpt)
        known = last[-1] if last else Run((), {})
        if not any(isinstance(event, Failed) for event in known.events):
            at = known.recorded[-1].at if known.recorded else 0.0
            tell(lambda: Run((*known.recorded, Recorded(at, failed)), known.logs))
        raise
