"""A server in a thread of this process, and requests to it as any program of the machine can make them."""

import http.client
import threading
from collections.abc import Mapping
from typing import Any

import attrs

from keisei_plugins_watch.server import Address, Part, application
from keisei_plugins_watch.server.address import listening
from keisei_plugins_watch.server.serving import Server

TOKEN = "the-token"
WAIT_S = 300.0


@attrs.frozen
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: str


class Served:
    """Parts that are served until `stop`."""

    def __init__(self, *parts: Part, port: int | None = None, token: str = TOKEN) -> None:
        self.token = token
        self.listener = listening(port, "a test")
        self.address = Address(self.listener.getsockname()[1])
        self.server = Server(application(self.address, token, parts), "")
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]})
        self.thread.start()

    def page(self, path: str) -> str:
        """The address of a page with the token."""
        return self.address.page(path, self.token)

    def own(self, **changes: str | None) -> dict[str, str]:
        """Headers as the server's own pages send them; None leaves one out."""
        usual = {"Host": f"127.0.0.1:{self.address.port}", "Origin": f"http://127.0.0.1:{self.address.port}"}
        usual["Authorization"] = f"Bearer {self.token}"
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.address.port, timeout=WAIT_S)

    def ask(self, method: str, path: str, body: str | None = None, **changes: Any) -> Answer:
        """Sends a request as an own page does but for what is given; `-` in a header's name is written `_`."""
        connection = self.connection()
        headers = self.own(**{name.replace("_", "-"): value for name, value in changes.items()})
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        try:
            return Answer(response.status, dict(response.headers), response.read().decode())
        finally:
            connection.close()

    def stop(self) -> None:
        """Ends the server as Ctrl-C does and waits for that."""
        self.server.should_exit = True
        self.thread.join(WAIT_S)
        self.listener.close()
        assert not self.thread.is_alive()
