"""The addresses of the page: the document, its two files, what happens, and what is to be done."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from orchestrator.lab.page import known, view
from orchestrator.lab.page.actions import ACTIONS
from orchestrator.lab.page.guard import Guard
from orchestrator.lab.page.workshop import Workshop
from orchestrator.reports.html import PAGE

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

HERE = Path(__file__).parent
FILES = {
    "page.css": ("text/css", (PAGE / "palette.css", HERE / "page.css")),
    "page.js": ("text/javascript", (HERE / "page.js",)),
}
LONGEST = 4096
"""Bytes of a form."""
BETWEEN_SECONDS = 0.1
"""From one message to the next: a build's lines come quicker than anybody reads."""
LOOK_SECONDS = 0.5
"""How soon what a terminal did is seen."""


class Site:
    """One workshop, one token. `ticket` opens the page once: a browser's command line is no secret."""

    def __init__(self, workshop: Workshop, port: int) -> None:
        self.token = secrets.token_urlsafe(24)
        self.ticket = secrets.token_urlsafe(24)
        self.ending = False
        self._workshop = workshop
        self._port = port

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}/{self.token}/"

    @property
    def opening(self) -> str:
        return f"http://127.0.0.1:{self._port}/open/{self.ticket}"

    def application(self) -> ASGIApp:
        """With the guard around it."""
        routes = [
            Route("/open/{ticket}", self._open),
            Route(f"/{self.token}/", self._page),
            Route(f"/{self.token}/events", self._events),
            Route(f"/{self.token}/do/{{name}}", self._do, methods=["POST"]),
            Route(f"/{self.token}/{{name}}", self._file),
        ]
        return Guard(Starlette(routes=routes), self.token, self._port)

    async def _open(self, request: Request) -> Response:
        given = request.path_params["ticket"].encode("utf-8", "replace")
        if not (self.ticket and secrets.compare_digest(given, self.ticket.encode())):
            return PlainTextResponse("This was opened once already; use the address that the terminal shows.\n", 404)
        self.ticket = ""
        return RedirectResponse(f"/{self.token}/", 303)

    async def _page(self, _: Request) -> Response:
        return HTMLResponse(await asyncio.to_thread(self._document))

    def _document(self) -> str:
        return view.page(self._workshop.known(again=True), self._workshop.state, self.token)

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in FILES:
            return PlainTextResponse("There is no such file.\n", 404)
        kind, parts = FILES[name]
        return Response(b"".join(part.read_bytes() for part in parts), media_type=kind)

    async def _do(self, request: Request) -> Response:
        """Whatever comes of it is shown by the page, which is where this leads to."""
        form = await _form(request)
        if not secrets.compare_digest(form.get("token", "").encode("utf-8", "replace"), self.token.encode()):
            return PlainTextResponse("The form has not the token of this page.\n", 403)
        name = request.path_params["name"]
        if name == "stop":
            await asyncio.to_thread(self._workshop.stop)
        elif name in ACTIONS:
            await asyncio.to_thread(self._workshop.act, name, form.get("value", ""))
        else:
            return PlainTextResponse("There is no such action.\n", 404)
        return RedirectResponse(f"/{self.token}/", 303)

    async def _events(self, _: Request) -> Response:
        return StreamingResponse(self._messages(), media_type="text/event-stream")

    async def _messages(self) -> AsyncIterator[str]:
        """All regions first, then those that have changed; until the browser leaves, or the server ends."""
        changed, loop = asyncio.Event(), asyncio.get_running_loop()
        leave = self._workshop.watch(lambda: loop.call_soon_threadsafe(changed.set))
        sent: dict[str, str] = {}
        last: Any = None
        try:
            yield "retry: 1000\n\n"
            while not self.ending:
                changed.clear()
                before = known.stamp()
                regions, facts = await asyncio.to_thread(self._now)
                news = {name: one for name, one in regions.items() if sent.get(name) != one.mark}
                sent |= {name: one.mark for name, one in news.items()}
                if news or facts != last:
                    told = {**facts, "regions": {name: [one.mark, one.html] for name, one in news.items()}}
                    yield f"data: {json.dumps(told)}\n\n"
                last = facts
                await asyncio.sleep(BETWEEN_SECONDS)
                await self._something(changed, before)
        finally:
            leave()

    def _now(self) -> tuple[dict[str, view.Region], dict[str, Any]]:
        now = self._workshop.state
        found = self._workshop.known()
        return view.regions(found, now), view.facts(found, now)

    async def _something(self, changed: asyncio.Event, before: known.Stamp) -> None:
        """Until the workshop says so, or another process wrote the progress."""
        while not (changed.is_set() or self.ending or known.stamp() != before):
            try:
                await asyncio.wait_for(changed.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST:
            return {}
    return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
