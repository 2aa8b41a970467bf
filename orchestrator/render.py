"""Facts + template -> Dockerfile text. Values come validated; nothing of a manifest is ever template source."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jinja2

from orchestrator import resources


@cache
def _templates() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(resources.images())
    # Dockerfiles, not HTML: autoescape would corrupt them, and every value is validated or JSON-encoded.
    made = jinja2.Environment(  # noqa: S701
        loader=loader,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["json"] = json.dumps
    return made


def dockerfile(template: str, **facts: Any) -> str:
    """The text of `images/<template>`, rendered with exactly these facts.

    Raises jinja2.UndefinedError where the template asks for a fact that is not given: a bug, never a user's mistake.
    """
    return _templates().get_template(template).render(facts)
