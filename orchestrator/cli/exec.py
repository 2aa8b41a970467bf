"""`isolate exec`: a command in an app's own box."""

from __future__ import annotations

import argparse
import codecs
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from orchestrator.errors import NothingSelected, UsageError
from orchestrator.labels import APP, ARM

if TYPE_CHECKING:
    from orchestrator.engines import Found

SUMMARY = "run a command in an app's isolated box, as its user, in its folder and environment; stdin is not attached"
EXAMPLE = "isolate exec apps/python/manifest.yaml legacy python -V"
Write = Callable[[str, bytes], None]
KEPT_BYTES = 16 << 20
"""Of each stream, in the one document."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """`[M|NAME] APP [--] COMMAND...`; as in Compose, options of ours come first."""
    from orchestrator.cli import _names

    parser.usage = f"isolate exec [-h] [--json] [-p NAME] [{_names.WORD}] APP [--] COMMAND..."
    parser.add_argument(
        "words",
        nargs=argparse.REMAINDER,
        metavar=f"[{_names.WORD}] APP COMMAND...",
        help="the project, if several; the app; the command, which two dashes may set off",
    )
    _names.option(parser)
    parser.set_defaults(command=[])


def run(args: argparse.Namespace) -> int:
    """The exit code is the command's own; its output is passed on as bytes, made harmless on a terminal."""
    from orchestrator.cli import _project
    from orchestrator.cli._answer import answer
    from orchestrator.running import open_engine

    command: list[str] = args.command
    if not (len(args.words) in {1, 2} if command else len(args.words) >= 2):
        raise UsageError("say which app, and which command", hint=EXAMPLE)
    engine = open_engine()
    found, names = _project.boxes(engine, args.words, args.project)
    if not command:
        names, command = names[:1], names[1:]
    box = _isolated(_project.chosen(found, names), names)
    if not command:
        raise UsageError(f"which command, in {names[0]}?", hint=EXAMPLE)
    if not args.json:
        return engine.execute(box.id, command, passing(sys.stdout, sys.stderr))
    kept, unkept = {"stdout": bytearray(), "stderr": bytearray()}, dict[str, int]()
    code = engine.execute(box.id, command, keeping(kept, unkept))
    said = {stream: bytes(whole).decode(errors="replace") for stream, whole in kept.items()}
    more = {"unkept": unkept} if unkept else {}
    return answer(args, {"box": box.name, "command": command, **said, **more}, [], code)


def _isolated(boxes: Sequence[Found], names: Sequence[str]) -> Found:
    mine = [box for box in boxes if box.labels.get(ARM) == "isolated"]
    if len(names) != 1:
        raise UsageError("which app?", hint=f"there is: {', '.join(box.labels[APP] for box in mine)}")
    if not mine:
        raise NothingSelected(f"{names[0]} has no isolated box", hint="isolate ps shows what there is")
    if mine[0].status != "running":
        raise NothingSelected(
            f"{mine[0].name} does not run: {mine[0].detail}", hint="isolate up starts a service again; a job has ended"
        )
    return mine[0]


def keeping(kept: Mapping[str, bytearray], unkept: dict[str, int]) -> Write:
    """The first KEPT_BYTES of each stream, and of the rest how much it is."""

    def write(stream: str, piece: bytes) -> None:
        room = KEPT_BYTES - len(kept[stream])
        kept[stream].extend(piece[:room])
        if len(piece) > room:
            unkept[stream] = unkept.get(stream, 0) + len(piece) - room

    return write


def passing(stdout: TextIO, stderr: TextIO) -> Write:
    """Bytes go through as they are; what a terminal would act on is shown instead."""
    from orchestrator.sanitise import clean

    sinks = {"stdout": stdout, "stderr": stderr}
    decoders = {stream: codecs.getincrementaldecoder("utf-8")("replace") for stream in sinks}

    def write(stream: str, piece: bytes) -> None:
        sink = sinks[stream]
        if sink.isatty():
            text = decoders[stream].decode(piece)
            sink.write(clean(text, len(text)))
        else:
            sink.buffer.write(piece)
        sink.flush()

    return write
