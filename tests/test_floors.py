"""A file imports only from floors below its own; siblings inside one folder excepted (ARCHITECTURE.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = (
    {"labels"},
    {"__init__", "errors", "model"},
    {"confinement", "events", "family", "places", "resources", "sanitise", "wording"},
    {"matching", "catalogue", "dockerignore", "minimal", "picture", "pip", "ranges", "render", "record", "signs"},
    {"expectation", "phrases", "runtimes"},
    {"bisection", "inventory", "manifest", "judge", "packing", "reports"},
    {"plan", "proposals"},
    {"exports", "contexts", "files", "host", "locks", "memory", "runs", "recipes"},
    {"survey"},
    {"engines"},
    {"bases", "observe"},
    {"arms", "diagnosis"},
    {"experiment"},
    {"explain", "searches"},
    {"running", "lab"},
    {"console"},
    {"cli", "testing"},
)


def part(module: str) -> str:
    """`orchestrator.engines.docker` belongs to `engines`."""
    return module.split(".")[1] if "." in module else "__init__"


def floor(name: str) -> int:
    return next(level for level, names in enumerate(FLOORS) if name in names)


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "orchestrator":
            below = node.module == "orchestrator"
            found |= {f"orchestrator.{alias.name}" if below else node.module for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("orchestrator.")}
    return {module for module in found if module != "orchestrator.__version__"}


MODULES = sorted(path for path in (ROOT / "orchestrator").rglob("*.py") if path.name != "__main__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_go_down(path: Path) -> None:
    own = path.relative_to(ROOT / "orchestrator").parts[0].removesuffix(".py")
    up = [
        f"{own} -> {part(module)}"
        for module in imports(path)
        if part(module) != own and floor(part(module)) >= floor(own)
    ]
    assert not up


def test_every_module_has_a_floor_and_every_floor_a_module() -> None:
    there = {path.relative_to(ROOT / "orchestrator").parts[0].removesuffix(".py") for path in MODULES}
    assert there == set().union(*FLOORS)
