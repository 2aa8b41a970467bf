"""The reports that `test` and `report` write: which were asked for, and where they go."""

from __future__ import annotations

import argparse
import os
import secrets
import shlex
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.errors import Unavailable, UsageError

if TYPE_CHECKING:
    from orchestrator.reports import Run

Form = Callable[["Run"], str]
STDOUT = Path("-")


def arguments(parser: argparse.ArgumentParser) -> None:
    """A file for each form."""
    parser.add_argument("--junit", type=Path, metavar="FILE", help="JUnit XML, for Jenkins, GitLab and GitHub")
    parser.add_argument("--html", type=Path, metavar="FILE", help="one self-contained page")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="Markdown, for a pull request or a job's summary")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="one slide of the first shared entry")
    parser.add_argument(
        "--strict",
        action=argparse.BooleanOptionalAction,
        default=bool(os.environ.get("CI")),
        help="in JUnit, a cell that was not run is a failure (the default where CI is set)",
    )


def asked(args: argparse.Namespace) -> Mapping[Path, Form]:
    """Each file with what fills it; `-` is stdout. Raises UsageError, before anything is run, for one that cannot be
    written or is named twice.
    """
    files: dict[Path, Form] = {}
    for option, form in _forms(args).items():
        file: Path | None = getattr(args, option)
        if file is None:
            continue
        if file in files or (file == STDOUT and args.json):
            raise UsageError(f"--{option} {file}: something else is written there already", hint="name another file")
        if file != STDOUT:
            _writable(file, option)
        files[file] = form
    return files


def write(files: Mapping[Path, Form], run: Run, folder: Path | None = None) -> None:
    """Each report whole or not at all; what is there and is no regular file, `/dev/stderr`, say, is written to.

    folder: the run's, for the hint. Raises Unavailable where the disk says no.
    """
    for file, form in files.items():
        text = form(run)
        try:
            if file == STDOUT:
                sys.stdout.write(text)
            elif file.exists() and not file.is_file():
                file.write_text(text, encoding="utf-8")
            else:
                _replace(file.resolve(), text)
        except OSError as error:
            again = f"isolate report {shlex.quote(str(folder))} writes it again" if folder else "name another file"
            raise Unavailable(f"a report cannot be written: {error.strerror}", where=str(file), hint=again) from None


def tell(files: Mapping[Path, Form]) -> None:
    """On stderr, what was written."""
    from orchestrator.sanitise import one_line

    for file in (one for one in files if one != STDOUT):
        print(f"wrote {one_line(str(file))}", file=sys.stderr)


def _replace(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name[:200]}.{secrets.token_hex(8)}.part")
    try:
        with part.open("x", encoding="utf-8") as stream:
            stream.write(text)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _forms(args: argparse.Namespace) -> Mapping[str, Form]:
    """Imports wait until a form is asked for."""

    def junit(run: Run) -> str:
        from orchestrator.reports.junit import junit

        return junit(run, strict=args.strict)

    def html(run: Run) -> str:
        from orchestrator.reports.html import html

        return html(run)

    def markdown(run: Run) -> str:
        from orchestrator.reports.summary import summary

        return summary(run)

    def svg(run: Run) -> str:
        from orchestrator.reports.svg import svg

        return svg(run, getattr(args, "entry", None) or "")

    return {"junit": junit, "html": html, "markdown": markdown, "svg": svg}


def _writable(file: Path, option: str) -> None:
    """As far as can be seen without leaving anything."""
    there = next(folder for folder in file.absolute().parents if folder.exists())
    if file.is_dir() or not there.is_dir() or not os.access(file if file.exists() else there, os.W_OK):
        hint = "name a file in a folder that you may write to"
        raise UsageError(f"--{option} {file} cannot be written", hint=hint)
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise UsageError(f"--{option} {file} cannot be written: {error.strerror}", hint=hint) from None
