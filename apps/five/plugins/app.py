"""Loads a plugin from its folder, in the way of Python 2 and the early 3."""

import imp
import pathlib

import click


@click.command()
def speak():
    path = pathlib.Path(__file__).parent / "plugin.py"
    click.echo(imp.load_source("plugin", str(path)).WORDS)


speak()
