"""What a person sees: progress on stderr while a run goes on, the final picture on stdout."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from orchestrator import record
from orchestrator.console.plain import told
from orchestrator.console.terminal import is_live
from orchestrator.events import Event
from orchestrator.model import Manifest
from orchestrator.sanitise import one_line

if TYPE_CHECKING:
    from rich.console import RenderableType

    from orchestrator.picture import Picture

Show = Callable[[Event], None]


@contextmanager
def progress(mode: str) -> Iterator[Show]:
    """What to call with each event, from any one thread at a time; it writes to stderr.

    mode: `tty` redraws in place and leaves nothing behind, `plain` writes a line per event worth telling, `json` a line
    per event (see `record`), `quiet` nothing. `auto` is `tty` on a terminal that is no CI job's, else `plain`; `tty`
    without a terminal is `plain`, too.
    """
    stream = sys.stderr
    if mode == "quiet":
        yield lambda _: None
    elif mode == "json":
        yield _lines(stream, record.line)
    elif is_live(stream, mode):
        from orchestrator.console.live import live

        with live(stream) as show:
            yield show
    else:
        yield _lines(stream, told)


def _lines(stream: TextIO, line: Callable[[float, Event], str | None]) -> Show:
    began = time.monotonic()

    def show(event: Event) -> None:
        if text := line(time.monotonic() - began, event):
            _write(stream, text)

    return show


def _write(stream: TextIO, text: str) -> None:
    """Progress that cannot be written is no reason to stop; that its reader is gone (BrokenPipeError) is."""
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        raise
    except OSError:
        return


def explanation(events: Sequence[Event]) -> None:
    """Print why there is a conflict, to stdout."""
    from orchestrator.console.explanation import explanations
    from orchestrator.console.terminal import screen, show

    show(screen(sys.stdout), explanations(events))


def summary(events: Sequence[Event], manifest: Manifest, paths: Sequence[str]) -> None:
    """Print the final picture of a run to stdout: apps side by side, a grid and a verdict for each shared entry, and
    the next commands. `paths` are the manifests as the user named them. Of a run that ended before a verdict only
    the reason is told, on stderr.
    """
    from orchestrator.console.final import final

    _show(events, lambda drawn: final(drawn, manifest, paths))


def tested(events: Sequence[Event], manifest: Manifest) -> None:
    """The same of a run that has left nothing up: what was checked, and how many held."""
    from orchestrator.console.checked import checked, without_urls
    from orchestrator.console.final import ending, observed, spaced

    def drawn(picture: Picture) -> RenderableType:
        return spaced([*observed(without_urls(picture), manifest), checked(picture), *ending(picture)])

    _show(events, drawn)


def _show(events: Sequence[Event], draw: Callable[[Picture], RenderableType]) -> None:
    from orchestrator.console.terminal import screen, show
    from orchestrator.picture import picture

    drawn = picture(events)
    if drawn.failed:
        hint = f"\nhint: {one_line(drawn.failed.hint)}" if drawn.failed.hint else ""
        print(one_line(drawn.failed.message) + hint, file=sys.stderr)
    else:
        show(screen(sys.stdout), draw(drawn))
