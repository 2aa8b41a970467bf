"""`isolate lab watch`: the step on the screen, checked again whenever a file changes; single keys for the rest."""

from __future__ import annotations

import argparse
import hashlib
import os
import queue
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.cli import _learner
from orchestrator.errors import IsolateError, UsageError
from orchestrator.sanitise import clean, one_line

if TYPE_CHECKING:
    from orchestrator.lab.course import Standing

CHANGED = "changed"
GONE = ""
"""What is read from a terminal that hung up."""


def watch_(args: argparse.Namespace) -> int:
    """Until `q`, Ctrl-C, or the terminal hangs up. Raises UsageError where there is no terminal."""
    from orchestrator.console import lab
    from orchestrator.lab import course

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("watch needs a terminal to read keys from", hint="isolate lab check looks once")
    told: queue.Queue[str] = queue.Queue()
    at = course.standing()
    seen = _fingerprint(at)
    with _keys(told), _changes(at.folder.parent, told):
        lab.step(at)
        print(_MENU, flush=True)
        while (word := told.get()) not in ("q", GONE):
            if word == CHANGED and _fingerprint(course.standing()) == seen:
                continue
            if word in _ACTIONS:
                seen = _acted(word, args)
                _drop_keys(told)
                print(_MENU, flush=True)
    return 0


def _drop_keys(told: queue.Queue[str]) -> None:
    """What was pressed meanwhile was not meant for what is on the screen now; to quit is, and a change stays one."""
    waiting = [told.get() for _ in range(told.qsize())]
    kept = ("q", GONE, CHANGED)
    if not set(waiting) <= set(kept):
        print("(keys pressed meanwhile were not heard, but for q)", flush=True)
    for word in kept:
        if word in waiting:
            told.put(word)


def _acted(word: str, args: argparse.Namespace) -> str:
    """What the files were when it was begun, or after it where it changes them itself. What fails is told."""
    from orchestrator.lab import course

    folder, seen = course.standing().folder, _fingerprint(course.standing())
    args.asked = word == "r" and not getattr(args, "asked", False)
    try:
        _ACTIONS[word](args)
    except IsolateError as error:
        hint = f"\nhint: {one_line(error.hint)}" if error.hint else ""
        print(f"{clean(error.message)}{hint}", file=sys.stderr)
    after = course.standing()
    reset = word == "r" and not args.asked
    return _fingerprint(after) if reset or after.folder != folder else seen


def _check(args: argparse.Namespace) -> None:
    print("checking ...", flush=True)
    _learner.check_(args)


def _reset(args: argparse.Namespace) -> None:
    """The second `r` in a row does it."""
    if args.asked:
        print("r once more brings the files of this step back; yours are kept beside them", flush=True)
    else:
        _learner.reset_(args)


def _list(args: argparse.Namespace) -> None:
    """Those that this lab is one of."""
    from orchestrator.lab import course

    args.labs = course.standing().begun.source or None
    _learner.list_(args)


_ACTIONS: Mapping[str, Callable[[argparse.Namespace], object]] = {
    CHANGED: _check,
    "c": _check,
    "n": _learner.next_,
    "h": _learner.hint_,
    "l": _list,
    "r": _reset,
}
_MENU = "n next   h hint   l list   c check   r reset   q quit"


@contextmanager
def _keys(told: queue.Queue[str]) -> Iterator[None]:
    """Each key as soon as it is pressed, without Enter; the terminal is given back as it was."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)

    def read() -> None:
        try:
            while key := os.read(terminal, 1).decode("ascii", "replace"):
                told.put(key)
        except OSError:
            pass
        told.put(GONE)

    tty.setcbreak(terminal, termios.TCSADRAIN)
    threading.Thread(target=read, daemon=True).start()
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


@contextmanager
def _changes(parent: Path, told: queue.Queue[str]) -> Iterator[None]:
    """CHANGED whenever a file changes in the folder where the labs' folders are."""
    from watchfiles import watch

    ended = threading.Event()

    def look() -> None:
        for _ in watch(parent, stop_event=ended, raise_interrupt=False):
            told.put(CHANGED)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield
    finally:
        ended.set()
        looking.join()


def _fingerprint(at: Standing) -> str:
    """Of the learner's files, but for those that the lab's own checks write."""
    written = _written(at)
    told = hashlib.sha256()
    for path in sorted(at.folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.name not in written:
            with suppress(OSError):
                told.update(bytes(path) + b"\0" + path.read_bytes())
    return told.hexdigest()


def _written(at: Standing) -> set[str]:
    """Reports that commands of the lab's checks are told to write, by their names."""
    from orchestrator.lab.values import CommandEnds

    commands = [one.words for step in at.lab.steps for one in step.checks if isinstance(one, CommandEnds)]
    named = {Path(word).name for words in commands for word in words}
    return {name for name in named if name.endswith((".xml", ".html", ".md", ".json"))}
