"""A proposal -> the text of a manifest. Every comment is one line, and every value is quoted where it has to be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from posixpath import join, normpath

from orchestrator.proposals.names import comment, listed, scalar, writable
from orchestrator.proposals.values import Chosen, Proposal, ProposedApp

INDENT = "    "
EDITOR = "For an editor: isolate schema > manifest.schema.json, and yaml-language-server: $schema=manifest.schema.json"


def document(of: Proposal, schema: str, above: str = "", *, settled: bool = False) -> str:
    """The manifest, with where everything in it comes from.

    schema: where its JSON Schema is, or empty. above: from the manifest's folder to the one that was looked at.
    settled: as if a person had said what is left open: the first choice, and any command. For a trial reading.
    """
    head = [
        comment(f"yaml-language-server: $schema={schema}" if schema else EDITOR),
        comment(
            "Written by isolate init from what the folder holds; each line says where it comes from. It is yours now."
        ),
        *(comment(note) for note in of.notes),
        f"name: {scalar(of.name)}",
        "",
        "apps:",
    ]
    apps = ["\n".join(_app(one, above, settled=settled)) for one in of.apps.values()]
    return "\n".join(head) + "\n" + "\n\n".join(apps) + "\n" + "".join(f"{line}\n" for line in _shared(of))


def _app(app: ProposedApp, above: str, *, settled: bool) -> Iterator[str]:
    yield f"  {app.name}:"
    yield from (comment(note, INDENT) for note in app.notes)
    yield from _runtime(app.chosen, settled=settled)
    yield f"{INDENT}build: {scalar(_build(above, app.folder))}"
    yield from _command(app, settled=settled)
    if app.environment:
        yield f"{INDENT}environment:"
        yield from (f"{INDENT}  {scalar(name)}: {scalar(text)}" for name, text in app.environment.items())
    if app.ports:
        yield comment(f"from {app.listens}", INDENT)
        yield f"{INDENT}ports: {json.dumps([str(port) for port in app.ports])}"
    if app.depends_on:
        yield f"{INDENT}depends_on:"
        yield from (f"{INDENT}  {name}: {{condition: {asked}}}" for name, asked in app.depends_on.items())
    yield from _checks(app)


def _build(above: str, folder: str) -> str:
    path = normpath(join(above, folder) or ".")
    return path if path == "." else f"./{path}"


def _runtime(chosen: Chosen, *, settled: bool) -> Iterator[str]:
    if chosen.runtime:
        said = "; ".join(f"{one.mark.file}:{one.mark.line} says {one.version}" for one in chosen.says)
        yield comment(f"{chosen.runtime}: {said or chosen.remark}", INDENT)
        yield f"{INDENT}runtime: {chosen.runtime}"
        return
    yield comment(f"{chosen.remark}{'; one of these:' if chosen.choices else ''}", INDENT)
    yield from (comment(f"runtime: {one}", INDENT) for one in chosen.choices)
    if settled:
        yield f"{INDENT}runtime: {chosen.choices[0] if chosen.choices else 'debian@bookworm'}"
    else:
        wanted = " or ".join(chosen.choices) or "one that isolate knows, or name an image of your own"
        yield f"{INDENT}runtime: {scalar(f'choose {wanted}')}"


def _command(app: ProposedApp, *, settled: bool) -> Iterator[str]:
    if app.start:
        yield comment(f"from {app.start.source}", INDENT)
        yield f"{INDENT}command: {listed(app.start.command)}"
    elif settled:
        yield f'{INDENT}command: ["true"]'
    else:
        yield comment("isolate could not tell how this app is started; say it here", INDENT)
        yield f"{INDENT}command: []"


def _checks(app: ProposedApp) -> Iterator[str]:
    path, source = app.asked
    if not app.ports:
        yield comment("nothing here says that it listens, so it is a job; a first check, to be sharpened", INDENT)
        yield f"{INDENT}checks: [{{exit: 0}}]"
        return
    known = writable(path) and path.isascii()
    yield comment(
        f"a first check{f', from {source}' if source and known else ''}; sharpen it with json or body", INDENT
    )
    yield f"{INDENT}checks: [{{http: {scalar(path if known else '/')}, status: 200}}]"


def _shared(of: Proposal) -> Iterator[str]:
    """Several apps of one family: the experiment is spelled out. Several families: the default knows who can share."""
    families = {app.chosen.family for app in of.apps.values()}
    if len(of.apps) > 1:
        yield ""
    if len(of.apps) > 1 and len(families) == 1 and "" not in families:
        yield "shared:"
        yield comment("all apps in one environment; after a first isolate up, `expect` can state what happens", "  ")
        yield "  - name: one-runtime"
        yield "    policy: one-runtime"
    elif len(of.apps) > 1:
        yield comment("shared is left out: every app is put with those that it can share an environment with")
