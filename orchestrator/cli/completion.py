"""`isolate completion`: what a shell needs to complete isolate's commands, options, manifests, projects and apps."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from orchestrator.errors import UsageError

SUMMARY = "print a completion script for a shell"
EXAMPLE = 'eval "$(isolate completion bash)"'
SHELLS = ("bash", "zsh", "fish")
MANY = re.compile(r'"(?:\(\*\)|(\(-\))\*)::?')
"""How shtab tells zsh of arguments that may be many: it would complete the first alone, or not see what is before."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which shell. The scripts ask `isolate completion --names KIND -- WORDS...` themselves."""
    from orchestrator.cli import _known

    parser.add_argument("shell", nargs="?", choices=SHELLS)
    parser.add_argument("--names", choices=_known.KINDS, help=argparse.SUPPRESS)
    parser.set_defaults(command=[])


def run(args: argparse.Namespace) -> int:
    """Generated from the parser itself, so it cannot fall behind."""
    from orchestrator.cli import _known
    from orchestrator.cli._answer import answer

    if args.names:
        names = _known.names(args.names, args.command)
        return answer(args, {"names": names}, names)
    if not args.shell:
        raise UsageError("which shell?", hint="isolate completion bash, zsh or fish")
    text = script(args.shell)
    return answer(args, {"shell": args.shell, "script": text}, text.splitlines())


def script(shell: str) -> str:
    """The whole script of one shell."""
    import shtab

    from orchestrator import cli
    from orchestrator.cli._shells import completer

    parser = cli.parser()
    for action in _actions(parser):
        if action.choices is None and (complete := completer(action)):
            action.complete = complete  # type: ignore[attr-defined]
    text = shtab.complete(parser, shell=shell)
    return MANY.sub(r'"\1*:', text) if shell == "zsh" else text


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """All of the parser's, and of its sub-parsers'; argparse has no public list."""
    for action in parser._actions:  # noqa: SLF001
        yield action
        if isinstance(action.choices, dict):
            for command in action.choices.values():
                yield from _actions(command)
