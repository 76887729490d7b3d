"""The network that comes with Keisei: it is what its card says, and stands wherever a network may."""

import json
import subprocess
import sys
from pathlib import Path

from keisei_core.arena import find_network
from keisei_core.arena.participant import Participant
from keisei_core.opinion import opinion_of
from keisei_core.plugins import load_registry
from keisei_core.plugins.networks import named_network

FOLDER = named_network("keisei:", load_registry()).folder
CARD = (FOLDER / "README.md").read_text(encoding="utf-8")
MATE_IN_ONE = "4k4/9/4P4/9/9/9/9/9/4K4 b G 1"


def test_network_is_small_and_is_what_its_card_says() -> None:
    network = find_network(Path("keisei:"))

    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 8_000_000
    assert f"`{network.digest}`" in CARD
    assert f"{sum(tensor.numel() for tensor in network.weights.values()):,} parameters" in CARD
    assert f"`{network.state['config']['input']['features']}`" in CARD
    assert all(f"{key} {value}" in CARD for key, value in network.state["config"]["model"].items() if key != "name")
    assert all(f"{network.state['counters'][name]:,}" in CARD for name in ("plies", "games"))
    assert "MIT" in CARD


def test_player_keeps_its_name_and_its_results_go_by_the_weights() -> None:
    found = Participant.find("keisei:temperature=1", load_registry())
    by_path = Participant.find(f"{FOLDER}:temperature=1", load_registry())

    assert found.name.startswith("keisei:temperature=1.0 @")
    assert found.identity == by_path.identity == f"@{find_network(FOLDER).digest}:temperature=1.0"


def test_network_says_of_a_position_what_it_says_by_its_path() -> None:
    named, by_path = opinion_of("keisei:", MATE_IN_ONE), opinion_of(FOLDER, MATE_IN_ONE)

    assert named.moves == by_path.moves
    assert named.moves[0][0] == "G*5b"
    assert named.network.startswith("keisei: @")


def test_declaring_the_network_loads_nothing_heavy() -> None:
    code = "import sys, keisei_plugins_networks.hooks; sys.exit(bool({'torch', 'numba', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_description_names_no_plugin_that_this_package_does_not_ask_for() -> None:
    rows = json.loads((FOLDER / "network.json").read_text())["plugins"]

    network = {row["distribution"] for row in rows if row["kind"] in ("features", "model", "precision")}
    assert network <= {"keisei-plugins-features", "keisei-plugins-resnet", "keisei-plugins-amp"}
