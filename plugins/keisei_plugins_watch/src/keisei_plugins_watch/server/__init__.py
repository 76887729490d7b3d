"""The server: this machine alone reaches it, and who has the token alone gets anything from it."""

from keisei_plugins_watch.server.address import Address
from keisei_plugins_watch.server.application import Part, application
from keisei_plugins_watch.server.event_stream import event_stream
from keisei_plugins_watch.server.serving import serve
from keisei_plugins_watch.server.shared import shared_files
from keisei_plugins_watch.server.static import File, files_in

__all__ = ["Address", "File", "Part", "application", "event_stream", "files_in", "serve", "shared_files"]
