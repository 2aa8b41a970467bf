"""Words of strangers, made to fit a manifest."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable

from orchestrator.manifest import words
from orchestrator.manifest.scalars import FORBIDDEN, core
from orchestrator.sanitise import one_line

LONGEST = 40
LONGEST_VALUE = 2000
PLAIN = re.compile(r"[A-Za-z_./][A-Za-z0-9_./@+-]*", re.ASCII)


def fit(text: str, taken: Container[str] = (), otherwise: str = "app") -> str:
    """A name for an app: small letters, digits and dashes, not one of those taken."""
    name = re.sub(r"[^a-z0-9]+", "-", text[:200].lower()).strip("-")[:LONGEST].strip("-")
    name = name if name not in {"", "isolate", "localhost"} else otherwise
    numbered = (f"{name[: LONGEST - 4]}-{number}" for number in range(2, 1000))
    return next(one for one in (name, *numbered) if one not in taken)


def project_name(text: str) -> str:
    """The same for a project."""
    return fit(text, otherwise="project")


def writable(text: str, *, lines: bool = False) -> bool:
    """Whether a manifest may hold this text at all."""
    return len(text) <= LONGEST_VALUE and not FORBIDDEN.search(text) and (lines or "\n" not in text)


def scalar(text: str) -> str:
    """A string as YAML: bare where it is one word that means itself, else quoted as in JSON."""
    if PLAIN.fullmatch(text) and isinstance(core(text), str):
        return text
    return json.dumps(text, ensure_ascii=False)


def listed(texts: Iterable[str]) -> str:
    """A list on one line."""
    return f"[{', '.join(map(scalar, texts))}]"


def comment(text: str, indent: str = "") -> str:
    """One line that nothing in it can end."""
    return f"{indent}# {one_line(text, 240)}".rstrip()


def variable(name: str) -> bool:
    """Whether a manifest may set it: isolate keeps PORT, and what a machine keeps is no app's."""
    kept = name in {"PORT", "PATH", "HOME", "VIRTUAL_ENV"} or name.startswith(("ISOLATE_", "LD_"))
    return re.fullmatch(words.VARIABLE.pattern, name, re.ASCII) is not None and not kept
