"""Where the server listens."""

import socket
import stat
import sys
import tempfile
import threading
import webbrowser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from serving import WAIT_S

from keisei_core.errors import ConfigError
from keisei_core.output import answer
from keisei_plugins_watch.server import serve, serving
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


@pytest.fixture
def leading(tmp_path, monkeypatch):
    """A screen, and a browser that notes the file it is started with; the server ends then."""
    opened = threading.Event()
    found = {}

    def noted(uri):
        path = Path(unquote(urlsplit(uri).path))
        found.update(path=path, mode=stat.S_IMODE(path.stat().st_mode), text=path.read_text())
        opened.set()

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(serving, "SNAP", tmp_path / "snap")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "open", noted)
    monkeypatch.setattr(Server, "run", lambda self, sockets: (answer(self.told), opened.wait()))
    return found


def test_browser_is_started_with_a_file_that_only_its_owner_reads(tmp_path, leading, capsys):
    serve([], page="/")

    address, more = capsys.readouterr().out.splitlines()
    assert (leading["mode"], address in leading["text"]) == (0o600, True)
    assert more.startswith("if the browser shows nothing, open this address; Ctrl-C ends it")
    assert leading["path"].parent == tmp_path
    assert not leading["path"].exists()


def test_browser_of_snap_which_has_a_tmp_of_its_own_is_started_with_a_file_of_the_home(tmp_path, leading, monkeypatch):
    home = tmp_path / "home"
    for folder in (home, tmp_path / "snap"):
        folder.mkdir()
    monkeypatch.setenv("HOME", str(home))

    serve([], page="/")

    assert leading["path"].parent == home
    assert not leading["path"].name.startswith(".")  # Snap hides those
    assert list(home.iterdir()) == []


def test_file_that_leads_to_the_page_is_gone_while_the_server_goes_on(tmp_path, leading, monkeypatch):
    gone = threading.Event()

    def ended(path, **settings):
        unlink(path, **settings)
        gone.set()

    unlink = Path.unlink
    monkeypatch.setattr(Path, "unlink", ended)
    monkeypatch.setattr(webbrowser, "open", lambda uri: None)
    monkeypatch.setattr(serving, "LEADING_S", 0.0)
    monkeypatch.setattr(Server, "run", lambda self, sockets: leading.update(was_gone=gone.wait(WAIT_S)))

    serve([], page="/")

    assert leading["was_gone"]


def test_machine_without_a_screen_starts_no_browser(leading, monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in serving.SCREENS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Server, "run", lambda self, sockets: answer(self.told))

    serve([], page="/")

    assert leading == {}
    assert "the browser" not in capsys.readouterr().out


def test_each_server_has_a_token_of_its_own(monkeypatch, capsys):
    monkeypatch.setattr(Server, "run", lambda self, sockets: answer(self.told))

    for _ in range(2):
        serve([], page="/", opens_browser=False)

    first, second = (line.partition("#token=")[2] for line in capsys.readouterr().out.splitlines()[::2])
    assert (len(first), len(second), first != second) == (43, 43, True)  # 256 bits each
