"""A run in a project of its own, which leaves nothing up and what is up alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orchestrator.running.chosen import owner
from orchestrator.running.conduct import ADVICE, Act, Kept, carry_out
from orchestrator.running.engine import open_engine
from orchestrator.running.sweep import clean_up, removed_all

if TYPE_CHECKING:
    from orchestrator.experiment import Options
    from orchestrator.model import Manifest

LONGEST = 41
"""Characters of a project's name."""


def borrow(
    of: Manifest, verb: str, options: Options, progress: Any, act: Act | None = None, kept: Kept = lambda _: None
) -> tuple[int, list[Any]]:
    """`carry_out` in a project of its own, so that what `up` has left stays; its boxes are removed however it ends.

    Raises Unavailable where that cannot be done.
    """
    from orchestrator.running.signals import undisturbed

    with undisturbed(ADVICE.format(_lent(of, verb))), borrowed(of, verb, options, progress, act, kept) as ran:
        return ran


@contextmanager
def borrowed(
    of: Manifest, verb: str, options: Options, progress: Any, act: Act | None = None, kept: Kept = lambda _: None
) -> Iterator[tuple[int, list[Any]]]:
    """The same, and inside what the run leaves up is up. `verb` is the end of the project's name."""
    from orchestrator import locks
    from orchestrator.events import RunStarted
    from orchestrator.running.signals import undisturbed

    whose = owner(of.path)  # now: the folder that a relative path stands in may be moved meanwhile
    called, of = of.name, replace(of, name=_lent(of, verb))
    run: list[str] = []

    def tell(event: Any) -> None:
        run.extend([event.run] if isinstance(event, RunStarted) else [])
        progress(event)

    with locks.lent(of.name):
        try:
            yield carry_out(of, options, tell, act, kept, called)
        finally:
            if run:
                with undisturbed(ADVICE.format(of.name)):
                    removed_all(clean_up(open_engine(), of.name, whose, run[0]), of.name)


def _lent(of: Manifest, verb: str) -> str:
    """The name of the project that a verb borrows."""
    return f"{of.name[: LONGEST - len(verb) - 1]}-{verb}"
