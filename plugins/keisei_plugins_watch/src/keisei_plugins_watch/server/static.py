"""Files of pages, read once from packages: what is not in the table is not there, whatever a path says."""

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import Final

import attrs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TYPES: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
"""What is handed out, by the end of a name."""


@attrs.frozen
class File:
    """A file as it is sent."""

    content: bytes
    media_type: str


def files_in(folder: Traversable, under: str) -> dict[str, File]:
    """Returns the files of a folder of a package, without those in folders in it, by their paths on the server.

    Args:
        folder: e.g. `importlib.resources.files("package") / "assets"`.
        under: where they stand, e.g. `/live`.
    """
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        end = entry.name[entry.name.rfind(".") :]
        if entry.is_file() and end in TYPES:
            found[f"{under}/{entry.name}"] = File(entry.read_bytes(), TYPES[end])
    return found


def static_routes(files: Mapping[str, File]) -> list[Route]:
    """Returns a route for each file."""
    return [_route(path, file) for path, file in files.items()]


def _route(path: str, file: File) -> Route:
    async def endpoint(_: Request) -> Response:
        return Response(file.content, media_type=file.media_type)

    return Route(path, endpoint)
