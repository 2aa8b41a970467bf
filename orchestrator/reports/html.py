"""A run -> one page: a single file without a script and without the network, to project and to attach."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

import jinja2
from markupsafe import Markup

from orchestrator.reports.page import details, entries, footer, grid, heading, lanes, search
from orchestrator.reports.page.text import end, line, said
from orchestrator.reports.page.timeline import timeline
from orchestrator.reports.page.told import Told, told
from orchestrator.reports.run import Run

PAGE = Path(__file__).parent / "page"


def html(run: Run) -> str:
    """The page. What strangers said is text in it, never markup; its size is bounded."""
    known = told(run.recorded)
    planned = entries.all_cells(known)
    cells = [one for one in planned if one[1].outcome != "not-run"]
    return _template().render(
        told=known,
        heading=heading.heading(known),
        outcome=heading.outcome(known),
        sections=entries.sections(known),
        isolated=lanes.isolated(known.drawn, list(known.drawn.sides)),
        failures=[(one, end(one.excerpt)) for one in known.failed],
        tables=[table for one in known.grids for table in grid.of_matrix(one)],
        notes=[note for one in known.grids for note in grid.notes(one)],
        found=_found(known),
        timeline=timeline(known),
        details=details.details(cells, known),
        not_run=len(planned) - len(cells),
        cells_left_out=max(0, len(cells) - details.CELLS),
        logs=details.logs(run.logs),
        logs_left_out=max(0, len(run.logs) - details.LOGS),
        facts=list(footer.facts(known)),
        again=footer.again(known),
    )


def _found(known: Told) -> list[search.Found]:
    packed = [found for one in known.packed for found in search.packed(one)]
    return [*packed, *map(search.bisected, known.bisected)]


@cache
def _template() -> jinja2.Template:
    """Nothing but our own stylesheet may act in the page: the policy names its hash."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PAGE),
        autoescape=True,
        finalize=said,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["cut"] = line
    style = "".join((PAGE / name).read_text("utf-8") for name in ("palette.css", "report.css"))
    made.globals["style"] = Markup(style)  # noqa: S704 - ours
    made.globals["style_hash"] = b64encode(sha256(style.encode()).digest()).decode()
    return made.get_template("report.html.j2")
