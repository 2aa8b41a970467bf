"""Who may ask the page for anything: one browser that knows the token, at our own address, from our own page."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class Guard:
    """Around the whole application.

    The address must be ours, or another site's name that was made to resolve to it (DNS rebinding) would do. The token
    is the first part of the path: a cookie would be sent for every app on this machine, whatever its port. What acts is
    a POST from our own page; another port of 127.0.0.1 is another origin, though the same site.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._root = f"/{token}"
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers itself where somebody is refused."""
        if scope["type"] != "http":
            return
        from starlette.responses import PlainTextResponse

        async def armed(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", ()), *told]
            await send(message)

        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if refused := self._refused(scope["method"], scope["path"], headers):
            await PlainTextResponse(*refused)(scope, receive, armed)
        else:
            await self._app(scope, receive, armed)

    def _refused(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[str, int] | None:
        if headers.get("host") not in self._hosts:
            return "This is another address than the one that isolate lab serve has printed.\n", 403
        if not self._known(path):
            return "Nothing is here without the token of the address that isolate lab serve has printed.\n", 404
        if method not in {"GET", "HEAD"} and not self._from_our_page(headers):
            return "Only the page itself may ask for this.\n", 403
        return None

    def _known(self, path: str) -> bool:
        """In a time that tells nothing about the token. /open/ has a ticket of its own instead, good for once."""
        given = path.encode("utf-8", "replace")
        return path.startswith("/open/") or secrets.compare_digest(
            given[: len(self._root) + 1], f"{self._root}/".encode()
        )

    def _from_our_page(self, headers: Mapping[str, str]) -> bool:
        """A form under `no-referrer` says `Origin: null`, so then the browser has to vouch for it."""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        ours = origin is None or origin.removeprefix("http://") in self._hosts
        return site in {None, "same-origin"} and (ours or (origin == "null" and site == "same-origin"))
