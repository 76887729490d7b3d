"""The network that comes with Keisei is what its card says, and the card what the results say."""

import importlib.util
import json
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from keisei_core.arena import export_network, find_network
from keisei_core.arena.meeting import Meeting
from keisei_core.arena.store import Store
from keisei_core.card import ABOUT, about

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "docs" / "results"
sys.path.append(str(ROOT / "experiments"))


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "experiments" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BUNDLE = load("bundle")
FOLDER = ROOT / BUNDLE.FOLDER
FIGURES = json.loads((RESULTS / "bundled.json").read_text(encoding="utf-8"))
DIGEST = find_network(FOLDER).digest


def test_results_are_of_the_network_that_comes_with_keisei() -> None:
    assert FIGURES["digest"] == DIGEST
    assert FIGURES["bytes"] < BUNDLE.MOST_BYTES
    assert list(FIGURES["players"]) == list(BUNDLE.RUNGS)


@pytest.mark.parametrize("player", BUNDLE.RUNGS)
def test_scores_of_the_results_are_those_of_the_games_that_are_kept(player: str) -> None:
    options = "" if player == BUNDLE.POLICY else f":{player}"

    stores = [RESULTS / name for name in (*BUNDLE.STORES, BUNDLE.GAMES)]
    found = BUNDLE.matches_of(BUNDLE.identity_of(f"{FOLDER}{options}"), BUNDLE.together(stores))

    assert found == FIGURES["players"][player]["matches"]


def test_card_tells_the_figures_of_the_results_and_nothing_else_of_strength() -> None:
    card = (FOLDER / BUNDLE.CARD).read_text(encoding="utf-8")

    assert f"`{DIGEST}`" in card
    assert BUNDLE.card_of(FOLDER, FIGURES["players"]) == card


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """An export of the same network with weights and a teacher of its own."""
    network = find_network(FOLDER)
    next(iter(network.weights.values())).zero_()
    export_network(network, tmp_path / "other", told={ABOUT: {**about(network), "teachers": "tactics"}})
    return tmp_path / "other"


@pytest.fixture
def exported(other: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `keisei export` gives in these tests."""
    monkeypatch.setattr(BUNDLE, "keisei", lambda _, __, folder, *___: shutil.copytree(other, folder))
    return other


def test_other_weights_take_the_place_of_those_in_the_folder(exported: Path, tmp_path: Path) -> None:
    shutil.copytree(FOLDER, out := tmp_path / "package" / "network")

    BUNDLE.bundle("runs/mine", out)

    assert find_network(out).digest == find_network(exported).digest != DIGEST
    assert [path.name for path in out.parent.iterdir()] == ["network"]
    assert not (out / BUNDLE.CARD).exists()  # it was of others


def test_same_weights_change_nothing(exported: Path, tmp_path: Path) -> None:
    shutil.copytree(exported, out := tmp_path / "package" / "network")
    (out / BUNDLE.CARD).write_text("kept")

    BUNDLE.bundle("runs/mine", out)

    assert (out / BUNDLE.CARD).read_text() == "kept"
    assert [path.name for path in out.parent.iterdir()] == ["network"]


def test_network_that_is_too_large_changes_nothing(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BUNDLE, "MOST_BYTES", 1_000)
    shutil.copytree(FOLDER, out := tmp_path / "package" / "network")

    with pytest.raises(SystemExit, match="bytes are more than 1,000; bundle a smaller network"):
        BUNDLE.bundle("runs/mine", out)

    assert find_network(out).digest == DIGEST
    assert [path.name for path in out.parent.iterdir()] == ["network"]


def test_plugin_that_the_package_does_not_ask_for_is_told(exported: Path, tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "pyproject.toml").write_text(
        '[project]\ndependencies = ["keisei>=0.1", "keisei-plugins-amp", "keisei-plugins-features>=0.1,<0.2"]\n'
    )

    with pytest.raises(SystemExit, match=r"it asks for keisei-plugins-resnet; name that in .*pyproject\.toml"):
        BUNDLE.bundle("runs/mine", tmp_path / "package" / "network")


def test_games_count_by_weights_whatever_the_network_was_called(other: Path, tmp_path: Path) -> None:
    store, digest = Store(tmp_path / BUNDLE.GAMES), find_network(other).digest
    conditions = {"seed": 1, "opening_plies": 8, "max_plies": 512}
    rung = "alphabeta of keisei-plugins-players 0.1.0"
    store.append(Meeting(first=rung, second=f"@{digest}", **conditions), ("alphabeta", "keisei: @1"), {0: "WL"})
    store.append(Meeting(first=f"@{digest}", second=rung, **conditions), ("old @1", "alphabeta"), {1: "WW"})
    store.append(Meeting(first="@0123456789ab", second=rung, **conditions), ("keisei: @0", "alphabeta"), {0: "LL"})
    others = Meeting(first=f"@{digest}", second=rung, **{**conditions, "seed": 2})
    store.append(others, ("keisei: @1", "alphabeta"), {0: "LL"})
    test = Meeting(first=f"@{digest}", second=rung, sprt=True, **conditions)
    store.append(test, ("keisei: @1", "alphabeta"), {0: "LL"})

    (found,) = BUNDLE.matches_of(f"@{digest}", BUNDLE.together([store.path])).items()

    assert (found[0], found[1]["games"], found[1]["score"]) == ("alphabeta", 6, 0.5)


def test_card_of_a_new_network_has_its_training_and_keeps_all_but_its_strength(other: Path) -> None:
    players = FIGURES["players"]

    card = BUNDLE.card_of(other, players)
    (other / BUNDLE.CARD).write_text(card.replace("| seed | 0 |", "| seed | 7 |"), encoding="utf-8")
    again = BUNDLE.card_of(other, {BUNDLE.POLICY: players[BUNDLE.POLICY]})

    titles = ["How it was trained", "How strong it is", "What it does not know", "How to play it"]
    assert [line[3:] for line in card.splitlines() if line.startswith("## ")] == titles
    assert re.search(
        r"\| network \| `.*resnet`: .*se_ratio 0.25, tower_depth 6, tower_width 64; 558,897 parameters", card
    )
    assert "learned by self-play, taught by `tactics` besides" in card
    assert "cut off at 320 plies" in card
    assert "| seed | 7 |" in again
    assert "simulations=128" in card
    assert "| simulations=128 |" not in again
