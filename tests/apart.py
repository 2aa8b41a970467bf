"""Which tests may run beside each other, in processes of their own (pytest-xdist).

xdist 3.8 has groups by a marker, which pytest 9.2 does not let through to it; so the groups are told by the file.
"""

from __future__ import annotations

from pathlib import PurePath

from xdist.scheduler import LoadScopeScheduling

GALLERY = frozenset(
    (
        *("test_action", "test_apps", "test_ci_page", "test_compose_pair", "test_explain", "test_method"),
        *("test_render", "test_searches", "test_test", "test_up"),
    )
)
"""Files whose tests run the manifests of apps/ as they are, and so in projects of the same names."""
TOGETHER = frozenset(("engines", "labs"))
"""Folders whose files have projects of the same names."""


SINGLE = frozenset(("test_faults", "test_before_the_engine"))
"""Files whose tests may all run beside each other."""


def group(nodeid: str) -> str:
    """What a test must not run beside: its file, or more; those of SINGLE name their projects apart, or need none."""
    path = PurePath(nodeid.partition("::")[0])
    if path.stem in GALLERY:
        return "gallery"
    if path.parent.name in TOGETHER:
        return path.parent.name
    return nodeid if path.stem in SINGLE else str(path)


class ByProject(LoadScopeScheduling):  # type: ignore[misc]
    """xdist's own scheduling by scope, with other scopes."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)
