"""The core's warm-ups: each calls some kernels as the core itself does, on a few positions.

Processes share no inner functions: each compiles those of the kernels that it comes to. So a warm-up has no game played
where legal moves will do, and none found where an empty board will do: the kernels for that are compiled elsewhere.
"""

from typing import Final

import numpy as np

from keisei_core.shogi import (
    NUM_ACTIONS,
    PIECE_VALUES,
    START_SFEN,
    Branches,
    Games,
    Positions,
    UInt8Array,
    action_to_usi,
    draw_moves,
    exchange_values,
    find_sound,
    legal_mask,
    legal_moves,
    mates_beside,
    may_declare,
    parse_sfen,
    perft,
    random_sidelines,
)
from keisei_core.shogi.crew import compile_following
from keisei_core.shogi.mates import find_mates

HISTORY: Final = 2


def start() -> tuple[Positions, UInt8Array]:
    """Returns the start position and its legal moves."""
    positions = parse_sfen(START_SFEN)
    return positions, legal_mask(positions)


def empty() -> tuple[Positions, UInt8Array]:
    """Returns an empty board and no legal moves, for kernels that are handed both; nothing is compiled for it."""
    return Positions.empty(1), np.zeros((1, NUM_ACTIONS), np.uint8)


def some_games() -> Games:
    """Returns games that stand a ply behind the start."""
    games = Games(2, max_plies=8, seed=1, history=HISTORY)
    games.step(games.sample())
    return games


def play() -> None:
    """Games, drawn ahead and not, and moves that are checked."""
    games = some_games()
    for _ in range(2):
        games.sample()
    actions = games.legal.argmax(axis=1).astype(np.int32)
    games.step(actions, reset=False)


def lists() -> None:
    """Moves as the policy has them, moves drawn from it, and threads that share rows."""
    compile_following()
    positions, legal = start()
    legal_moves(positions)
    draw_moves(np.zeros(legal.shape, np.float32), legal.view(np.bool_), np.zeros(1, np.float32))


def sound_moves() -> None:
    """What `tactics` teaches."""
    find_sound(*empty(), [int(value) for value in PIECE_VALUES], margin=4)


def exchanges() -> None:
    """Exchanges alone, as benchmarks count them."""
    exchange_values(*empty(), [int(value) for value in PIECE_VALUES])


def mates() -> None:
    """Mates in one, on the board and beside the games, random moves there, and declarations."""
    find_mates(*empty())
    mates_beside(start()[0], 1, np.random.default_rng(1))
    random_sidelines(*start(), np.random.default_rng(1))
    may_declare(start()[0])


def branches() -> None:
    """Branches that play on, in place and in copies."""
    games = some_games()
    made = Branches.of_games(games, np.arange(2))
    actions = made.legal.argmax(axis=1).astype(np.int32)
    rows = np.arange(2, dtype=np.int32)
    made.extend(rows, rows, actions, made.empty(2))
    made.play(actions)


def leaves() -> None:
    """Counts of moves."""
    perft(parse_sfen(START_SFEN), 2)


def matches() -> None:
    """Positions of a game that must not come again, and moves as records have them."""
    from keisei_core.arena.past import Past

    games = some_games()
    rows = np.arange(2, dtype=np.int64)
    past = Past(2, max_plies=8)
    past.note(games.positions, rows)
    past.without_repetition(games.positions, games.legal, rows)
    action_to_usi(games.positions[:1], int(games.legal[0].argmax()))


def segments() -> None:
    """Positions before those of a segment, made anew."""
    from keisei_core.experience.segment import Segment

    segment = Segment.empty(num_plies=1, num_games=2, columns=(), num_earlier=HISTORY)
    segment.put(0, some_games().positions)
    segment.positions_of(np.arange(2))
