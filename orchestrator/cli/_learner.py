"""What a learner asks of `isolate lab`, one function per action."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.cli._answer import answer, table

if TYPE_CHECKING:
    from orchestrator.lab.course import Standing


def list_(args: argparse.Namespace) -> int:
    """All labs, and how far each is."""
    from orchestrator.lab import course, library, progress

    known, source = progress.load(), _source(args)
    told = []
    for lab in library.labs(source).values():
        begun = known.labs.get(lab.name)
        mine = begun is not None and begun.source == course.origin(source)
        passed = [step for step in lab.steps if begun and mine and step.name in begun.passed]
        told.append(
            {
                "name": lab.name,
                "title": lab.title,
                "summary": lab.summary,
                "minutes": lab.minutes,
                "steps": len(lab.steps),
                "passed": len(passed),
                "current": mine and lab.name == known.current,
            }
        )
    rows = [("", "LAB", "DONE", "MINUTES", "TITLE")]
    rows += [
        (
            "*" if one["current"] else "",
            str(one["name"]),
            f"{one['passed']}/{one['steps']}",
            str(one["minutes"]),
            str(one["title"]),
        )
        for one in told
    ]
    return answer(args, {"labs": told}, [*table(rows), "", "isolate lab start NAME begins one, or goes on with it"])


def start_(args: argparse.Namespace) -> int:
    """The step's text is printed, and where the files are."""
    from orchestrator.lab import course

    at = course.start(args.name, _source(args), Path(args.parent) if args.parent else None)
    return _step(args, at)


def text_(args: argparse.Namespace) -> int:
    """The current step's text."""
    from orchestrator.lab import course

    return _step(args, course.standing())


def _step(args: argparse.Namespace, at: Standing) -> int:
    from orchestrator.console import lab

    if args.json:
        return answer(args, {"lab": _told(at), "text": at.step.text}, ())
    lab.step(at)
    return 0


def check_(args: argparse.Namespace) -> int:
    """Exit 0 where the step is done, else 1; raises Unavailable where that could not be found out."""
    from orchestrator import console
    from orchestrator.console import lab
    from orchestrator.lab import checking, course

    at = course.standing()
    try:
        with console.progress(args.progress) as show:
            findings = course.check(at, show)
    except KeyboardInterrupt:
        print("ended; what it made is removed", file=sys.stderr)
        raise
    checking.proves_nothing(findings)
    at = course.standing(at.lab.name)
    passed = all(one.outcome == "pass" for one in findings)
    if args.json:
        told = [{"outcome": one.outcome, "wanted": one.wanted, "seen": one.seen} for one in findings]
        return answer(args, {"lab": _told(at), "passed": passed, "findings": told}, (), 0 if passed else 1)
    lab.checked(at, findings)
    return 0 if passed else 1


def hint_(args: argparse.Namespace) -> int:
    """All hints so far, the newest last."""
    from orchestrator.console import lab
    from orchestrator.lab import course

    at = course.hint(course.standing())
    if args.json:
        return answer(args, {"lab": _told(at), "hints": list(at.hints)}, ())
    lab.hints(at)
    return 0


def solve_(args: argparse.Namespace) -> int:
    """The learner still has to check: nobody else says that a step is done."""
    from orchestrator import console
    from orchestrator.lab import course

    at = course.standing()
    with console.progress(args.progress) as show:
        aside = course.solve(at, show)
    return answer(
        args,
        {"lab": _told(at), "aside": str(aside) if aside else None},
        [*_aside(aside), "isolate lab check says whether it holds"],
    )


def reset_(args: argparse.Namespace) -> int:
    """Hints and finished steps stay."""
    from orchestrator.lab import course

    at = course.standing()
    aside = course.reset(at)
    began = f"{at.folder} is as it was when step {at.number} began"
    return answer(args, {"lab": _told(at), "aside": str(aside) if aside else None}, [*_aside(aside), began])


def _aside(folder: Path | None) -> list[str]:
    return [f"your files are kept in {folder}"] if folder else []


def next_(args: argparse.Namespace) -> int:
    """The next step's text, or that of the next lab's first; at the end of the course that it is over."""
    from orchestrator.lab import course

    at = course.standing()
    after = course.advance(at)
    if after:
        return _step(args, after)
    return answer(args, {"lab": _told(at)}, ["that was the last one; isolate lab list shows all of them"])


def status_(args: argparse.Namespace) -> int:
    """Where the learner is; that nothing was begun is an answer, too."""
    from orchestrator.lab import course, progress

    if not progress.load().current:
        return answer(args, {"lab": None}, ["no lab was begun; isolate lab list shows what there is"])
    at = course.standing()
    idea = ", and the idea" if len(at.hints) > len(at.step.hints) else ""
    lines = [
        f"lab     {at.lab.name}: {at.lab.title}",
        f"step    {at.number} of {len(at.lab.steps)}, {'done' if at.passed else 'not done yet'}: {at.step.title}",
        f"hints   {min(len(at.hints), len(at.step.hints))} of {len(at.step.hints)} shown{idea}",
        f"folder  {at.folder}",
        f"next    isolate lab {'next' if at.passed else 'check'}",
    ]
    return answer(args, {"lab": _told(at)}, lines)


def _told(at: Standing) -> dict[str, Any]:
    return {
        "name": at.lab.name,
        "title": at.lab.title,
        "folder": str(at.folder),
        "step": at.step.name,
        "number": at.number,
        "steps": [{"name": one.name, "passed": one.name in at.begun.passed} for one in at.lab.steps],
        "passed": at.passed,
        "finished": at.finished,
    }


def _source(args: argparse.Namespace) -> Path | None:
    return Path(args.labs) if args.labs else None
