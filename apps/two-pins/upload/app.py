"""Tells which generation of packaging it got."""

from importlib.metadata import version

print("ok", version("packaging").split(".")[0])
