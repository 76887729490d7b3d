"""Games from a hostile file are refused before a kernel sees them."""

import numpy as np
import pytest

from keisei_core.config.tables import SelfPlayTable
from keisei_core.experience.soundness import require_sound
from keisei_core.shogi import Games, configured_starts

MAX_PLIES = 40
HOSTILE = {
    "positions.board": (200, "positions"),
    "positions.hands": (19, "positions"),
    "positions.side_to_move": (2, "positions"),
    "positions.repetition": (4, "positions"),
    "positions.last_moves": (81, "positions"),
    "positions.ply": (MAX_PLIES + 1, "numbers of plies"),
    "final.board": (29, "final positions"),
    "first_ply": (60_000, "numbers of plies"),
    "checks": (60_000, "series of checks"),
    "ending": (99, "endings"),
    "legal": (1, "legal moves"),
    "num_legal": (0, "numbers of legal moves"),
}


def played(num_plies: int = 100, **settings: object) -> Games:
    pool = configured_starts(["startpos"], SelfPlayTable(**settings))
    games = Games(16, max_plies=MAX_PLIES, starts=pool.draw(), seed=3)
    for _ in range(num_plies):
        games.step(games.sample())
    return games


@pytest.mark.parametrize("num_plies", [0, 1, 35, 200])
def test_games_that_were_played_are_sound(num_plies):
    require_sound(played(num_plies))


def test_handicap_games_are_sound():
    require_sound(played(starts=("two-piece", "lance", "startpos"), mirror=True))


@pytest.mark.parametrize("name", HOSTILE)
def test_value_that_no_game_has_is_refused(name):
    games = played()
    value, told = HOSTILE[name]
    state = games.state()
    state[name].reshape(16, -1)[7, :] = value
    games.load_state(state)

    with pytest.raises(ValueError, match=f"expected games in progress, got {told} that no game has"):
        require_sound(games)


@pytest.mark.parametrize("piece", [0, 8, 22, 6, 14])
def test_too_many_or_too_few_pieces_are_refused(piece):
    games = played()
    state = games.state()
    board = state["positions.board"][2]
    board[:40] = piece  # no king there any more, or 40 of them, or 40 rooks, or 40 dragons
    games.load_state(state)

    with pytest.raises(ValueError, match="sets of pieces"):
        require_sound(games)


def test_one_king_missing_is_refused():
    games = played()
    state = games.state()
    state["positions.board"][2][state["positions.board"][2] == 8] = 0
    games.load_state(state)

    with pytest.raises(ValueError, match="sets of pieces"):
        require_sound(games)


def test_move_that_is_not_legal_is_refused():
    games = played()
    state = games.state()
    state["legal"][0, np.flatnonzero(state["legal"][0] == 0)[0]] = 1
    games.load_state(state)

    with pytest.raises(ValueError, match="legal moves"):
        require_sound(games)
