"""Serving until Ctrl-C: the socket, the line that tells the address, the browser."""

import asyncio
import os
import sys
import tempfile
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from html import escape
from pathlib import Path
from secrets import token_urlsafe
from socket import socket
from threading import Thread, Timer
from typing import Final

import uvicorn
from starlette.applications import Starlette

from keisei_core.output import answer
from keisei_plugins_watch.server.address import Address, listening
from keisei_plugins_watch.server.application import Part, application

TOKEN_BYTES: Final = 32
"""The token lasts as long as its server: who listens at the port later learns nothing from pages left open."""
END_S: Final = 2
"""Seconds that answers under way have to end."""
SCREENS: Final = ("DISPLAY", "WAYLAND_DISPLAY")
"""Without one of them a browser would take the terminal, except on a Mac."""
SNAP: Final = Path("/snap/bin")
"""Where it is, browsers may be Snap's, which have a /tmp of their own but may read what is not hidden in a home."""
LEADING_S: Final = 30.0
"""Seconds that a browser has to read the file which leads to the page."""
ENDS: Final = "Ctrl-C ends it; other machines can't reach it: docs/watch.md tells how to watch from one"


class Server(uvicorn.Server):
    """Ends streams of events before it waits for them."""

    def __init__(self, made: Starlette, told: str) -> None:
        """Takes an application as `application` makes it, and what is told on stdout once it listens."""
        # h11 and asyncio come with uvicorn; nothing is said of requests, whose addresses are nobody's business.
        super().__init__(
            uvicorn.Config(
                made,
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=END_S,
            )
        )
        self.closing: asyncio.Event = made.state.closing
        self.told = told

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begins; only then does Ctrl-C end it well, so only then is anybody told."""
        await super().startup(sockets)
        answer(self.told)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Ends."""
        self.closing.set()
        await super().shutdown(sockets)


def serve(
    parts: Sequence[Part], *, page: str, port: int | None = None, opens_browser: bool = True, wish: str = ""
) -> None:
    """Serves until Ctrl-C, after telling on stdout where.

    Args:
        parts: what there is.
        page: path and query of the page to open first.
        port: None takes a free one.
        opens_browser: whether the page is opened at once.
        wish: what the server is for; the same words lead to the same free port, where they can.

    Raises:
        ConfigError: the port can't be had.
    """
    # The server raises Ctrl-C again once it has ended.
    with listening(port, wish or page) as listener, suppress(KeyboardInterrupt):
        address, token = Address(listener.getsockname()[1]), token_urlsafe(TOKEN_BYTES)
        url = address.page(page, token)
        opens_browser = opens_browser and _has_screen()
        told = f"{url}\n{'if the browser shows nothing, open this address; ' if opens_browser else ''}{ENDS}"
        server = Server(application(address, token, parts), told)
        with _browser(url) if opens_browser else nullcontext():
            server.run(sockets=[listener])


def _has_screen() -> bool:
    return sys.platform == "darwin" or any(map(os.environ.get, SCREENS))


@contextmanager
def _browser(url: str) -> Iterator[None]:
    """Opens a page in the user's browser.

    Its address has the token, and what a program is started with is seen by all users of a machine: the browser is
    started with a file that they can't read, which leads on, and which is there only as long as that takes.
    """
    file = _leading_to(url)
    ending = Timer(LEADING_S, file.unlink, kwargs={"missing_ok": True})
    ending.daemon = True
    try:
        ending.start()
        Thread(target=webbrowser.open, args=(file.as_uri(),), daemon=True).start()  # some browsers are waited for
        yield
    finally:
        ending.cancel()
        file.unlink(missing_ok=True)


def _leading_to(url: str) -> Path:
    """Returns a page, for its owner alone, that leads to another."""
    folder = Path.home() if SNAP.is_dir() else None
    descriptor, name = tempfile.mkstemp(prefix="keisei-", suffix=".html", dir=folder)
    leads = f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={escape(url)}">'
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f'{leads}<a href="{escape(url)}">Keisei</a>\n')
    return Path(name)
