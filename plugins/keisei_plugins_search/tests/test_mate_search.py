"""Mates that are found: positions made by hand, random ones beside a solver that tries everything, those of games."""

import os
from collections import Counter
from functools import cache
from pathlib import Path

import cshogi
import numpy as np
import pytest

from keisei_core.errors import SfenError
from keisei_core.shogi import (
    OPPONENT,
    Branches,
    Ending,
    Games,
    Positions,
    Starts,
    action_to_usi,
    format_sfen,
    legal_mask,
    parse_sfen,
    use_crew,
    usi_to_action,
)
from keisei_core.shogi.possible import check_possible
from keisei_plugins_search.mate_search import Mates, prove_mates

MAX_PLIES = 1_000
NODES = 10_000
OF_GAMES = Path(__file__).parent / "mates.txt"
NUM_SMALL = int(os.environ.get("KEISEI_MATES", "1000"))
KING = 8


def prove(positions: Positions, nodes: int = NODES, **settings) -> Mates:
    games = Branches.of_positions(positions, MAX_PLIES)
    return prove_mates(games, np.arange(len(games)), nodes, **settings)


def replay(positions: Positions, mates: Mates) -> None:
    """Holds that each line is legal, checks at every move of the attacker, and ends in mate."""
    for row in np.flatnonzero(mates.plies > 0):
        branch = Branches.of_positions(positions[row : row + 1], MAX_PLIES)
        for ply, action in enumerate(mates.line[row, : mates.plies[row]]):
            branch.play(np.array([action], np.int32))
            assert ply % 2 or branch.positions.in_check[0], format_sfen(positions, row)
        assert branch.ending[0] == Ending.MATE, format_sfen(positions, row)
        assert (mates.line[row, mates.plies[row] :] == -1).all()


@pytest.mark.parametrize(
    ("sfen", "line"),
    [
        pytest.param("6kl1/9/7Ln/7N1/9/9/g8/9/K8 b GSg 1", "G*3b", id="one"),
        pytest.param("8k/9/6NG1/9/9/9/9/9/K8 b L 1", "L*1b", id="one-by-a-lance-where-a-pawn-may-not"),
        pytest.param("7nk/7np/9/9/6N2/9/9/9/K8 b - 1", "3e2c", id="one-without-promoting"),
        pytest.param("5BK1k/9/9/9/9/9/9/9/9 b Rr 1", "R*2a 1a1b 2a2b+", id="three"),
        pytest.param("kS7/g1K6/2G6/9/9/9/9/9/9 b Bb 1", "B*8b 9b8b 7c8b", id="three-against-a-check-in-return"),
        pytest.param("5K2k/9/8P/9/9/9/9/9/9 b R 1", "R*1b 1a2a 1b3b+ 2a1a 3b3a", id="five"),
        pytest.param("5K3/9/6R1p/5P2k/6g1B/9/9/9/9 b R 1", "R*2d 1d1e 3c1c+ B*1d 1c1d", id="five-interposed"),
        pytest.param("9/1k7/2PK5/9/9/9/9/9/9 b GL 1", "L*8e 8b9c G*8d 9c9b 8d8c 9b9a 8c8b", id="seven"),
        pytest.param(
            "9/7k1/9/6R2/8K/9/9/9/9 b Lr 1", "L*2d 2b1c 3d3c R*2c 3c2c 1c1b R*1a 1b1a 2c2a+", id="nine-interposed"
        ),
    ],
)
def test_mate_made_by_hand_is_found_in_its_plies(sfen, line):
    position = parse_sfen(sfen)
    mates = prove(position)

    assert mates.plies[0] == len(line.split())
    assert action_to_usi(position, int(mates.line[0, 0])) == line.split()[0]
    replay(position, mates)
    assert mates.plies[0] == 1 or prove(position, longest=int(mates.plies[0]) - 1).plies[0] <= 0


@pytest.mark.parametrize(
    "sfen",
    [
        pytest.param("8k/9/6NG1/9/9/9/9/9/K8 b P 1", id="a-dropped-pawn-would-mate"),
        pytest.param("4k4/9/9/9/9/9/9/9/4K4 b G 1", id="a-gold-alone"),
        pytest.param("4k4/9/9/9/9/9/9/9/4K4 b - 1", id="no-check-at-all"),
        pytest.param("8k/9/8P/9/9/9/9/9/r7K b G 1", id="in-check-himself"),
    ],
)
def test_position_without_a_mate_has_none(sfen):
    assert prove(parse_sfen(sfen)).plies[0] == 0


def test_checks_without_end_are_no_mate():
    mates = prove(parse_sfen("k8/9/9/9/9/9/9/9/1R6K b - 1"))
    assert (mates.plies[0], mates.line[0, 0]) == (-1, -1)


def test_mate_through_a_position_that_stood_three_times_is_none():
    games = Games(1, max_plies=MAX_PLIES, starts=Starts.from_sfens(["9/9/9/9/7k1/9/9/4R4/K5R2 b - 1"]))
    for move in ["5h2h", *["2e1e", "2h4h", "1e2e", "4h2h"] * 2, "2e1e", "2h4h", "1e2e"]:
        games.step(np.array([usi_to_action(games.positions, move)], np.int32))
    row = np.arange(1)
    fresh = prove_mates(Branches.of_positions(games.positions, MAX_PLIES), row, NODES, longest=3)

    assert action_to_usi(games.positions, int(fresh.line[0, 0])) == "4h2h"
    assert fresh.plies[0] == 3
    assert prove_mates(Branches.of_games(games, row), row, NODES, longest=3).plies[0] == -1


