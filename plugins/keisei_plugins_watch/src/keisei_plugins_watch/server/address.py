"""Where the server listens, and the port for it: one that is free, and the same one again for the same run."""

import socket
from hashlib import sha256
from typing import Final

import attrs

from keisei_core.errors import ConfigError

HOST: Final = "127.0.0.1"
"""No other machine reaches it."""
NAMES: Final = (HOST, "localhost")
FIRST_PORT: Final = 49_152
"""Ports from here on are nobody's (RFC 6335, section 6)."""
NUM_PORTS: Final = 65_536 - FIRST_PORT
BACKLOG: Final = 64


@attrs.frozen
class Address:
    """A port of this machine."""

    port: int

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a browser that means this server writes as `Host`."""
        return tuple(f"{name}:{self.port}" for name in NAMES)

    def page(self, path: str, token: str) -> str:
        """Returns the address of a page with the token in its fragment, which a browser keeps to itself."""
        return f"http://{HOST}:{self.port}{path}#token={token}"


def listening(port: int | None, wish: str) -> socket.socket:
    """Returns a socket that listens to this machine.

    Args:
        port: which one; None takes the one that belongs to the wish, or any other where that is taken.
        wish: what the server is for: the same words lead to the same port, so that a page finds its server again.

    Raises:
        ConfigError: the port can't be had.
    """
    if port is not None:
        try:
            return _bound(port)
        except OSError as error:
            told = f"--port {port}: can't be listened at ({error.strerror}); leave it out for a free one"
            raise ConfigError([told]) from None  # the user's doing: no plugin is to blame
    try:
        return _bound(FIRST_PORT + int(sha256(wish.encode()).hexdigest(), 16) % NUM_PORTS)
    except OSError:
        return _bound(0)


def _bound(port: int) -> socket.socket:
    found = socket.socket()
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a server that ended keeps nobody waiting
        found.bind((HOST, port))
        found.listen(BACKLOG)
    except OSError:
        found.close()
        raise
    return found
