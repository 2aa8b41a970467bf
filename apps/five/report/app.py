"""Counts rows, as a command of click 8 does it."""

import click


@click.command()
@click.option("--rows", type=click.IntRange(1, clamp=True), default=12, show_default=True)
def report(rows):
    click.echo(f"{rows} rows")


report()