def test_cap_on_plies_leaves_no_time_for_a_longer_mate():
    position = parse_sfen("5K2k/9/8P/9/9/9/9/9/9 b R 1")
    position.ply[0] = 100
    found = [prove_mates(Branches.of_positions(position, cap), np.arange(1), NODES).plies[0] for cap in (105, 104)]
    assert found == [5, 0]


def test_branch_that_has_ended_has_no_mate():
    branches = Branches.of_positions(parse_sfen("6kl1/9/7Ln/7N1/9/9/g8/9/K8 b GSg 1"), MAX_PLIES)
    branches.play(np.array([usi_to_action(branches.positions, "G*3b")], np.int32))
    mates = prove_mates(branches, np.arange(1), NODES)
    assert (mates.plies[0], mates.num_nodes[0]) == (0, 0)


@pytest.mark.parametrize(("nodes", "longest"), [(0, 5), (5, 0)])
def test_search_without_positions_or_plies_is_refused(nodes, longest):
    with pytest.raises(ValueError, match="max_nodes and longest must be >= 1"):
        prove(parse_sfen("startpos"), nodes, longest=longest)


def small_positions(number: int, seed: int) -> Positions:
    """Makes positions of a few pieces around the opponent's king, all that a game could have left."""
    random, made = np.random.default_rng(seed), []
    while len(made) < number:
        position = Positions.empty(1)
        king = np.array([random.integers(0, 9), random.integers(0, 4)])
        codes = random.choice([*range(1, 8), *range(9, 15)], 8) + OPPONENT * (np.arange(8) < random.integers(0, 5))
        for code in [OPPONENT + KING, KING, *codes[: random.integers(3, 9)]]:
            file, rank = np.clip(king + random.integers(-3, 4, 2) * (code != OPPONENT + KING), 0, 8)
            position.board[0, file * 9 + rank] = position.board[0, file * 9 + rank] or code
        position.hands[0, 0] = random.random(7) < 0.15
        try:
            check_possible(position, lambda _: "")
        except SfenError:
            continue
        if legal_mask(position).any():
            made.append(position)
    return Positions.concatenate(made)


@cache
def mates_within(sfen: str, plies: int) -> bool:
    """Tells by trying everything whether the mover mates by checks in so many plies."""
    board = cshogi.Board(sfen)
    for move in list(board.legal_moves):
        board.push(move)
        if board.is_check() and all(plies >= 3 and mates_within(after, plies - 2) for after in replies(board)):
            return True
        board.pop()
    return False


def replies(board: cshogi.Board) -> list[str]:
    positions = []
    for move in list(board.legal_moves):
        board.push(move)
        positions.append(board.sfen().rsplit(" ", 1)[0] + " 1")
        board.pop()
    return positions


@pytest.mark.parametrize(("longest", "number"), [(3, NUM_SMALL), (5, NUM_SMALL // 20)])
def test_small_positions_mate_where_trying_everything_does(longest, number):
    positions = small_positions(number, seed=longest)
    mates = prove(positions, 1_000_000, longest=longest)
    replay(positions, mates)
    shortest = [
        next((plies for plies in range(1, longest + 1, 2) if mates_within(format_sfen(positions, row), plies)), 0)
        for row in range(number)
    ]

    assert (np.maximum(mates.plies, 0) == shortest).all()
    assert (mates.plies == -1).mean() < 0.3
    assert Counter(shortest)[longest] >= number // 60


def of_games() -> tuple[np.ndarray, Positions]:
    lines = [line.split(" ", 1) for line in OF_GAMES.read_text().splitlines() if not line.startswith("#")]
    return np.array([int(plies) for plies, _ in lines]), Positions.concatenate([parse_sfen(sfen) for _, sfen in lines])


def test_mates_of_games_are_found_within_ten_thousand_positions():
    plies, positions = of_games()
    mates = prove(positions)
    replay(positions, mates)

    assert (mates.num_nodes <= NODES).all()
    for length, share in ((1, 1.0), (3, 1.0), (5, 0.98), (7, 0.95)):
        assert (mates.plies[plies == length] > 0).mean() >= share
    assert (prove(positions[plies == 0], longest=7).plies <= 0).all()


def test_result_is_the_same_beside_others_and_for_any_number_of_threads():
    _, positions = of_games()
    rows = np.arange(0, len(positions), 9)
    games = Branches.of_positions(positions, MAX_PLIES)
    together = prove_mates(games, rows, 500)
    use_crew(3)
    try:
        shared = prove_mates(games, rows, 500)
    finally:
        use_crew(1)
    alone = [prove_mates(games, rows[number : number + 1], 500) for number in range(len(rows))]
    for name in ("plies", "line", "num_nodes"):
        expected = getattr(together, name)
        np.testing.assert_array_equal(getattr(shared, name), expected)
        np.testing.assert_array_equal(np.concatenate([getattr(mates, name) for mates in alone]), expected)


def test_position_turned_to_the_other_colour_gives_the_same_line():
    _, positions = of_games()
    positions = positions[np.arange(0, len(positions), 25)]
    mates = prove(positions, 2_000)
    positions.side_to_move[:] = 1 - positions.side_to_move
    turned = prove(positions, 2_000)
    np.testing.assert_array_equal(turned.line, mates.line)
