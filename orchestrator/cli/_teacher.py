"""What those who teach and those who write labs ask of `isolate lab`."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.cli._answer import answer
from orchestrator.errors import NothingSelected, Unavailable

if TYPE_CHECKING:
    from orchestrator.lab.selftest import Proved
    from orchestrator.lab.values import Lab


def selftest_(args: argparse.Namespace) -> int:
    """Exit 1 where any step does not hold what it promises, 75 where that could not be found out."""
    began = time.monotonic()
    proved = list(_proved(args, _chosen(args)))
    last = f"{_count(proved)}, {time.monotonic() - began:.0f} s"
    return answer(args, {"steps": _steps(proved)}, [last], _code(proved))


def prepare_(args: argparse.Namespace) -> int:
    """Walks through the labs, which builds what they need; ends like a selftest."""
    from orchestrator.cli._disk import free

    labs = _chosen(args)
    names, runtimes = [lab.name for lab in labs], _runtimes(labs)
    if args.dry_run:
        needed = {"labs": names, "runtimes": runtimes, "free": free(), "dry_run": True}
        return answer(args, needed, _needs(names, runtimes))
    began, before = time.monotonic(), free()
    proved = list(_proved(args, labs))
    seconds, after = time.monotonic() - began, free()
    taken = None if before is None or after is None else max(0, before - after)
    told: dict[str, object] = {"steps": _steps(proved), "labs": names, "seconds": seconds, "bytes": taken}
    room = "" if taken is None else f", and about {_size(taken)} of the engine's disk"
    lines = [f"{seconds / 60:.0f} min{room}", _count(proved)]
    ready = f"{len(labs)} labs are ready, also without a network (docs/labs.md: what has to stay)"
    return answer(args, told, lines if _code(proved) else [*lines, ready], _code(proved))


def _code(proved: Sequence[Proved]) -> int:
    if any(one.wrong for one in proved):
        return 1
    return Unavailable.exit_code if any(one.unsure for one in proved) else 0


def _count(proved: Sequence[Proved]) -> str:
    wrong, unsure = sum(bool(one.wrong) for one in proved), sum(bool(one.unsure) for one in proved)
    said = f", of {unsure} nothing was proved" if unsure else ""
    return f"{len(proved)} steps, {wrong} do not hold{said}"


def new_(args: argparse.Namespace) -> int:
    """The skeleton's selftest fails until somebody writes the solution."""
    from orchestrator.lab import author

    folder = author.skeleton(args.name, Path(args.labs or "labs"))
    lines = [f"{folder} is there; write its steps, then: isolate lab selftest {args.name} --labs {folder.parent}"]
    return answer(args, {"skeleton": str(folder)}, lines)


def schema_(_: argparse.Namespace) -> int:
    """Prints one JSON document, with or without --json."""
    from orchestrator.lab.definition import schema

    print(json.dumps(schema(), indent=2))
    return 0


def _chosen(args: argparse.Namespace) -> list[Lab]:
    from orchestrator.lab import library

    source = Path(args.labs) if args.labs else None
    known = library.labs(source)
    return [library.find(name, source) for name in args.names] or list(known.values())


def _proved(args: argparse.Namespace, labs: list[Lab]) -> Iterator[Proved]:
    """Each step is told on stderr as soon as it was looked at."""
    from orchestrator import console
    from orchestrator.lab import selftest
    from orchestrator.sanitise import one_line

    found: list[Proved] = []

    def each(one: Proved) -> None:
        found.append(one)
        if args.progress != "quiet":
            sign = "no" if one.wrong else "??" if one.unsure else "ok"
            print(f"{sign:<4}{one.lab} {one.step} ({one.seconds:.1f} s)", file=sys.stderr)
            why = [*one.wrong, *([one.unsure] if one.unsure else [])]
            print("".join(f"    {one_line(what, 600)}\n" for what in why), end="", file=sys.stderr, flush=True)

    wanted = getattr(args, "step", None)
    chosen = {lab: [step for step in lab.steps if wanted in (None, step.name)] for lab in labs}
    if not any(chosen.values()):
        raise NothingSelected(f"no step of {', '.join(lab.name for lab in labs)} is called {wanted}")
    for lab, steps in chosen.items():
        with console.progress("quiet" if args.progress == "auto" else args.progress) as show:
            selftest.prove(lab, steps, show, each)
    yield from found


def _runtimes(labs: list[Lab]) -> list[str]:
    """All versions of the families that the labs' manifests declare: ways out try the others, too."""
    from orchestrator import catalogue

    texts = [text for lab in labs for path in sorted(lab.folder.rglob("*.yaml")) if (text := _text(path))]
    families = {found for text in texts for found in re.findall(r"runtime: *([a-z]+)@", text)}
    return [f"{name}@{version}" for name in sorted(families) for version in catalogue.entries(name)]


def _text(path: Path) -> str:
    """Of a manifest; empty where it is none that could be read."""
    from orchestrator.files import LARGEST_MANIFEST, regular

    try:
        return regular(path, LARGEST_MANIFEST).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _needs(names: list[str], runtimes: list[str]) -> list[str]:
    from orchestrator.cli._disk import free

    told = [f"labs      {', '.join(names)}", f"runtimes  {', '.join(runtimes)}"]
    room = free()
    return [*told, *([] if room is None else [f"free      {_size(room)} where the engine keeps its images"])]


def _steps(proved: Sequence[Proved]) -> list[dict[str, object]]:
    told = [{**asdict(one), "seconds": round(one.seconds, 1), "wrong": list(one.wrong)} for one in proved]
    return [{key: value for key, value in one.items() if key != "unsure" or value} for one in told]


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
