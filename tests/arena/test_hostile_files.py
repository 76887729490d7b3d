"""Checkpoints and exports that say what they like of themselves: nothing commands the terminal or is to be typed."""

import json
import shutil

import attrs
import pytest

from keisei_core.arena import export_network, find_network
from keisei_core.checkpoint import read_checkpoint, write_checkpoint

HOSTILE = "x\x1b]0;OWNED\x07\x9b31m\u202e' ; touch OWNED ; echo '\nkeisei: error: pip install owned"


def owner(state):
    state["plugins"] = [row | {"distribution": HOSTILE, "version": HOSTILE} for row in state["plugins"]]
    state["config"]["model"]["name"] = "gone"


def file(state):
    state["plugins"] = [row | {"distribution": f"{HOSTILE}.py", "sha256": HOSTILE} for row in state["plugins"]]
    state["config"]["model"]["name"] = "gone"


def part(state):
    state["plugins"] = [row | {"kind": HOSTILE, "name": HOSTILE, "distribution": "gone"} for row in state["plugins"]]
    state["config"]["model"]["name"] = HOSTILE


def key(state):
    state["config"]["model"][HOSTILE] = HOSTILE


def table(state):
    state["config"]["input"] = {"features": HOSTILE}


def value(state):
    state["config"]["model"]["tower_depth"] = HOSTILE


def channel(state):
    state["channels"][0]["name"] = HOSTILE


def text(state):
    state["plugins"] = HOSTILE


def rows(state):
    state["plugins"] = [{HOSTILE: HOSTILE}, 3]


def model(state):
    state["plugins"] = [
        row | ({"name": HOSTILE, "distribution": HOSTILE} if row["kind"] == "model" else {}) for row in state["plugins"]
    ]


def scale(state):
    state["config"]["value"]["scale"] = HOSTILE


SPOILT = [owner, file, part, key, table, value, channel, text, rows]


def assert_harmless(captured):
    text = "".join(captured)
    assert all(character.isprintable() or character == "\n" for character in text), text
    # The line break in the name makes no line that looks like ours, and no command is made of it.
    assert not any(line.startswith("keisei: error: pip") for line in text.splitlines()), text
    assert "pip install 'x" not in text
    assert "pip install x" not in text


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__)
@pytest.mark.parametrize("form", ["checkpoint", "export"])
def test_what_a_stranger_says_of_a_network_is_harmless(keisei, run_folder, tmp_path, spoil, form):
    place = tmp_path / "evil"
    if form == "checkpoint":
        checkpoint = read_checkpoint(find_network(run_folder).path)
        state = json.loads(json.dumps(checkpoint.state))
        spoil(state)
        write_checkpoint(place, attrs.evolve(checkpoint, state=state))
    else:
        export_network(find_network(run_folder), place)
        state = json.loads((place / "network.json").read_text())
        spoil(state)
        (place / "network.json").write_text(json.dumps(state))

    code, *captured = keisei("match", place, "random", "--games", 2, "--max-plies", 20, "--device", "cpu")

    assert code != 0
    assert_harmless(captured)
    keisei_out = keisei("export", place, tmp_path / "out")
    assert_harmless(keisei_out[1:])


@pytest.mark.parametrize("spoil", [*SPOILT, model, scale], ids=lambda spoil: spoil.__name__)
def test_what_a_strangers_run_says_of_itself_is_harmless(keisei, run_folder, spoil):
    path = find_network(run_folder).path
    checkpoint = read_checkpoint(path)
    state = json.loads(json.dumps(checkpoint.state))
    spoil(state)
    shutil.rmtree(path)
    write_checkpoint(path, attrs.evolve(checkpoint, state=state))
    config = run_folder / "config.toml"

    for command in (
        ("migrate", run_folder, "--to", config, "--dry-run"),
        ("migrate", run_folder, "--to", config, "--dry-run", "--set", "input.features=core46+check"),
    ):
        assert_harmless(keisei(*command)[1:])


def test_hostile_name_of_a_folder_is_harmless(keisei, run_folder, tmp_path):
    place = tmp_path / "a'; touch OWNED; '\x1b[2J"
    export_network(find_network(run_folder), place)

    code, *captured = keisei("match", place, "random", "--games", 2, "--max-plies", 20, "--device", "cpu")

    assert code == 0
    assert_harmless(captured)
    assert r"\x1b[2J" in "".join(captured)
