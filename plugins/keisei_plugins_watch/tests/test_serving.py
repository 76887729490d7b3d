"""Where the server listens."""

import socket

import pytest

from keisei_core.errors import ConfigError
from keisei_plugins_watch.server.address import listening


def test_other_machines_cannot_reach_it():
    with listening(None, "mine") as found:
        assert found.getsockname()[0] == "127.0.0.1"


def test_same_run_gets_the_same_port_again_unless_somebody_has_it():
    with listening(None, "mine") as first:
        port = first.getsockname()[1]
        with listening(None, "mine") as second:
            assert second.getsockname()[1] != port
    with listening(None, "mine") as again:
        assert again.getsockname()[1] == port


def test_port_that_is_taken_is_told():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"--port {port}: can't be listened at .*leave it out for a free one"):
            listening(port, "mine")
