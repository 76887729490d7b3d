"""Positions as a struct of arrays, each seen by its side to move. Knows no rules; see the folder `rules`.

Shape key: N positions, H earlier ones kept of each, 81 squares (file * 9 + rank, both from 0; file 0 is the mover's
right).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

import attrs
import numpy as np
from numpy.typing import NDArray

NUM_SQUARES: Final = 81
NUM_HAND_KINDS: Final = 7
HAND_LETTERS: Final = "PLNSBRG"
"""Kinds in hand in stored order, which is also the order of the seven drop planes of an action."""

PIECE_LETTERS: Final = ("", "P", "L", "N", "S", "B", "R", "G", "K", "+P", "+L", "+N", "+S", "+B", "+R")
"""Letter of each own piece code 1..14; an opponent's piece is the same code plus `OPPONENT`."""

EARLIER_HANDS: Final = NUM_SQUARES
"""Where in an entry of `Positions.history` the hands stand, after the board."""
EARLIER_REPETITION: Final = EARLIER_HANDS + 2 * NUM_HAND_KINDS
EARLIER_BYTES: Final = EARLIER_REPETITION + 1
"""Bytes of an entry: board, hands, repetition."""

OPPONENT: Final = 14
NO_SQUARE: Final = 255
BLACK: Final = 0
WHITE: Final = 1

UInt8Array = NDArray[np.uint8]
Rows = NDArray[np.integer] | NDArray[np.bool_] | slice


@attrs.frozen(eq=False, kw_only=True)
class Positions:
    """N positions, mover's view: for White the board is turned by 180 degrees and colours are swapped.

    This is all of a position that observation planes may read. A stored ply keeps 104 bytes of it, all but `history`,
    which is made again from the plies before; the hashes that repetition needs stay with the game.
    """

    board: UInt8Array
    """uint8 [N, 81], piece codes: 0 empty, 1..14 the mover's, 15..28 the opponent's."""
    hands: UInt8Array
    """uint8 [N, 2, 7], pieces in hand; row 0 the mover's, row 1 the opponent's, kinds in `HAND_LETTERS` order."""
    side_to_move: UInt8Array
    """uint8 [N], 0 Black (sente), 1 White (gote)."""
    ply: NDArray[np.uint16]
    """uint16 [N], plies played since the start of the game."""
    in_check: UInt8Array
    """uint8 [N], 1 where the mover's king is attacked."""
    repetition: UInt8Array
    """uint8 [N], how often this position with this side to move stood before in this game, at most 3."""
    last_moves: UInt8Array
    """uint8 [N, 2, 2], [last move, the one before] x [origin, destination] as squares of the mover's
    view now; `NO_SQUARE` for the origin of a drop and where no move was played."""
    history: UInt8Array
    """uint8 [N, H, 96], the H positions before, the latest first, in the mover's view now: board, hands, repetition
    (the properties below). All 0 where there was none or none is known: before the start of the game, and of a
    position that comes from no game. H is 0 unless somebody asks for more, see `Games`."""

    @classmethod
    def empty(cls, num_positions: int, history: int = 0) -> Self:
        """Makes room for positions with so many earlier ones each: empty boards, empty hands, no last moves."""
        return cls(
            board=np.zeros((num_positions, NUM_SQUARES), np.uint8),
            hands=np.zeros((num_positions, 2, NUM_HAND_KINDS), np.uint8),
            side_to_move=np.zeros(num_positions, np.uint8),
            ply=np.zeros(num_positions, np.uint16),
            in_check=np.zeros(num_positions, np.uint8),
            repetition=np.zeros(num_positions, np.uint8),
            last_moves=np.full((num_positions, 2, 2), NO_SQUARE, np.uint8),
            history=np.zeros((num_positions, history, EARLIER_BYTES), np.uint8),
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Self:
        """Builds positions from what `arrays()` gave."""
        chosen: dict[str, Any] = {field.name: arrays[field.name] for field in attrs.fields(cls)}
        return cls(**chosen)

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """Joins positions in order, copied; at least one part."""
        names = [field.name for field in attrs.fields(cls)]
        return cls.from_arrays({name: np.concatenate([getattr(part, name) for part in parts]) for name in names})

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Returns the eight arrays by name, not copied."""
        return {field.name: getattr(self, field.name) for field in attrs.fields(type(self))}

    def __len__(self) -> int:
        return len(self.board)

    def __getitem__(self, rows: Rows) -> Self:
        """Selects positions by index array, mask (both copy) or slice (a view)."""
        return self.from_arrays({name: array[rows] for name, array in self.arrays().items()})

    def __setitem__(self, rows: Rows, positions: "Positions") -> None:
        """Writes `positions` over the selected ones."""
        for name, array in self.arrays().items():
            array[rows] = getattr(positions, name)

    @property
    def num_earlier(self) -> int:
        """H, how many earlier positions are kept of each."""
        return int(self.history.shape[1])

    @property
    def earlier_board(self) -> UInt8Array:
        """uint8 [N, H, 81], a view of `history`: piece codes as in `board`."""
        return self.history[:, :, :EARLIER_HANDS]

    @property
    def earlier_hands(self) -> UInt8Array:
        """uint8 [N, H, 2, 7], a view of `history`: row 0 is the hand of who is the mover now, as in `hands`."""
        hands = self.history[:, :, EARLIER_HANDS:EARLIER_REPETITION]
        return hands.reshape(*hands.shape[:2], 2, NUM_HAND_KINDS)

    @property
    def earlier_repetition(self) -> UInt8Array:
        """uint8 [N, H], a view of `history`: as in `repetition`, counted when that position stood."""
        return self.history[:, :, EARLIER_REPETITION]

    def with_history(self, num_earlier: int) -> Self:
        """Returns these positions with so many earlier ones each: the latest, and zeros for those that are not kept.

        Say it where zeros are right, as for a position read from text; planes take nobody's silence for a past.
        The other arrays are shared, not copied; so is all if nothing is to be changed.
        """
        kept = self.num_earlier
        if num_earlier == kept:
            return self
        if num_earlier < kept:
            return attrs.evolve(self, history=np.ascontiguousarray(self.history[:, :num_earlier]))
        longer = np.zeros((len(self), num_earlier, EARLIER_BYTES), np.uint8)
        longer[:, :kept] = self.history
        return attrs.evolve(self, history=longer)

    def read_only(self) -> Self:
        """Returns these positions, not copied, in arrays that can't be written through."""
        views = {name: array.view() for name, array in self.arrays().items()}
        for view in views.values():
            view.flags.writeable = False
        return self.from_arrays(views)

    @property
    def bytes_per_position(self) -> int:
        """Memory of one stored position in bytes."""
        return sum(array[0].nbytes for array in Positions.empty(1, self.num_earlier).arrays().values())


def turn_board(board: UInt8Array) -> UInt8Array:
    """Turns a board by 180 degrees and swaps the colours; uint8 [..., 81] to the same."""
    swapped = np.where(board > OPPONENT, board - OPPONENT, board + OPPONENT)
    return np.where(board == 0, 0, swapped)[..., ::-1].astype(np.uint8)
