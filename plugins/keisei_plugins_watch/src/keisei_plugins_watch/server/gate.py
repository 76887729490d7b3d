"""The gate: what comes in is looked at before anything else sees it, and what goes out says what a page may do.

A page of another site can make a browser send requests to this server. It can't be let in: `Host` must be this server's
own (a name that was pointed here, as in DNS rebinding, is not), `Origin` and `Sec-Fetch-Site` must be those of its own
pages, and it lacks the token. Pages and scripts tell nothing and need no token; all below `/api/` needs it.
"""

import hmac
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keisei_plugins_watch.server.address import Address

API: Final = "/api/"
READING: Final = ("GET", "HEAD")
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Gate:
    """Stands before an application."""

    def __init__(self, application: ASGIApp, address: Address, token: str) -> None:
        """Takes what it guards, where that is reached, and who may."""
        self.application = application
        self.address = address
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or answers 403 with the reason; nothing but HTTP is served."""
        if scope["type"] == "lifespan":
            return await self.application(scope, receive, send)
        if scope["type"] != "http":
            raise RuntimeError(f"expected HTTP, got {scope['type']}")

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        reason = self.refusal(scope["method"], scope["path"], Headers(scope=scope))
        if reason:
            return await PlainTextResponse(f"{reason}\n", 403)(scope, receive, told)
        return await self.application(scope, receive, told)

    def refusal(self, method: str, path: str, headers: Headers) -> str:
        """Returns why a request is not let in; nothing where it is."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self.address.hosts:
            return f"Host must be one of {', '.join(self.address.hosts)}"
        if not path.startswith(API):
            return "" if method in READING else f"only pages and scripts are here: {method} is for {API}"
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return "only pages of this server may ask"
        own = f"http://{hosts[0]}"
        if headers.get("origin", own if method in READING else "") != own:
            return f"Origin must be {own}"
        given = headers.get("authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, f"Bearer {self.token}".encode()):
            return "the token is missing or wrong: open the address that the server printed"
        return ""
