"""The card as a reader gets it."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from keisei_core.arena import TrainedNetwork
from keisei_core.card import about, card_files
from keisei_core.card.curves import curves_of
from keisei_core.card.private import player_without_paths, without_paths
from keisei_core.card.strength import strength_lines

Make = Callable[..., TrainedNetwork]


def card(network: TrainedNetwork, name: str = "mine", licence: str | None = None) -> str:
    return card_files(network, about(network, licence), name)["README.md"]


def test_card_begins_with_front_matter_and_has_all_its_parts(network: Make) -> None:
    text = card(network(), licence="mit")

    assert text.startswith(
        '---\nlicense: "mit"\nlibrary_name: "keisei"\npipeline_tag: "reinforcement-learning"\n'
        'tags: ["shogi", "reinforcement-learning", "self-play", "keisei", "ppo"]\n---\n# mine\n'
    )
    titles = [line for line in text.splitlines() if line.startswith("## ")]
    assert titles == ["## How strong it is", "## How it was trained", "## How to play it", "## Licence"]
    assert "About **+70 [-35, +182] Elo** from `random`" in text
    assert "| time | 2.5 core-minutes (1.5 minutes of 2 threads) |" in text
    assert "| machine | Ten GHz, 8 cores, no GPU used |" in text
    assert "keisei match ./mine alphabeta:depth=1" in text


def test_pictures_that_the_card_shows_are_there_and_are_svg(network: Make) -> None:
    files = card_files(network(), about(network()), "mine")

    images = [
        token.attrs["src"]
        for block in MarkdownIt().parse(files["README.md"])
        for token in block.children or ()
        if token.type == "image"
    ]
    assert images == ["board.svg", "curves.svg"] == [name for name in files if name != "README.md"]
    for name in images:
        assert ElementTree.fromstring(files[str(name)]).tag == "{http://www.w3.org/2000/svg}svg"


def test_card_of_a_network_that_nobody_knows_says_so(network: Make, tmp_path: Path) -> None:
    bare = network(path=tmp_path, config={"model": {"name": "resnet"}}, counters=None, versions=None, plugins=None)

    text = card(bare)

    assert "Not known: no match of it is recorded." in text
    assert text.count("unknown") >= 8
    assert "curves.svg" not in text
    assert 'license: "unknown"' in text
    assert "named no licence" in text


def test_licence_of_another_name_stands_beside(network: Make) -> None:
    assert card(network(), licence="my-own-1.0").startswith('---\nlicense: "other"\nlicense_name: "my-own-1.0"\n')


@pytest.mark.parametrize(
    ("folder", "name"), [("a b`c", "a-b-c"), ("--", "network"), ("名人戦", "名人戦"), ("x_1.0", "x_1.0")]
)
def test_name_of_a_folder_is_nothing_that_markdown_or_a_shell_reads(network: Make, folder: str, name: str) -> None:
    text = card(network(), folder)

    assert f"\n# {name}\n" in text
    assert f"keisei usi ./{name} " in text


def test_match_in_training_stands_in_for_those_at_the_end(network: Make) -> None:
    assert "scored 0.50 [0.40, 0.60] against `random`,\n+0 [-70, +70] Elo" in card(network(20))


def test_elo_is_told_from_the_opponent_where_it_is_surest() -> None:
    counts = {"games": 2, "wins": 1, "draws": 0, "losses": 1, "truncated": 0}
    rows = [
        {"opponent": "easy", **counts, "score": 1.0, "low": 0.9, "high": 1.0},
        {"opponent": "vague", **counts, "score": 0.5, "low": 0.1, "high": 0.9},
        {"opponent": "sure", **counts, "score": 0.5, "low": 0.4, "high": 0.6},
    ]

    lines = list(strength_lines(rows, None))

    assert "from `sure`" in lines[0]
    assert any("+∞ [+382, +∞]" in line for line in lines)


@pytest.mark.parametrize(
    ("counters", "distribution", "told"),
    [
        ({"elapsed_s": 90.0}, "single", "at most 3.0 core-minutes (1.5 minutes of 2 threads)"),
        ({"elapsed_s": 90.0, "core_s": 150.0}, "ddp", "1.5 minutes"),
        ({}, "single", "unknown"),
    ],
)
def test_time_is_told_as_far_as_it_is_known(
    network: Make, counters: dict[str, float], distribution: str, told: str
) -> None:
    config = {**network().state["config"], "distribution": {"name": distribution}}

    assert f"\n| time | {told} |\n" in card(network(config=config, counters={"update": 40, **counters}))


def test_match_of_which_no_game_ended_says_nothing() -> None:
    cut = {"opponent": "random", "games": 4, "wins": 0, "draws": 0, "losses": 0, "truncated": 4}

    lines = list(strength_lines([{**cut, "score": 0.5, "low": 0.15, "high": 0.85}], None))

    assert lines[0] == "Not known: every game was cut off for its length, which is no sign of equal strength."


def test_curve_of_many_updates_is_thin_and_ends_with_the_last() -> None:
    rows = [{"plies": 10 * update, "entropy": 1.0, "explained_variance": None} for update in range(1, 5_001)]

    (curve,) = curves_of(rows)

    assert 50 <= len(curve["plies"]) <= 61
    assert curve["plies"][-1] == 50_000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("alphabeta:depth=1,random_moves=0.7", "alphabeta:depth=1,random_moves=0.7"),
        ("core46+check+last2ply", "core46+check+last2ply"),
        ("/home/a/runs/b:best,temperature=0.5", "(a path),temperature=0.5"),
        ("book:path=~/open.txt", "book:path=(a path)"),
        ("distill:network=../x y,weight=2", "distill:network=(a path),weight=2"),
        ("/home/jane/Acme Secret Deal/net", "(a path)"),
        ("/home/jane/Acme Secret Deal", "(a path)"),
        ("/home/jane's/Acme, Secret: 'Deal'=[1] update-000040", "(a path)"),
        ("/home/jane/Acme Deal:temperature=0 @0123", "(a path):temperature=0 @0123"),
        ("checkpoint:path=/a, Secret/b:c Deal,temperature=0", "checkpoint:path=(a path),temperature=0"),
        (r"C:\Acme Deal", "(a path)"),
        ("~alice", "(a path)"),
        ("", ""),
    ],
)
def test_whole_name_or_option_with_a_path_is_hidden_in_a_players_text(text: str, told: str) -> None:
    assert player_without_paths(text) == told


def test_setting_with_a_path_is_hidden_whole() -> None:
    assert without_paths("random, /home/jane/Acme Secret Deal/net") == "(a path)"
    assert without_paths("random, alphabeta:depth=3") == "random, alphabeta:depth=3"
