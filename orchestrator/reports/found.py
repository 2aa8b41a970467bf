"""What a search found -> its part of the result document: `matrix`, `pack` or `bisect`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from orchestrator.events import EnvironmentsPacked, GridDrawn, VersionBisected
from orchestrator.model import Bin, Bisected, Cell, Grid, Packed, Row


def found(event: GridDrawn | EnvironmentsPacked | VersionBisected) -> dict[str, Any]:
    """One key of the document."""
    match event:
        case GridDrawn():
            return {"matrix": _grid(event.grid)}
        case EnvironmentsPacked():
            return {"pack": _packed(event.packed)}
        case VersionBisected():
            return {"bisect": _bisected(event.bisected)}


def of_cell(cell: Cell) -> dict[str, Any]:
    """A cell, wherever it stands."""
    return {**asdict(cell), "beside": list(cell.beside)}


def _grid(grid: Grid) -> dict[str, Any]:
    return {"environments": list(grid.environments), "rows": [_row(row) for row in grid.rows]}


def _row(row: Row) -> dict[str, Any]:
    return {
        "app": row.app,
        "runtime": row.runtime,
        "cells": [of_cell(cell) for cell in row.cells],
        "own": of_cell(row.own) if row.own else None,
        "claims": [{"text": one.text, "where": str(one.mark), "admits": list(one.admits)} for one in row.claims],
        "over_claims": list(row.over),
        "under_claims": list(row.under),
    }


def _packed(packed: Packed) -> dict[str, Any]:
    return {
        "runtimes": list(packed.runtimes),
        "environments": [_bin(one) for one in packed.bins],
        "unserved": [of_cell(cell) for cell in packed.unserved],
        "refuted": [_bin(one) for one in packed.refuted],
        "assumed": packed.assumed,
        "repaired": list(packed.repaired),
        "apart": list(packed.apart),
        "checked": packed.checked,
        "observations": packed.observations,
    }


def _bin(one: Bin) -> dict[str, Any]:
    cells = [of_cell(cell) for cell in one.cells]
    return {"environment": one.environment, "apps": list(one.apps), "cells": cells}


def _bisected(found: Bisected) -> dict[str, Any]:
    cells = [of_cell(cell) for cell in found.cells]
    return {**asdict(found), "cells": cells, "unseen": list(found.unseen)}
