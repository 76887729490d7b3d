"""What the server offers of a game: requests as a page makes them, and as it must not."""

import json
import shutil
import signal
import subprocess
import sys
import urllib.request
from functools import partial

import pytest
import torch
from opponents import Told, Watched, against, random_player, watched
from rsshogi.record import Record

from keisei_core.arena import NetworkPlayer
from keisei_core.arena.participant import Participant
from keisei_core.errors import KeiseiError
from keisei_core.opinion import opinion_of
from keisei_core.plugins import load_registry
from keisei_core.plugins.networks import named_network
from keisei_core.testing import CommandContract
from keisei_plugins_watch.game.opponent import Opponent
from keisei_plugins_watch.game.part import game_part
from keisei_plugins_watch.game.run_session import session_of_run
from keisei_plugins_watch.game.session import Session

CPU = torch.device("cpu")


class TestPlay(CommandContract):
    name = "play"
    refuses = ("no-such-player",)


@pytest.fixture(scope="module")
def opponent():
    """The network that comes with Keisei."""
    return Opponent.find("keisei:", load_registry(), CPU)


@pytest.fixture
def game():
    found = watched(Told("3c3d"))
    yield found
    found.session.close()


def posted(served, name, **value):
    return served.ask("POST", f"/api/game/{name}", json.dumps(value))


def test_a_page_plays_and_reads_its_game(serve, game):
    served = serve(game_part(game.session))
    game.yours()

    assert served.ask("GET", "/game/", Authorization=None).status == 200
    assert json.loads(posted(served, "move", move="7g7f", ply=0).body)["game"]["moves"][0] == "7g7f"
    game.yours()
    assert [hint["share"] for hint in json.loads(posted(served, "hint").body)] == [None]
    record = Record.from_kif_str(served.ask("GET", "/api/game/record?form=kifu").body)
    assert [entry.move.to_usi() for entry in record.moves] == ["7g7f", "3c3d"]
    assert json.loads(posted(served, "undo").body)["game"]["moves"] == []
    assert json.loads(posted(served, "resign").body)["game"]["winner"] == "white"


def test_stream_tells_what_changed(serve, game):
    served = serve(game_part(game.session))
    game.yours()
    connection = served.connection()
    connection.request("GET", "/api/game/events", headers=served.own())
    stream = connection.getresponse()

    def told():
        while not (line := stream.readline()).startswith(b"data: "):
            pass
        return json.loads(line[6:])

    assert told()["game"]["moves"] == []
    posted(served, "move", move="7g7f", ply=0)
    while len(told()["game"]["moves"]) < 2:
        pass
    connection.close()


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("move", '{"move": "7g7e", "ply": 0}', 409),
        ("move", '{"move": "7g7f", "ply": 4}', 409),
        ("move", '{"move": ["7g7f"], "ply": null}', 409),
        ("move", "{}", 409),
        ("begin", '{"start": "no start"}', 409),
        ("begin", '{"start": ["startpos"]}', 409),
        ("begin", '{"colour": {}}', 409),
        ("strength", '{"simulations": "64"}', 409),
        ("undo", "{}", 409),
        ("move", "[]", 400),
        ("move", "7g7f", 400),
        ("move", '{"move": "' + "7" * 30_000 + '"}', 400),
        ("move", "\xff", 400),
    ],
)
def test_what_can_not_be_is_refused_and_changes_nothing(serve, game, name, body, status):
    served = serve(game_part(game.session))
    before = game.yours()

    assert served.ask("POST", f"/api/game/{name}", body.encode("latin-1")).status == status
    assert game.session.view()["game"]["moves"] == before["moves"] == []
    assert served.ask("GET", "/api/game/record?form=../../etc/passwd").status == 400


