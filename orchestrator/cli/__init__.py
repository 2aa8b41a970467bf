"""The command line: one file per verb, found by being there. Heavy imports wait until a verb runs."""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import os
import select
import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TextIO

from orchestrator import __version__
from orchestrator.errors import IsolateError, Unavailable, UsageError

PROGRESS = ("auto", "tty", "plain", "json", "quiet")
EPILOG = """\
first steps:
  isolate doctor                        what is missing, and what mends it
  isolate up apps/dotnet/manifest.yaml  the whole experiment
  isolate down --all                    leave nothing behind
"""


def verbs() -> dict[str, ModuleType]:
    """Name -> module, in alphabetical order; names that begin with `_` are not verbs."""
    names = sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    return {name.replace("_", "-"): import_module(f"{__name__}.{name}") for name in names}


def parser() -> argparse.ArgumentParser:
    """The whole command line; shell completion and the documentation's test read it too."""
    made = argparse.ArgumentParser(
        prog="isolate",
        description="Run apps side by side on the runtimes they need; prove what happens where\nthey share one.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--version", action="version", version=f"isolate {__version__}")
    commands = made.add_subparsers(dest="verb", metavar="COMMAND", required=True)
    for name, module in verbs().items():
        command = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=f"{module.SUMMARY[0].upper()}{module.SUMMARY[1:]}.",
            epilog=f"example:\n  {module.EXAMPLE}\n",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.add_argument("--json", action="store_true", help="one JSON document on stdout, also on failure")
        command.add_argument("--progress", choices=PROGRESS, default="auto", help="how to tell what goes on (stderr)")
        module.arguments(command)
        command.set_defaults(run=module.run)
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code (SPEC section 5). Errors become a message, a place and a hint."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _ended(words)
        sys.stdout.flush()
    except OSError as error:
        if not (_gone(error) or _full(error)):
            raise
        if _full(error):
            with contextlib.suppress(OSError):
                _tell(Unavailable(f"not all could be written: {error.strerror}", hint="make room"), as_json=False)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return Unavailable.exit_code if _full(error) else 141
    return code


def _ended(words: list[str]) -> int:
    try:
        return _dispatch(words)
    except IsolateError as error:
        _tell(error, as_json="--json" in _parted(words)[0])
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except ModuleNotFoundError as error:
        hint = "make setup, in a checkout; else install isolate anew"
        _tell(IsolateError(f"a package that isolate needs is not installed: {error.name}", hint=hint), as_json=False)
        return IsolateError.exit_code
    except Exception as error:
        if _gone(error) or _full(error):
            raise
        told = _broken(error) or _bug(error)
        _tell(told, as_json="--json" in _parted(words)[0])
        return told.exit_code


def _gone(error: Exception) -> bool:
    """Whether what we say has no reader any more: the pipe's other end is closed, the terminal hung up.

    A disk that fails tells the same EIO as a terminal; which it was shows on our own streams.
    """
    if not isinstance(error, OSError) or error.errno not in {errno.EPIPE, errno.EIO}:
        return False
    return error.errno == errno.EPIPE or any(map(_hung_up, (sys.stdout, sys.stderr)))


def _hung_up(stream: TextIO) -> bool:
    try:
        poll = select.poll()
        poll.register(stream.fileno(), select.POLLOUT)
        return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))
    except (OSError, ValueError):
        return False


def _broken(error: Exception) -> IsolateError | None:
    """What is to be said of a disk that fails, which is no bug of ours."""
    if not isinstance(error, OSError) or error.errno != errno.EIO:
        return None
    where = str(error.filename or "")
    return Unavailable(f"a disk or a device fails: {error.strerror}", where=where, hint="dmesg says which")


def _full(error: Exception) -> bool:
    """Whether the disk that we write to has no room: where output goes, or what is kept."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def _dispatch(words: list[str]) -> int:
    """What follows two dashes is a command of the user's own, never an option of ours."""
    words, command = _parted(words)
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            args = parser().parse_args(words)
    except SystemExit as end:
        if end.code:
            raise _unclear(words, said.getvalue()) from None
        print(said.getvalue(), end="", file=sys.stderr)
        return 0
    if command:
        args.command = command
    from orchestrator.running.signals import interruptible

    with interruptible():
        return int(args.run(args))


def _unclear(words: Sequence[str], said: str) -> UsageError:
    """What argparse complains of, with the word that may have been meant."""
    from orchestrator.cli._meant import meant

    verb = next((word for word in words if word in verbs()), "")
    message = said.strip().rpartition("error: ")[2]
    ask = f"isolate {verb} --help".replace("  ", " ")
    return UsageError(message, hint=f"did you mean {near}? {ask}" if (near := meant(parser(), verb, words)) else ask)


def _parted(words: list[str]) -> tuple[list[str], list[str]]:
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


def _tell(error: IsolateError, *, as_json: bool) -> None:
    from orchestrator.reports.result import error as document
    from orchestrator.sanitise import clean

    if as_json:
        from orchestrator.cli._answer import print_json

        print_json(error.seen or document(error))
    where = f"{error.where}: " if error.where else ""
    lines = [f"error: {where}{error.message}", *(f"  | {line}" for line in error.excerpt)]
    lines += [f"hint: {error.hint}"] if error.hint else []
    lines += [f"also: {o.where}: {o.message}" + (f" ({o.hint})" if o.hint else "") for o in error.others]
    print(clean("\n".join(lines), 20000), file=sys.stderr)


def _bug(error: Exception) -> IsolateError:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="isolate-bug-", suffix=".log", delete=False) as log:
        log.write(f"isolate {__version__}\n{' '.join(sys.argv)}\n\n{traceback.format_exc()}")
    return IsolateError(f"this is a bug in isolate: {error!r}", hint=f"please report it with {log.name}")
