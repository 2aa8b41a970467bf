"""`isolate init`: a first manifest from what a folder holds."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from orchestrator.errors import ManifestError, NothingSelected, UsageError

if TYPE_CHECKING:
    from orchestrator.proposals import Proposal, ProposedApp

SUMMARY = (
    "write a first manifest from what a folder holds; what its files do not say, or disagree about, is left to you"
)
EXAMPLE = "isolate init services/shop && isolate up services/shop/manifest.yaml"
STDOUT = Path("-")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which folder, and where to write."""
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="what to look at (.)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="instead of DIR/manifest.yaml; - is stdout")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    parser.add_argument("--dry-run", action="store_true", help="print the manifest; write nothing")


def run(args: argparse.Namespace) -> int:
    """0 where the manifest is valid; 2 where a person has to choose first, as `validate` then says, too.

    Raises NothingSelected where the folder names no runtime, UsageError where nothing can be written there.
    """
    from orchestrator.proposals import document

    told = args.dry_run or args.output == STDOUT
    file = args.folder / "manifest.yaml" if args.output in {None, STDOUT} else args.output
    if not told and os.path.lexists(file) and not args.force:
        raise UsageError(f"{file} is there already", hint=f"isolate init {quote(str(args.folder))} --force, or -o FILE")
    above = _above(file, args.folder)
    found = proposed(args.folder)
    _tried(document(found, "", above, settled=True), file)
    text = document(found, _schema(file), above)
    if not told:
        _write(file, text)
    return _answer(args, found, text, file, told=told)


def proposed(folder: Path) -> Proposal:
    """What the folder holds, as a manifest would say it."""
    from orchestrator import catalogue
    from orchestrator.manifest.runtime import Known
    from orchestrator.proposals import patterns, propose
    from orchestrator.runtimes import families
    from orchestrator.survey import survey

    known = Known(families(), {name: tuple(catalogue.entries(name)) for name in families()})
    found = propose(survey(folder, patterns(known.families.values())), folder.resolve().name, known)
    if not found.apps:
        read = "requirements.txt, package.json, *.csproj, pom.xml, Gemfile, composer.json, Dockerfile, compose.yaml ..."
        raise NothingSelected(f"no file in {folder} names a runtime", hint=f"isolate init DIR reads {read}")
    return found


def _above(file: Path, folder: Path) -> str:
    """The way from the manifest's folder to the one that was looked at, which has to lie in it."""
    base, wanted = file.parent.resolve(), folder.resolve()
    if not wanted.is_relative_to(base):
        hint = f"isolate init {quote(str(folder))} -o {quote(str(folder / 'manifest.yaml'))}"
        raise UsageError(f"{file} does not lie in {folder} or above it, where its apps are", hint=hint)
    return "" if wanted == base else str(wanted.relative_to(base))


def _schema(file: Path) -> str:
    """Where the JSON Schema is, from the manifest in a checkout; elsewhere it is on no path that others have."""
    import orchestrator

    shipped = Path(orchestrator.__file__).resolve().with_name("manifest.schema.json")
    folder = file.parent.resolve()
    return os.path.relpath(shipped, folder) if folder.is_relative_to(shipped.parents[1]) else ""


def _tried(text: str, file: Path) -> None:
    """Raises UsageError where names or values of the folder make a manifest that isolate itself would refuse."""
    from functools import partial

    from orchestrator import catalogue
    from orchestrator.files import LARGEST_MANIFEST, look
    from orchestrator.manifest import Source, parse
    from orchestrator.runtimes import families

    versions = {name: tuple(catalogue.entries(name)) for name in families()}
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_MANIFEST:
        raise UsageError("what this folder holds makes a manifest that is too large", hint="isolate init DIR/APP")
    try:
        parse([Source(file, text, partial(look, file.parent))], families(), versions)
    except ManifestError as error:
        message = f"what this folder holds makes no valid manifest: {error.message}"
        raise UsageError(message, hint=error.hint, excerpt=error.excerpt) from None


def _write(file: Path, text: str) -> None:
    """At once, and never through a link: what stood there is whole until then."""
    import tempfile

    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".isolate-") as aside:
            new = Path(aside) / "manifest.yaml"
            new.write_text(text, encoding="utf-8")
            new.replace(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}", hint="-o FILE, or -o - for stdout") from None


def _answer(args: argparse.Namespace, found: Proposal, text: str, file: Path, *, told: bool) -> int:
    import sys

    from orchestrator.cli._answer import answer
    from orchestrator.sanitise import one_line

    unclear = [f"{name}: {what}" for name, app in found.apps.items() for what in app.unclear]
    code = ManifestError.exit_code if unclear else 0
    whole: dict[str, Any] = {"project": found.name, "file": None if told else str(file), "dry_run": bool(args.dry_run)}
    whole |= {"apps": {name: _app(app) for name, app in found.apps.items()}, "notes": [*map(one_line, found.notes)]}
    whole |= {"manifest": text} if told else {}
    if unclear:
        whole["error"] = {"message": "; ".join(map(one_line, unclear)), "where": str(file), "hint": _hint(file)}
    answer(args, whole, text.splitlines() if told else [], code)
    for line in [] if args.json else _said(found, unclear, file, told=told):
        print(one_line(line, 1000), file=sys.stderr)
    return code


def _said(found: Proposal, unclear: list[str], file: Path, *, told: bool) -> list[str]:
    """What a person reads: each app with its runtime, what is open, and the next steps."""
    apps = [f"{name}: {app.chosen.runtime or 'to be chosen'}, {_kind(app)}" for name, app in found.apps.items()]
    lines = [] if told else [f"wrote {file}", *apps]
    if unclear:
        return [*lines, *(f"error: {one}" for one in unclear), f"hint: {_hint(file)}"]
    return (
        [*lines, f"next: isolate validate {quote(str(file))}", f"next: isolate up {quote(str(file))}"] if lines else []
    )


def _kind(app: ProposedApp) -> str:
    return f"a service on {', '.join(map(str, app.ports))}" if app.ports else "a job"


def _hint(file: Path) -> str:
    return f"say it in {file}, then: isolate validate {quote(str(file))}"


def _app(app: ProposedApp) -> dict[str, Any]:
    """One app for programs; `choices` holds the runtimes of which a person has to choose one."""
    from orchestrator.sanitise import one_line

    says = [
        {"where": f"{s.mark.file}:{s.mark.line}", "family": s.family, "says": one_line(s.version)}
        for s in app.chosen.says
    ]
    return {
        "folder": app.folder or ".",
        "runtime": {"declared": app.chosen.runtime or None, "sources": says},
        "command": list(app.start.command) if app.start else None,
        "ports": list(app.ports),
        "choices": list(app.chosen.choices),
        "unclear": [one_line(one) for one in app.unclear],
        "notes": [one_line(one) for one in app.notes],
    }
