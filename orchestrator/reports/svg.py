"""A run -> one slide: a single SVG of 16:9, without a script, a font or an image from elsewhere, to show in a room."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import jinja2

from orchestrator.reports.page.text import line, said
from orchestrator.reports.page.told import told
from orchestrator.reports.run import Run
from orchestrator.reports.slide.slide import slide

HERE = Path(__file__).parent


def svg(run: Run, entry: str = "") -> str:
    """The first shared entry of the run, or the one of that name. What strangers said is text in it, never markup."""
    return _template().render(slide=slide(told(run.recorded), entry))


@cache
def _template() -> jinja2.Template:
    """Colours stand in each element: what shows slides knows no stylesheet's variables."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "slide"),
        autoescape=True,
        finalize=said,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["cut"] = line
    light = (HERE / "page" / "palette.css").read_text("utf-8").partition("@media")[0]
    made.globals["colour"] = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", light))
    return made.get_template("slide.svg.j2")
