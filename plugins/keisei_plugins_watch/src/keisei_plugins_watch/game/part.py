"""What the server offers of a game: the page, what is asked for, and what has become of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from importlib.resources import files
from typing import Any, Final

import attrs
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from keisei_core.errors import KeiseiError
from keisei_core.records.formats import SUFFIXES, file_content
from keisei_plugins_watch.game.session import Session
from keisei_plugins_watch.server import Part, event_stream, files_in

PATH: Final = "/game"
REFUSED: Final = 409
"""HTTP: what is asked for does not fit what the game has become."""
SIGN_OF_LIFE_S: Final = 1.0
"""Also how soon it is seen that the server is about to end."""
MOST_BYTES: Final = 20_000
"""Of what a page may send."""


def game_part(session: Session) -> Part:
    """Returns the page `/game/` with what it talks to."""
    assets = files_in(files("keisei_plugins_watch.game") / "assets", PATH)
    page = assets.pop(f"{PATH}/page.html")
    return Part({f"{PATH}/": page, **assets}, tuple(_routes(session)))


def _routes(session: Session) -> list[Route]:
    """Returns what acts on the session, what follows it, and what reads it."""
    acts: dict[str, Callable[[dict[str, Any]], object]] = {
        "begin": session.begin,
        "move": lambda asked: session.play(str(asked.get("move", "")), asked.get("ply", -1)),
        "undo": lambda _: session.take_back(),
        "resign": lambda _: session.resign(),
        "strength": session.change_strength,
        "again": lambda _: session.try_again(),
    }
    routes = [Route(f"/api{PATH}/{name}", _acting(session, act), methods=["POST"]) for name, act in acts.items()]
    return [
        *routes,
        Route(f"/api{PATH}/hint", _hinting(session), methods=["POST"]),
        Route(f"/api{PATH}/events", _events(session)),
        Route(f"/api{PATH}/record", _record(session)),
    ]


def _acting(session: Session, act: Callable[[dict[str, Any]], object]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            asked = json.loads(body[:MOST_BYTES] or b"{}")
            if not isinstance(asked, dict):
                raise ValueError("no object")
        except ValueError:
            return PlainTextResponse("expected a JSON object", 400)
        try:
            await asyncio.to_thread(act, asked)
        except KeiseiError as error:
            return PlainTextResponse(str(error), REFUSED)
        return JSONResponse(session.view())

    return endpoint


def _hinting(session: Session) -> Callable[[Request], Any]:
    async def endpoint(_: Request) -> Response:
        try:
            hints = await asyncio.wrap_future(session.hints())
        except KeiseiError as error:
            return PlainTextResponse(str(error), REFUSED)
        return JSONResponse([attrs.asdict(hint) for hint in hints])

    return endpoint


def _events(session: Session) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> StreamingResponse:
        return event_stream(_views(session, request.app.state.closing))

    return endpoint


async def _views(session: Session, closing: asyncio.Event) -> AsyncIterator[dict[str, Any] | None]:
    """Yields the session whenever it changed, and None now and then, until the server ends."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def tell() -> None:
        loop.call_soon_threadsafe(changed.set)

    end = session.listen(tell)
    try:
        yield session.view()
        while not closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), SIGN_OF_LIFE_S)
            is_new = changed.is_set()
            changed.clear()
            yield session.view() if is_new else None
    finally:
        end()


def _record(session: Session) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        suffix = f".{request.query_params.get('form', 'kif')}"
        if suffix not in SUFFIXES:
            return PlainTextResponse(f"expected one of {', '.join(SUFFIXES)}, got {suffix}", 400)
        try:
            content, _ = file_content(session.record(), suffix)
        except KeiseiError as error:
            return PlainTextResponse(str(error), REFUSED)
        return Response(content, media_type="application/octet-stream")

    return endpoint
