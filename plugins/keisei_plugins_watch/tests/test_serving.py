"""Where the server listens."""

import socket
import stat
import tempfile
import threading
import webbrowser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from keisei_core.errors import ConfigError
from keisei_plugins_watch.server import serve
from keisei_plugins_watch.server.address import listening
from keisei_plugins_watch.server.serving import Server


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


def test_browser_is_started_with_a_file_that_only_its_owner_reads(tmp_path, monkeypatch, capsys):
    opened = threading.Event()
    found = {}

    def noted(uri):
        path = Path(unquote(urlsplit(uri).path))
        found.update(path=path, mode=stat.S_IMODE(path.stat().st_mode), text=path.read_text())
        opened.set()

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "open", noted)
    monkeypatch.setattr(Server, "run", lambda self, sockets: opened.wait())

    serve([], page="/")

    address = capsys.readouterr().out.splitlines()[0]
    assert (found["mode"], address in found["text"]) == (0o600, True)
    assert not found["path"].exists()


def test_each_server_has_a_token_of_its_own(monkeypatch, capsys):
    monkeypatch.setattr(Server, "run", lambda self, sockets: None)

    for _ in range(2):
        serve([], page="/", opens_browser=False)

    first, second = (line.partition("#token=")[2] for line in capsys.readouterr().out.splitlines()[::2])
    assert (len(first), len(second), first != second) == (43, 43, True)  # 256 bits each
