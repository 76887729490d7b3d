"""The compiled search against plain recursion over rsshogi's boards."""

import numpy as np
import pytest
import torch
from rsshogi.core import Board

from keisei_core.arena import PlayerContext, RandomPlayer, play_match
from keisei_core.shogi import Games, Positions, Starts, action_to_usi, format_sfen, legal_mask, parse_sfen, use_crew
from keisei_core.shogi.material import material
from keisei_plugins_players.alphabeta import AlphaBeta
from keisei_plugins_players.options import AlphaBetaOptions

MATE = 100_000
NUM_LOTS = 200


def player(depth: int = 1, random_moves: float = 0.0, seed: int = 0) -> AlphaBeta:
    context = PlayerContext(seed=seed, device=torch.device("cpu"))
    return AlphaBeta(context, AlphaBetaOptions(depth=depth, random_moves=random_moves))


def plain_search(board: Board, depth: int, ply: int, start: float) -> float:
    """Minimax without any cutting: material won for the side to move, or a mate less the plies to it."""
    moves = board.legal_moves() if depth or board.is_in_check() else [None]
    if not moves:
        return ply - MATE
    if depth == 0:
        return float(material(parse_sfen(board.to_sfen()))[0]) - (start if ply % 2 == 0 else -start)
    best = -np.inf
    for move in moves:
        board.apply_move(move)
        best = max(best, -plain_search(board, depth - 1, ply + 1, start))
        board.undo_move(move)
    return best


def plain_best_moves(sfen: str, depth: int) -> set[str]:
    board, scores = Board(sfen), {}
    start = float(material(parse_sfen(sfen))[0])
    for move in board.legal_moves():
        board.apply_move(move)
        scores[move.to_usi()] = -plain_search(board, depth - 1, 1, start)
        board.undo_move(move)
    return {usi for usi, score in scores.items() if score == max(scores.values())}


def best_moves(position: Positions, depth: int) -> set[str]:
    many = position[np.zeros(NUM_LOTS, int)]
    actions = player(depth).choose(many, legal_mask(many))
    return {action_to_usi(position, int(action)) for action in np.unique(actions)}


def random_sfens(num_plies: int, num_games: int, start: str = "startpos") -> list[str]:
    games = Games(num_games, starts=Starts.from_sfens([start]), seed=5)
    for _ in range(num_plies):
        games.step(games.sample())
    return [format_sfen(games.positions, row) for row in range(num_games)]


SPARSE = "3k5/3pp4/4b4/9/3s5/9/9/3PG4/3K4L b - 1"
CASES = [
    *((sfen, 1) for plies in (30, 80, 150) for sfen in random_sfens(plies, 8)),
    *((sfen, 2) for plies in (2, 30, 60) for sfen in random_sfens(plies, 1)),
    *((sfen, 2) for plies in (1, 8, 20, 33) for sfen in random_sfens(plies, 2, SPARSE)),
    *((sfen, 3) for plies in (1, 4) for sfen in random_sfens(plies, 1, SPARSE)),
]


@pytest.mark.parametrize(("sfen", "depth"), CASES)
def test_best_moves_are_those_of_plain_recursion(sfen: str, depth: int) -> None:
    expected = plain_best_moves(sfen, depth)
    found = best_moves(parse_sfen(sfen), depth)

    # Two hundred lots can't fall on every one of many moves, but only on best ones.
    assert found <= expected
    assert len(found) >= min(len(expected), 25)


@pytest.mark.parametrize(
    ("sfen", "depth", "expected"),
    [
        pytest.param("4k4/9/4P4/9/9/9/9/r8/4K4 b G 1", 1, {"G*5b"}, id="mates-rather-than-anything"),
        pytest.param("4k4/9/4P4/9/9/9/9/8r/4K4 w G 1", 2, None, id="sees-the-mate-that-threatens"),
        pytest.param("8k/9/8p/8G/8L/9/9/9/K8 b G 1", 3, None, id="mate-in-two"),
    ],
)
def test_search_by_hand(sfen: str, depth: int, expected: set[str] | None) -> None:
    found = best_moves(parse_sfen(sfen), depth)

    assert found <= (expected or plain_best_moves(sfen, depth))


def test_choices_are_the_same_under_a_seed_and_differ_under_another() -> None:
    games = Games(50, starts=Starts.standard(random_plies=10), seed=2)
    first, again, other = (
        player(2, random_moves=0.5, seed=seed).choose(games.positions, games.legal) for seed in (3, 3, 4)
    )

    assert (first == again).all()
    assert (first != other).any()


def test_choices_and_counts_are_the_same_on_any_number_of_threads() -> None:
    games = Games(31, starts=Starts.standard(random_plies=30), seed=2)
    found = []
    for num_threads in (1, 2, 5):
        use_crew(num_threads)
        chooser = player(2, random_moves=0.2)
        found.append((chooser.choose(games.positions, games.legal).tolist(), chooser.frontier_moves))
    use_crew(1)
    assert found[0] == found[1] == found[2]


def test_share_of_random_moves_is_the_one_asked_for() -> None:
    # One move takes a rook for nothing; the others are played only at random.
    position = parse_sfen("4k4/9/9/9/4r4/4G4/9/9/4K4 b - 1")
    many = position[np.zeros(4_000, int)]
    legal = legal_mask(many)
    best = player(1).choose(many, legal)[0]

    chosen = player(1, random_moves=0.4).choose(many, legal)

    # Three standard errors of 4,000 draws are 0.024.
    expected = 0.6 + 0.4 / legal[0].sum()
    assert (chosen == best).mean() == pytest.approx(expected, abs=0.024)
    assert len(np.unique(chosen)) == legal[0].sum()


def test_positions_given_are_left_as_they_were() -> None:
    games = Games(20, starts=Starts.standard(random_plies=30), seed=2)
    before = {name: array.copy() for name, array in games.positions.arrays().items()}
    player(2).choose(games.positions, games.legal)

    assert all((array == before[name]).all() for name, array in games.positions.arrays().items())


def test_deeper_players_win() -> None:
    settings = {"num_games": 40, "max_plies": 300, "opening_plies": 6, "seed": 1}
    context = PlayerContext(seed=1, device=torch.device("cpu"))

    assert play_match(player(1), RandomPlayer(context), **settings).score > 0.9
    assert play_match(player(2), player(1), **settings).score > 0.9
