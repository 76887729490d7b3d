"""Games from a file, before a kernel sees them: compiled code trusts its arrays, and a file may hold anything."""

from collections.abc import Iterator
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.experience.segment import Segment
from keisei_core.shogi import NUM_ACTIONS, Ending, Games, Positions, legal_mask
from keisei_core.shogi.positions import NO_SQUARE, NUM_SQUARES, OPPONENT

NUM_OF_KIND: Final = (18, 4, 4, 4, 2, 2, 4)
"""Pieces of each kind in hand order, both sides and promoted ones together."""
KING: Final = 8
LAST_PIECE: Final = 2 * OPPONENT
MAX_REPETITION: Final = 3


def require_sound(games: Games) -> None:
    """Refuses games in which a kernel would read or write beside its arrays, or play a move that is none.

    Raises:
        ValueError: names what is wrong.
    """
    for name, is_right in _claims(games):
        if not is_right:
            raise ValueError(f"expected games in progress, got {name} that no game has")


def require_sound_segment(segment: Segment) -> None:
    """Refuses a segment in which a kernel would read or write beside its arrays, or that no games could have made.

    Raises:
        ValueError: names what is wrong.
    """
    for name, is_right in _claims_of(segment):
        if not is_right:
            raise ValueError(f"expected a segment of games, got {name} that no game has")


def _claims_of(segment: Segment) -> Iterator[tuple[str, bool]]:
    shape, cut_rows = segment.action.shape, segment.cut_rows
    for name in ("positions", "after", "cut"):
        yield name, _in_range(getattr(segment, name))
    pasts = np.concatenate(segment.begun)
    yield "earlier positions", _in_range(attrs.evolve(Positions.empty(len(pasts)), history=pasts))
    by_ply = (segment.learned, segment.ending, *segment.columns.values())
    yield "numbers of plies", all(array.shape[:2] == shape for array in by_ply)
    sizes = len(segment.positions), len(segment.after), len(segment.cut)
    yield "numbers of positions", sizes == (segment.num_plies, shape[1], len(cut_rows))
    yield "actions", bool(((segment.action >= 0) & (segment.action < NUM_ACTIONS)).all())
    yield "endings", bool((segment.ending <= max(Ending)).all())
    yield "plies after which they were cut", bool(((cut_rows >= 0) & (cut_rows < segment.num_plies)).all())


def _claims(games: Games) -> Iterator[tuple[str, bool]]:
    """Yields what must be so; each relies on those before it."""
    for name, positions in (("positions", games.positions), ("final positions", games.final)):
        yield name, _in_range(positions)
    positions, state = games.positions, games.state()
    yield "sets of pieces", _has_the_pieces_of_a_game(positions)
    first_ply, checks = state["first_ply"].astype(np.int64), state["checks"].astype(np.int64)
    yield "numbers of plies", bool(((first_ply <= positions.ply) & (positions.ply <= games.max_plies)).all())
    yield "series of checks", bool((checks <= games.max_plies).all())
    yield "endings", bool((games.ending <= max(Ending)).all())
    yield "legal moves", bool((legal_mask(positions) == games.legal).all())
    num_legal = games.legal.sum(axis=1)
    yield "numbers of legal moves", bool(((num_legal == games.num_legal) & (num_legal > 0)).all())


def _in_range(positions: Positions) -> bool:
    squares: NDArray[np.uint8] = positions.last_moves
    return bool(
        (positions.board <= LAST_PIECE).all()
        and (positions.hands <= NUM_OF_KIND).all()
        and (positions.side_to_move <= 1).all()
        and (positions.in_check <= 1).all()
        and (positions.repetition <= MAX_REPETITION).all()
        and ((squares < NUM_SQUARES) | (squares == NO_SQUARE)).all()
        and (positions.earlier_board <= LAST_PIECE).all()
        and (positions.earlier_hands <= NUM_OF_KIND).all()
        and (positions.earlier_repetition <= MAX_REPETITION).all()
    )


def _has_the_pieces_of_a_game(positions: Positions) -> bool:
    """One king each, and no more of any other kind than a set has (handicap games have fewer)."""
    kings = ((positions.board == king).sum(axis=1) for king in (KING, KING + OPPONENT))
    kinds = np.where(positions.board > OPPONENT, positions.board - OPPONENT, positions.board)
    unpromoted = np.where(kinds > KING, kinds - KING, kinds)
    in_hand = positions.hands.sum(axis=1)
    few_enough = [
        ((unpromoted == kind + 1) & (kinds != KING)).sum(axis=1) + in_hand[:, kind] <= most
        for kind, most in enumerate(NUM_OF_KIND)
    ]
    return all(bool((number == 1).all()) for number in kings) and all(bool(few.all()) for few in few_enough)
