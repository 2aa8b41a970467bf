"""`isolate completion`: what a shell needs to complete isolate's commands and options."""

from __future__ import annotations

import argparse

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

    script = shtab.complete(cli.parser(), shell=args.shell)
    return answer(args, {"shell": args.shell, "script": script}, script.splitlines())
