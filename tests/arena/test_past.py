"""Moves that bring a position of the game back, against a list of all positions as text."""

import numpy as np
import pytest

from keisei_core.arena.past import Past
from keisei_core.shogi import Games, Starts, action_to_usi, format_sfen, usi_to_action

BARE = "4k4/9/9/9/9/9/9/9/R3K4 b P 1"
"""Few pieces: positions come back all the time."""


def without_count(sfen: str) -> str:
    return sfen.rsplit(" ", 1)[0]


@pytest.mark.parametrize(("start", "num_plies", "least"), [(BARE, 60, 100), ("startpos", 40, 10)])
def test_moves_taken_out_are_those_that_bring_a_position_back(start, num_plies, least):
    num_games = 8
    games = Games(num_games, starts=Starts.from_sfens([start]), seed=3)
    past, rows = Past(num_games, games.max_plies), np.arange(num_games)
    past.note(games.positions, rows)
    seen = [{without_count(format_sfen(games.positions, row))} for row in rows]
    num_taken = 0
    for _ in range(num_plies):
        kept = past.without_repetition(games.positions, games.legal, rows)
        for row in rows:
            allowed = np.flatnonzero(games.legal[row])
            if not len(allowed):  # ended, by repetition for the most part
                continue
            trial = Games(len(allowed), starts=Starts.from_sfens([format_sfen(games.positions, row)]))
            trial.step(allowed.astype(np.int32), reset=False)
            back = {
                action
                for index, action in enumerate(allowed)
                if without_count(format_sfen(trial.positions, index)) in seen[row]
            }
            expected = back if len(back) < len(allowed) else set()
            assert set(np.flatnonzero(games.legal[row] != kept[row])) == expected
            num_taken += len(expected)
        games.step(quiet(games), reset=False)
        past.note(games.positions, rows)
        for row in rows:
            seen[row].add(without_count(format_sfen(games.positions, row)))
    assert num_taken >= least


def quiet(games: Games) -> np.ndarray:
    """Moves a king or a rook to and fro, now and then any piece, so that positions come back and pieces are taken."""
    actions = games.sample()
    for row in range(len(games)):
        position = games.positions
        if games.positions.ply[row] % 7:
            wanted = ["5i5h", "5h5i", "5a5b", "5b5a"]
            usi = {action_to_usi(position, int(action), row) for action in np.flatnonzero(games.legal[row])}
            chosen = [move for move in wanted if move in usi]
            if chosen:
                actions[row] = usi_to_action(position, chosen[0], row)
    return actions


def test_all_moves_are_left_where_each_brings_a_position_back():
    games = Games(1, starts=Starts.from_sfens([BARE]))
    past, rows = Past(1, games.max_plies), np.arange(1)
    past.note(games.positions, rows)
    only = np.zeros_like(games.legal)
    for move in ("5i5h", "5a5b", "5h5i"):
        games.step(np.array([usi_to_action(games.positions, move)], np.int32))
        past.note(games.positions, rows)
    back = usi_to_action(games.positions, "5b5a")
    only[0, back] = 1

    assert past.without_repetition(games.positions, games.legal, rows)[0, back] == 0
    assert (past.without_repetition(games.positions, only, rows) == only).all()
