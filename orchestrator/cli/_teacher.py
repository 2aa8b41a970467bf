"""What those who teach and those who write labs ask of `isolate lab`."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.cli._answer import answer
from orchestrator.errors import NothingSelected

if TYPE_CHECKING:
    from orchestrator.lab.selftest import Proved
    from orchestrator.lab.values import Lab


def selftest_(args: argparse.Namespace) -> int:
    """Exit 1 where any step does not hold what it promises."""
    began = time.monotonic()
    proved = list(_proved(args, _chosen(args)))
    wrong = [one for one in proved if one.wrong]
    last = f"{len(proved)} steps, {len(wrong)} do not hold, {time.monotonic() - began:.0f} s"
    return answer(args, {"steps": _steps(proved)}, [last], 1 if wrong else 0)


def prepare_(args: argparse.Namespace) -> int:
    """Walks through the labs, which builds what they need; a step that does not hold is told, and ends it with 1."""
    from orchestrator.cli._disk import free, held

    labs = _chosen(args)
    names, runtimes = [lab.name for lab in labs], _runtimes(labs)
    if args.dry_run:
        told = {"labs": names, "runtimes": runtimes, "free": free(), "dry_run": True}
        return answer(args, told, _needs(names, runtimes))
    began, before = time.monotonic(), held()
    proved = list(_proved(args, labs))
    wrong = [one for one in proved if one.wrong]
    seconds, after = time.monotonic() - began, held()
    told = {"steps": _steps(proved), "labs": names, "seconds": seconds, "bytes": after, "added": after - before}
    lines = [
        f"{len(labs)} labs are ready: {seconds:.0f} s, {_size(after - before)} of images added, {_size(after)} in all",
        "they work without a network now, as long as the engine and its images stay",
    ]
    return answer(args, told, lines if not wrong else [f"{len(wrong)} steps do not hold"], 1 if wrong else 0)


def new_(args: argparse.Namespace) -> int:
    """The skeleton's selftest fails until somebody writes the solution."""
    from orchestrator.lab import author

    folder = author.skeleton(args.name, Path(args.labs or "labs"))
    lines = [f"{folder} is there; write its steps, then: isolate lab selftest {args.name} --labs {folder.parent}"]
    return answer(args, {"folder": str(folder)}, lines)


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
            print(f"{'no' if one.wrong else 'ok':<4}{one.lab} {one.step} ({one.seconds:.1f} s)", file=sys.stderr)
            print("".join(f"    {one_line(what, 600)}\n" for what in one.wrong), end="", file=sys.stderr, flush=True)

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

    texts = [path.read_text(errors="replace") for lab in labs for path in sorted(lab.folder.rglob("*.yaml"))]
    families = {found for text in texts for found in re.findall(r"runtime: *([a-z]+)@", text)}
    return [f"{name}@{version}" for name in sorted(families) for version in catalogue.entries(name)]


def _needs(names: list[str], runtimes: list[str]) -> list[str]:
    from orchestrator.cli._disk import free

    told = [f"labs      {', '.join(names)}", f"runtimes  {', '.join(runtimes)}"]
    return [*told, f"free      {_size(free())} where the engine keeps its images"]


def _steps(proved: list[Proved]) -> list[dict[str, object]]:
    return [{"lab": o.lab, "step": o.step, "seconds": round(o.seconds, 1), "wrong": list(o.wrong)} for o in proved]


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
