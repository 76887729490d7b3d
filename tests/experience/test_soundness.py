"""Games and segments from a hostile file are refused before a kernel sees them."""

import attrs
import numpy as np
import pytest

from keisei_core.config.tables import SelfPlayTable
from keisei_core.decide import Column
from keisei_core.experience import Replay, Segment
from keisei_core.experience.soundness import require_sound, require_sound_segment
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


def segment_of_games(num_plies: int = 12) -> Segment:
    """Games of a few plies each, with the earlier position that planes may ask for."""
    games = Games(4, max_plies=5, starts=configured_starts(["startpos"], SelfPlayTable()).draw(), seed=1, history=1)
    segment = Segment.empty(num_plies, 4, (Column("value", np.float32),), num_earlier=1)
    for ply in range(num_plies):
        segment.put(ply, games.positions)
        segment.action[ply] = games.sample()
        games.step(segment.action[ply].astype(np.int32))
        segment.ending[ply] = games.ending
    segment.after[:] = games.positions
    return segment


def test_segment_that_was_played_is_sound():
    require_sound_segment(segment_of_games())


@pytest.mark.parametrize(("spoil", "told"), [
    (lambda segment: np.copyto(segment.positions.board, 29), "positions"),
    (lambda segment: np.copyto(segment.after.hands, 19), "after"),
    (lambda segment: np.copyto(segment.after.history, 200), "after"),
    (lambda segment: np.copyto(segment.begun[0], 200), "earlier positions"),
    (lambda segment: np.copyto(segment.action, 2187), "actions"),
    (lambda segment: np.copyto(segment.action, -1), "actions"),
    (lambda segment: np.copyto(segment.ending, 99), "endings"),
    (lambda segment: attrs.evolve(segment, after=segment.after[:3]), "numbers of positions"),
    (lambda segment: attrs.evolve(segment, cut_rows=np.array([0])), "numbers of positions"),
    (lambda segment: attrs.evolve(segment, cut=segment.after, cut_rows=np.full(4, 48)), "plies after which they were"),
    (lambda segment: attrs.evolve(segment, learned=segment.learned[:3]), "numbers of plies"),
    (lambda segment: attrs.evolve(segment, columns={"value": np.zeros((3, 4))}), "numbers of plies"),
])  # fmt: skip
def test_segment_that_no_games_made_is_refused_where_it_is_read_back(spoil, told):
    segment = segment_of_games()
    kept = Replay(1)
    kept.add(spoil(segment) or segment)

    with pytest.raises(ValueError, match=f"^expected a segment of games, got {told}"):
        Replay(1).load_state(*kept.state())
