"""A page that is served, asked without a browser."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from orchestrator.lab.page.app import Site
from orchestrator.lab.page.workshop import Workshop


@dataclass(frozen=True)
class Open:
    """A page that is served."""

    folder: Path
    workshop: Workshop
    site: Site

    @property
    def files(self) -> Path:
        """Those of the first lab."""
        return self.folder / "home/isolate-labs/first"


def ask(
    opened: Open, path: str = "", method: str = "GET", body: str | None = None, **headers: str
) -> tuple[int, Mapping[str, str], str]:
    """Below the token where the path is no absolute one."""
    at = urlsplit(opened.site.address)
    connection = http.client.HTTPConnection("127.0.0.1", at.port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path if path.startswith("/") else at.path + path, body, named)
    answer = connection.getresponse()
    told = answer.read().decode()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, told


def do(opened: Open, name: str, token: str | None = None, value: str = "", **headers: str) -> int:
    form = urlencode({"token": opened.site.token if token is None else token, "value": value})
    return ask(opened, f"do/{name}", "POST", form, **headers)[0]
