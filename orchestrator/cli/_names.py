"""How a project is named on the command line, in every verb that takes one."""

from __future__ import annotations

import argparse

WORD = "M|NAME"
"""A manifest's path, or the bare name of a project."""


def option(parser: argparse.ArgumentParser) -> None:
    """`-p`, for manifests that were brought up under another name."""
    parser.add_argument("-p", "--project", metavar="NAME", help="the project's name, instead of the manifest's")
