"""The application: what its parts offer, behind one gate."""

import asyncio
from collections.abc import Mapping, Sequence

import attrs
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from keisei_plugins_watch.server.address import Address
from keisei_plugins_watch.server.gate import Gate
from keisei_plugins_watch.server.static import File, static_routes


@attrs.frozen
class Part:
    """What one part of the server offers."""

    files: Mapping[str, File] = attrs.field(factory=dict)
    """Pages, styles and scripts by their paths; anybody on this machine may read them, so they tell nothing."""
    routes: Sequence[BaseRoute] = ()
    """All below `/api/`, which takes the token."""


def application(address: Address, token: str, parts: Sequence[Part]) -> Starlette:
    """Returns the application.

    `application.state.closing`, an `asyncio.Event`, is set once the server is about to end: who answers for long, as a
    stream of events does, ends then.

    Args:
        address: where it is reached.
        token: which what is below `/api/` asks for.
        parts: of which the first to offer a path has it.
    """
    routes = [route for part in parts for route in (*static_routes(part.files), *part.routes)]
    made = Starlette(routes=routes, middleware=[Middleware(Gate, address, token)])
    made.state.closing = asyncio.Event()
    return made
