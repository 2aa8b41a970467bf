"""`isolate completion`: what a shell needs to complete isolate's commands, options and manifests."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

SUMMARY = "print a completion script for a shell"
EXAMPLE = 'eval "$(isolate completion bash)"'
SHELLS = ("bash", "zsh", "fish")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which shell."""
    parser.add_argument("shell", choices=SHELLS)


def run(args: argparse.Namespace) -> int:
    """Generated from the parser itself, so it cannot fall behind."""
    import shtab

    from orchestrator import cli
    from orchestrator.cli._answer import answer

    parser = cli.parser()
    for action in _actions(parser):
        if not action.option_strings and action.choices is None:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    script = shtab.complete(parser, shell=args.shell)
    return answer(args, {"shell": args.shell, "script": script}, script.splitlines())


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """All of the parser's, and of its sub-parsers'; argparse has no public list."""
    for action in parser._actions:  # noqa: SLF001
        yield action
        if isinstance(action.choices, dict):
            for command in action.choices.values():
                yield from _actions(command)
