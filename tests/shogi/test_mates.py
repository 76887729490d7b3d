"""Mates in one and sound moves against plain Python over rsshogi's boards."""

from collections.abc import Iterator

import numpy as np
import pytest
from rsshogi.core import Board

from keisei_core.shogi import (
    NUM_ACTIONS,
    Games,
    Positions,
    Starts,
    action_to_usi,
    format_sfen,
    legal_mask,
    parse_sfen,
)
from keisei_core.shogi.material import PIECE_VALUES
from keisei_core.shogi.mates import exchange_values, find_mates, find_sound

NEAR_MATE = (
    # Generals and pieces in hand around bare kings: many checks and mates, discovered and by drops.
    "4k4/9/4P4/9/9/9/9/9/4K4 b 2G2S2N2L2RB5Pb 1",
    "lnsgk1snl/1r4gb1/p1pppp2p/6pp1/1p7/2P4P1/PP1PPPP1P/1BG4R1/LNS1KGSNL b - 1",
    "3k5/3P5/2+B1R4/9/4r4/9/4p4/5p3/4K4 w GSNL2g2s 1",
    "k6rr/9/1L7/BN7/L8/9/9/9/8K b 2G2S4p 1",
)


def mating_moves(board: Board) -> set[str]:
    found = set()
    for move in board.legal_moves():
        board.apply_move(move)
        if board.is_in_check() and not board.legal_moves():
            found.add(move.to_usi())
        board.undo_move(move)
    return found


def positions_of_random_games(num_games: int, num_plies: int, every: int) -> Iterator[Positions]:
    for starts in (Starts.standard(), Starts.from_sfens(NEAR_MATE)):
        games = Games(num_games, starts=starts, seed=4)
        for ply in range(num_plies):
            if ply % every == 0:
                yield games.positions[np.arange(num_games)]
            games.step(games.sample())


def test_mates_in_one_are_those_after_which_rsshogi_finds_no_move() -> None:
    num_mates = num_positions = 0
    for positions in positions_of_random_games(num_games=12, num_plies=90, every=5):
        legal = legal_mask(positions)
        mates = find_mates(positions, legal)
        for row in range(len(positions)):
            found = {action_to_usi(positions, int(action), row) for action in np.flatnonzero(mates[row])}
            sfen = format_sfen(positions, row)
            assert found == mating_moves(Board(sfen)), sfen
            num_mates += len(found)
            num_positions += bool(found)
    assert num_mates > num_positions > 15


@pytest.mark.parametrize(
    ("sfen", "expected"),
    [
        pytest.param("4k4/9/4P4/9/9/9/9/9/4K4 b G 1", {"G*5b"}, id="gold-dropped-before-the-king"),
        pytest.param("4k4/9/4P4/9/9/9/9/9/4K4 b P 1", set(), id="no-mate-by-pawn-drop"),
        pytest.param("kl7/pn7/9/9/9/9/9/9/4K4 b N 1", {"N*8c"}, id="knight-over-pieces"),
        pytest.param("k8/9/N8/L8/9/9/9/9/4K3R b - 1", set(), id="uncovered-check-that-can-be-left"),
        pytest.param("kr7/ps7/9/9/9/9/9/7L1/K7L w B2G2S2N2L 1", set(), id="white-has-none"),
    ],
)
def test_mates_by_hand(sfen: str, expected: set[str]) -> None:
    position = parse_sfen(sfen)
    mates = find_mates(position, legal_mask(position))

    assert {action_to_usi(position, int(action)) for action in np.flatnonzero(mates[0])} == expected


def positions_near_mates(num_games: int) -> Iterator[Positions]:
    """Yields positions of the first random plies after `NEAR_MATE`, where many moves allow a mate and others don't."""
    games = Games(num_games, starts=Starts.from_sfens(NEAR_MATE), seed=9)
    for _ in range(6):
        yield games.positions[np.arange(num_games)]
        games.step(games.sample())