@pytest.mark.parametrize("name", ["begin", "move", "undo", "resign", "strength", "again", "hint"])
def test_nobody_else_acts(serve, game, name):
    served = serve(game_part(game.session))
    game.yours()
    version = game.session.view()["version"]

    for changes in ({"Authorization": None}, {"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        assert served.ask("POST", f"/api/game/{name}", "{}", **changes).status == 403
    assert served.ask("GET", f"/api/game/{name}").status == 405
    assert game.session.view()["version"] == version


def test_there_is_no_game_before_one_begins(serve):
    session = Session(partial(Opponent, "toy", random_player(), searches=False))
    served = serve(game_part(session))

    assert session.view()["game"] is None
    assert [posted(served, name).status for name in ("move", "undo", "resign", "hint", "again")] == [409] * 5
    assert served.ask("GET", "/api/game/record").status == 409
    session.close()


def test_hints_and_values_are_the_networks_own(opponent):
    game = against(opponent, simulations=0, start="startpos moves 7g7f 3c3d")
    game.until(lambda view: view["values"][2] is not None)
    said = opinion_of("keisei:", "startpos moves 7g7f 3c3d")

    hints = game.session.hints().result()

    assert [(hint.move, hint.share) for hint in hints] == [move for move in said.moves[:5] if move[1] >= 0.02]
    assert game.session.view()["game"]["values"][2] == pytest.approx(said.value, abs=1e-3)
    assert (opponent.label, opponent.name) == ("keisei", f"keisei: {said.network.partition(' ')[2]}")
    game.session.close()


def test_policy_alone_plays_what_the_network_likes_best_and_a_search_looks_ahead(opponent):
    replies = {}
    for simulations in (0, 32):
        game = against(opponent, simulations=simulations, colour="white")
        replies[simulations] = game.yours()["moves"][0]
        game.session.close()

    assert replies[0] == opinion_of("keisei:", "startpos").moves[0][0]
    assert replies[32] == opinion_of("keisei:", "startpos", simulations=32).search.lines[0].moves[0]


@pytest.mark.parametrize(("text", "searches"), [("keisei:temperature=1", False), ("random", False)])
def test_player_that_is_told_how_to_play_is_not_asked_to_look_ahead(text, searches):
    found = Opponent.find(text, load_registry(), CPU)

    assert found.searches == searches
    assert isinstance(found.player, NetworkPlayer) == (found.evaluator is not None)


def test_network_that_looks_ahead_is_the_one_that_was_found(tmp_path, monkeypatch):
    """A run's newest checkpoint may be another one at a second look."""
    shutil.copytree(named_network("keisei:", load_registry()).folder, tmp_path / "100")
    find, asked = Participant.find, []

    def pinning(text, *context):
        asked.append(text)
        return find(text.replace("/newest", "/100"), *context)

    monkeypatch.setattr(Participant, "find", pinning)

    assert Opponent.find(f"{tmp_path}/newest", load_registry(), CPU).searches
    assert asked == [f"{tmp_path}/newest", f"search:network={tmp_path}/100"]


def test_network_of_a_run_is_looked_for_anew_when_a_game_begins(tmp_path):
    session = session_of_run(tmp_path / "mine")
    game = Watched(session)
    game.until(lambda view: not view["thinks"])
    assert "nothing there" in session.view()["problem"]

    shutil.copytree(named_network("keisei:", load_registry()).folder, tmp_path / "mine")
    session.begin({"colour": "black"})

    assert game.play("7g7f")["moves"][0] == "7g7f"
    assert session.view()["opponent"]["name"] == "mine"
    session.close()


def test_opponent_that_there_is_not_is_told():
    with pytest.raises(KeiseiError, match="no plugin brings a network 'keisie:'"):
        Opponent.find("keisie:", load_registry(), CPU)


def test_command_prints_its_address_and_ends_well_on_ctrl_c(tmp_path):
    command = [sys.executable, "-m", "keisei_core", "play", "random", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        try:
            address = process.stdout.readline().strip()
            with urllib.request.urlopen(address.partition("#")[0], timeout=600) as page:
                shown = page.read()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=600)
        finally:
            process.kill()

    assert address.startswith("http://127.0.0.1:")
    assert "/game/#token=" in address
    assert b"/game/start.js" in shown
    assert (process.returncode, said) == (0, "keisei: you play against random\n")
