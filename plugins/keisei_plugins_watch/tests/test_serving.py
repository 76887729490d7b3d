"""Where the server listens and who has its token."""

import os
import socket
import stat

import pytest

from keisei_core.errors import ConfigError
from keisei_plugins_watch.server.address import listening
from keisei_plugins_watch.server.token import token_path, user_token


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "keisei"


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


def test_token_is_kept_where_nobody_else_may_read_it(data):
    token = user_token()

    assert user_token() == token
    assert len(token) == 43  # 256 bits
    assert stat.S_IMODE(token_path().stat().st_mode) == 0o600
    assert os.listdir(data) == ["browser-token"]


@pytest.mark.parametrize("spoil", [lambda path: path.chmod(0o644), lambda path: path.write_text("short")])
def test_token_that_others_may_know_is_replaced(data, spoil):
    token = user_token()
    spoil(token_path())

    assert user_token() not in (token, "short")
    assert stat.S_IMODE(token_path().stat().st_mode) == 0o600


def test_link_in_the_place_of_the_token_is_not_followed(data, tmp_path):
    data.mkdir()
    known = "x" * 43
    (tmp_path / "known").write_text(known)
    (tmp_path / "known").chmod(0o600)
    token_path().symlink_to(tmp_path / "known")

    assert user_token() != known
    assert (tmp_path / "known").read_text() == known


def test_without_a_folder_of_the_user_each_server_has_a_token_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))

    assert user_token() != user_token()
