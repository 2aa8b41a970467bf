"""Plain values -> YAML that Compose reads back as the same values."""

from __future__ import annotations

import re
import sys
from typing import Any

import yaml

_WORD = re.compile(r"[A-Za-z/.][A-Za-z0-9 ._/-]*[A-Za-z0-9._/-]|[A-Za-z]")
"""What every YAML reader takes for a string; `1e3` and `0o17` are numbers to Compose and not to PyYAML."""


class _Dumper(yaml.SafeDumper):
    """Writes no aliases: Compose reads them, people do not."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


def _string(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if value.count("\n") > 1 else None if _WORD.fullmatch(value) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _string)


def text(document: Any) -> str:
    """The document's YAML; `$` in a value is written `$$`, since Compose would take it for a variable."""
    return yaml.dump(_literal(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=sys.maxsize)


def _literal(value: Any) -> Any:
    match value:
        case str():
            return value.replace("$", "$$")
        case dict():
            return {key: _literal(inner) for key, inner in value.items()}
        case list():
            return [_literal(inner) for inner in value]
        case _:
            return value
