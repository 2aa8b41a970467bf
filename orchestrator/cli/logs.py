"""`isolate logs`: what the apps print, `app | line`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from orchestrator.errors import UsageError
from orchestrator.labels import APP

if TYPE_CHECKING:
    from orchestrator.engines import Engine, Found

SUMMARY = "show what the apps print"
EXAMPLE = "isolate logs -f apps/dotnet/manifest.yaml invoice"
Line = tuple[str, str]
AHEAD = 1000
"""Lines that boxes which are followed may be ahead of whoever reads them."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """As in Compose."""
    from orchestrator.cli import _names

    parser.add_argument(
        "words", nargs="*", metavar=f"[{_names.WORD}] APP", help="a manifest or a project's name; apps of it, or all"
    )
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the boxes end, or Ctrl-C")
    parser.add_argument("--tail", type=_count, metavar="N", help="only the last N lines of each box")
    _names.option(parser)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of lines")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Prints `app | line`, made harmless. Ctrl-C ends with 130."""
    from orchestrator.cli import _project
    from orchestrator.cli._answer import answer
    from orchestrator.running import open_engine
    from orchestrator.sanitise import one_line

    if args.json and args.follow:
        raise UsageError("--json is one document; it cannot follow", hint="leave out --follow")
    engine = open_engine()
    found, names = _project.boxes(engine, args.words, args.project)
    boxes = _project.chosen(found, names)
    lines = gathered([partial(_box, engine, box, args) for box in boxes], at_once=args.follow)
    wanted = (line for line in lines if not names or line[0] in names)
    if args.json:
        return answer(args, {"lines": [{"app": app, "text": text} for app, text in wanted]}, [])
    _print(wanted, max(len(one_line(name)) for box in boxes for name in _project.apps(box)))
    return 0


def _print(lines: Iterable[Line], width: int) -> None:
    from orchestrator.sanitise import clean, one_line

    for app, text in lines:
        print(f"{one_line(app):<{width}} | {clean(text)}", flush=True)


def _box(engine: Engine, box: Found, args: argparse.Namespace) -> Iterator[Line]:
    """One box's lines; for a tail the whole log, which is small, is read once to count."""
    from orchestrator.engines.follow import said

    name = box.labels.get(APP, box.name)
    skip = 0
    if args.tail is not None:
        skip = max(0, sum(1 for _ in said(engine.logs(box.id, follow=False), name)) - args.tail)
    lines = engine.logs(box.id, follow=args.follow)
    return islice(said(lines if args.follow else _told_where_cut(lines, name), name), skip, None)


def _told_where_cut(lines: Iterable[str], name: str) -> Iterator[str]:
    """The lines of a log; the engine keeps two MB of it, and the launcher's first word is in what goes first."""
    from orchestrator.sanitise import one_line

    whole, empty = False, True
    for line in lines:
        whole, empty = whole or line.startswith(":start "), False
        yield line
    if not whole and not empty:
        print(f"of what {one_line(name)} has printed only the last is kept: its log is capped", file=sys.stderr)


def gathered(sources: Sequence[Callable[[], Iterator[Line]]], *, at_once: bool) -> Iterator[Line]:
    """The lines of all boxes: one box after the other, or each as it comes."""
    import queue
    import threading

    if not at_once:
        yield from (line for source in sources for line in source())
        return
    lines: queue.Queue[Line | BaseException | None] = queue.Queue(AHEAD)

    def read(source: Callable[[], Iterator[Line]]) -> None:
        try:
            for line in source():
                lines.put(line)
            lines.put(None)
        except BaseException as error:  # noqa: BLE001  raised again by whoever reads the queue
            lines.put(error)

    for source in sources:
        threading.Thread(target=read, args=(source,), daemon=True).start()
    going = len(sources)
    while going:
        line = lines.get()
        if isinstance(line, BaseException):
            raise line
        if line is None:
            going -= 1
        else:
            yield line
