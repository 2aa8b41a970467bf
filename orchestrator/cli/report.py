"""`isolate report`: reports of a run that was, from what it has left."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.errors import NothingSelected, UsageError

if TYPE_CHECKING:
    from orchestrator.reports import Run

SUMMARY = "write reports of an earlier run, from its folder; touches no engine"
EXAMPLE = "isolate report dotnet-2.2-vs-3.1 --html report.html"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which run, and which reports."""
    from orchestrator.cli import _reports

    parser.add_argument(
        "run_or_project",
        nargs="?",
        metavar="FOLDER|NAME",
        help="a run's folder, or a project, whose newest run is meant",
    )
    _reports.arguments(parser)
    parser.add_argument("--entry", metavar="NAME", help="the shared entry that --svg draws, instead of the first")


def run(args: argparse.Namespace) -> int:
    """0 where all is written, whatever the run had found. Raises NothingSelected, UsageError, Unavailable."""
    from orchestrator import runs
    from orchestrator.cli import _reports
    from orchestrator.cli._answer import print_json
    from orchestrator.reports.result import result

    files = _reports.asked(args)
    folder = _folder(args.run_or_project)
    recorded = runs.read(folder)
    if args.entry is not None:
        _refuse_unknown(args.entry, recorded)
    if not files and not args.json:
        again = shlex.join(["isolate", "report", str(folder), "--html", "report.html"])
        raise UsageError("no report is asked for", hint=again)
    _reports.write(files, recorded, folder)
    if args.json:
        print_json(result(recorded.events))
    _reports.tell(files)
    return 0


def _refuse_unknown(entry: str, run: Run) -> None:
    from orchestrator.events import RunStarted

    known = [one.name for event in run.events if isinstance(event, RunStarted) for one in event.shared]
    if entry not in known:
        raise NothingSelected(f"there is no shared entry {entry}", hint=f"there is: {', '.join(known) or 'none'}")


def _folder(word: str | None) -> Path:
    """The folder itself, or the newest one of a project, or of all."""
    from orchestrator import runs

    if word and Path(word).is_dir():
        return Path(word)
    if found := runs.newest(word or ""):
        return found
    known = ", ".join(runs.projects()) or "none; isolate up MANIFEST leaves one"
    raise NothingSelected(
        f"there is no run of {word}" if word else "there is no run", hint=f"projects with runs: {known}"
    )
