"""An experiment carried out on the engine in use, for a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from orchestrator import console, running
from orchestrator.errors import Interrupted, IsolateError
from orchestrator.experiment import Options
from orchestrator.model import Manifest

Runner = Callable[[Manifest, str, Options], AbstractContextManager[Path]]
"""Carries a manifest out in a project whose name ends as told; gives the run's folder. Inside, what it leaves is up."""


@contextmanager
def borrowed(of: Manifest, suffix: str, options: Options) -> Iterator[Path]:
    """The folder tells an error of the run. Raises IsolateError where there is none, and what Ctrl-C raises.

    What goes on is told on stderr, which pytest keeps for the report of a failure, or shows with `-s`.
    """
    folders: list[Path] = []
    with ExitStack() as stack:
        with console.progress("plain") as show:
            try:
                code, _ = stack.enter_context(running.borrowed(of, suffix, options, show, kept=folders.append))
            except IsolateError as error:
                if not folders:
                    raise
                code = error.exit_code
        if code == Interrupted.exit_code:
            raise KeyboardInterrupt
        yield folders[0]
