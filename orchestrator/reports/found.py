"""What was observed or searched for -> its part of the result document."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.model import Bin, Bisected, Cell, CheckResult, Grid, Packed, Row
from orchestrator.reports.document import BinSeen, BisectedSeen, CellSeen, Checked, GridSeen, PackedSeen, RowSeen


def of_cell(cell: Cell) -> CellSeen:
    """A cell, wherever it stands."""
    return {
        "app": cell.app,
        "arm": cell.arm,
        "environment": cell.environment,
        "outcome": cell.outcome,
        "beside": list(cell.beside),
        "order": cell.order,
        "base": cell.base,
        "probe": cell.probe,
        "phase": cell.phase,
        "exit_code": cell.exit_code,
        "quote": cell.quote,
        "observed": cell.observed,
        "checks": of_checks(cell.checks),
        "seconds": cell.seconds,
        "runs": cell.runs,
        "remembered": cell.remembered,
    }


def of_checks(checks: Iterable[CheckResult]) -> list[Checked]:
    """Checks, of a cell or of an app."""
    return [{"name": one.name, "passed": one.passed, "detail": one.detail} for one in checks]


def of_grid(grid: Grid) -> GridSeen:
    """What `matrix` has observed."""
    return {"environments": list(grid.environments), "rows": [_row(row) for row in grid.rows]}


def _row(row: Row) -> RowSeen:
    return {
        "app": row.app,
        "runtime": row.runtime,
        "cells": [of_cell(cell) for cell in row.cells],
        "own": of_cell(row.own) if row.own else None,
        "claims": [{"text": one.text, "where": str(one.mark), "admits": list(one.admits)} for one in row.claims],
        "over_claims": list(row.over),
        "under_claims": list(row.under),
    }


def of_packed(packed: Packed) -> PackedSeen:
    """What `pack` has found."""
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


def _bin(one: Bin) -> BinSeen:
    cells = [of_cell(cell) for cell in one.cells]
    return {"environment": one.environment, "apps": list(one.apps), "cells": cells}


def of_bisected(found: Bisected) -> BisectedSeen:
    """What `bisect` has found."""
    return {
        "app": found.app,
        "runtime": found.runtime,
        "story": found.story,
        "first": found.first,
        "mended": found.mended,
        "monotonic": found.monotonic,
        "cells": [of_cell(cell) for cell in found.cells],
        "unseen": list(found.unseen),
        "observations": found.observations,
    }
