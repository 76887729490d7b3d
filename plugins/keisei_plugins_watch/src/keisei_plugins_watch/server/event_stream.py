"""Answers that go on: server-sent events (WHATWG HTML, 9.2), each with one JSON value."""

import json
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.responses import StreamingResponse

NOTHING: Final = ": nothing\n\n"
"""A comment, by which a page knows that its server is there."""


def event_stream(values: AsyncIterator[Any]) -> StreamingResponse:
    """Returns a response that sends each value as an event; for None it only says that the server is there."""
    return StreamingResponse(_told(values), media_type="text/event-stream")


async def _told(values: AsyncIterator[Any]) -> AsyncIterator[str]:
    async for value in values:
        yield NOTHING if value is None else f"data: {json.dumps(value, ensure_ascii=False, allow_nan=False)}\n\n"