def mated_by_playing_on(positions: Positions, row: int) -> np.ndarray:
    """Plays every legal move in a game of its own and looks there for mates; returns bool [2187]."""
    actions = np.flatnonzero(legal_mask(positions[row : row + 1])[0]).astype(np.int32)
    games = Games(len(actions), starts=Starts(positions[row : row + 1]))
    games.step(actions, reset=False)
    mated = np.zeros(NUM_ACTIONS, np.bool_)
    mated[actions] = find_mates(games.positions, legal_mask(games.positions)).any(axis=1)
    return mated


def sound_by_hand(
    legal: np.ndarray, values: np.ndarray, mates: np.ndarray, mated: np.ndarray, margin: int
) -> np.ndarray:
    """Returns the sound moves of one position, bool [2187], as their definition says."""
    if mates.any():
        return mates == 1
    safe = (legal == 1) & ~mated
    allowed = safe if safe.any() else legal == 1
    return allowed & (values >= values[allowed].max() - margin)


@pytest.mark.parametrize("margin", [0, 4, 1000])
def test_sound_moves_are_those_of_the_definition(margin: int) -> None:
    num_positions = num_hopeless = num_mixed = 0
    for positions in (*positions_of_random_games(num_games=8, num_plies=80, every=5), *positions_near_mates(16)):
        legal = legal_mask(positions)
        found = find_sound(positions, legal, PIECE_VALUES, margin)
        values, mates = exchange_values(positions, legal, PIECE_VALUES), find_mates(positions, legal)
        for row in range(len(positions)):
            mated = mated_by_playing_on(positions, row)
            expected = sound_by_hand(legal[row], values[row], mates[row], mated, margin)
            np.testing.assert_array_equal(found.sound[row], expected, err_msg=format_sfen(positions, row))
            assert found.has_mate[row] == mates[row].any()
            num_positions += 1
            num_hopeless += mated.sum() == legal[row].sum()
            num_mixed += 0 < mated.sum() < legal[row].sum()
    assert num_positions > 300
    assert num_hopeless > 0
    assert num_mixed > 40


def test_unsound_moves_are_those_after_which_rsshogi_finds_a_mate() -> None:
    num_mated = 0
    for positions in positions_near_mates(6):
        legal = legal_mask(positions)
        found = find_sound(positions, legal, PIECE_VALUES, 1000)
        for row in np.flatnonzero(~found.has_mate):
            board, allowing = Board(format_sfen(positions, row)), set()
            for move in board.legal_moves():
                board.apply_move(move)
                if mating_moves(board):
                    allowing.add(move.to_usi())
                board.undo_move(move)
            unsound = {
                action_to_usi(positions, int(a), row) for a in np.flatnonzero((legal[row] == 1) & ~found.sound[row])
            }
            is_hopeless = len(allowing) == legal[row].sum()
            assert unsound == (set() if is_hopeless else allowing), format_sfen(positions, row)
            num_mated += len(unsound)
    assert num_mated > 20


@pytest.mark.parametrize(
    ("sfen", "safe"),
    [
        # A gold dropped at 9h mates, unless the rook guards 9h or gives check first.
        pytest.param("5k3/9/9/9/4r3R/9/g8/9/KL7 b g 1", {"1e1h", "1e1a", "1e1a+", "1e4e"}, id="gold-on-the-back-rank"),
        pytest.param("5k3/9/9/9/4s4/4P4/g8/9/KL7 b g 1", None, id="nothing-helps"),
        # A pawn must not mate by a drop, so nothing needs to be done against it.
        pytest.param("5k3/9/9/9/9/9/g8/9/KL7 b p 1", None, id="no-mate-by-pawn-drop"),
    ],
)
def test_moves_that_let_nobody_mate_by_hand(sfen: str, safe: set[str] | None) -> None:
    position = parse_sfen(sfen)
    legal = legal_mask(position)
    found = find_sound(position, legal, PIECE_VALUES, 1000)
    everything = {action_to_usi(position, int(action)) for action in np.flatnonzero(legal[0])}

    sound = {action_to_usi(position, int(action)) for action in np.flatnonzero(found.sound[0])}

    assert sound == (everything if safe is None else safe)
