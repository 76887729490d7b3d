"""The part of the server that watches a run: its page, its stream of events, its button."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from keisei_plugins_watch.live.feed import INTERVAL_S, Feed
from keisei_plugins_watch.live.followed_run import FollowedRun
from keisei_plugins_watch.live.run_process import Stopper
from keisei_plugins_watch.server import Part, event_stream, files_in, shared_files


def watching(run: Path) -> Part:
    """Returns the part that watches a run.

    Args:
        run: its folder, which need not be a run yet.
    """
    feed, stopper = Feed(FollowedRun(run)), Stopper(run)

    async def events(request: Request) -> Response:
        return event_stream(_changes(feed, request.app.state.closing))

    async def stop(_: Request) -> Response:
        found = await asyncio.to_thread(stopper.ask)
        return JSONResponse({"pid": found.pid, "phase": found.phase})

    own = files_in(files("keisei_plugins_watch.live") / "assets", "/live")
    pages = {"/": own["/live/page.html"], **shared_files(), **own}
    return Part(pages, (Route("/api/events", events), Route("/api/stop", stop, methods=["POST"])))


async def _changes(feed: Feed, closing: asyncio.Event) -> AsyncIterator[Any]:
    """Yields what changed, first everything, and None where nothing did, until the server ends."""
    version = 0
    while not closing.is_set():
        await feed.look()
        changes, version = feed.since(version), feed.version
        yield {"changes": changes} if changes else None
        with suppress(TimeoutError):
            await asyncio.wait_for(closing.wait(), INTERVAL_S)
