"""The families of runtimes, found by being there: every module of this folder has a `FAMILY`."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from orchestrator.family import Family


@cache
def families() -> Mapping[str, Family]:
    """Name -> family, in alphabetical order."""
    found = [import_module(f"{__name__}.{module.name}").FAMILY for module in pkgutil.iter_modules(__path__)]
    return MappingProxyType({family.name: family for family in sorted(found, key=lambda one: one.name)})
