"""What packages and files an environment holds, and how two of them differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from orchestrator.wording import some


@dataclass(frozen=True, slots=True)
class Inventory:
    """packages: name -> version; files: path -> hash; owners: path -> the packages that say it is theirs."""

    packages: Mapping[str, str]
    files: Mapping[str, str]
    owners: Mapping[str, Sequence[str]]


def read(text: str) -> Inventory | None:
    """The JSON that a family's `inventory` prints: an object with these three; None for anything else."""
    try:
        found = json.loads(text)
        return Inventory(dict(found["packages"]), dict(found["files"]), dict(found["owners"]))
    except (ValueError, TypeError, LookupError, RecursionError):
        return None


def changes(app: str, alone: Inventory, joint: Inventory) -> Iterator[str]:
    """What the app finds in the joint environment that is not as it is alone: packages, then files."""
    for name, version in sorted(alone.packages.items()):
        now = joint.packages.get(name)
        if now != version:
            yield f"alone {app} has {name} {version}, and {now or 'none'} in the joint environment"
    other = {path for path, digest in alone.files.items() if joint.files.get(path, digest) != digest}
    shared: dict[tuple[str, ...], list[str]] = {}
    for path in sorted(other):
        if len(owners := tuple(sorted(joint.owners[path]))) > 1:
            shared.setdefault(owners, []).append(path)
    for owners, paths in shared.items():
        yield f"{' and '.join(owners)} both install {some(paths)}, and the last one in wins"
