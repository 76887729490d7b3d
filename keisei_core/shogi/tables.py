"""Tables computed once: how pieces move, what they attack, and where they may stand.

Shape key: 81 squares (file * 9 + rank), 96 the same with a tail of zeros for vector loops, 29 piece codes,
10 directions. A set of directions is a number with bit d set for direction d.
"""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi.actions import (
    DOWN,
    DOWN_LEFT,
    DOWN_RIGHT,
    KNIGHT_LEFT,
    KNIGHT_RIGHT,
    LEFT,
    NUM_DIRECTIONS,
    RIGHT,
    UP,
    UP_LEFT,
    UP_RIGHT,
)
from keisei_core.shogi.positions import NUM_HAND_KINDS, NUM_SQUARES, OPPONENT, UInt8Array

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]
Float32Array = NDArray[np.float32]
UInt16Array = NDArray[np.uint16]
UInt64Array = NDArray[np.uint64]

ROW: Final = 96
"""Length of a padded row: 81 squares and a tail of zeros, a multiple of the vector width."""

NUM_CODES: Final = 29
EMPTY: Final = 0
PAWN, LANCE, KNIGHT, SILVER, BISHOP, ROOK, GOLD, KING = range(1, 9)
PROMOTED: Final = 8
"""A promoted piece is its own code plus 8."""
TOKIN, PROMOTED_LANCE, PROMOTED_KNIGHT, PROMOTED_SILVER, HORSE, DRAGON = range(9, 15)
GOLD_MOVERS: Final = (GOLD, TOKIN, PROMOTED_LANCE, PROMOTED_KNIGHT, PROMOTED_SILVER)

FILE_STEP: Final = (0, 1, -1, 1, -1, 0, 1, -1, 1, -1)
RANK_STEP: Final = (-1, -1, -1, 0, 0, 1, 1, 1, -2, -2)
OPPOSITE: Final = (DOWN, DOWN_RIGHT, DOWN_LEFT, RIGHT, LEFT, UP, UP_RIGHT, UP_LEFT)
NUM_LINES: Final = 8
"""Directions that a piece may slide in: all but the two jumps of the knight."""


def directions(members: Iterable[int]) -> int:
    """Packs directions into a set."""
    return sum(1 << direction for direction in members)


def opposite(members: int) -> int:
    """Turns a set of the eight lines by 180 degrees."""
    return directions(OPPOSITE[line] for line in range(NUM_LINES) if members >> line & 1)


ORTHOGONALS: Final = directions((UP, LEFT, RIGHT, DOWN))
DIAGONALS: Final = directions((UP_LEFT, UP_RIGHT, DOWN_LEFT, DOWN_RIGHT))
ALL_LINES: Final = ORTHOGONALS | DIAGONALS
GOLD_STEPS: Final = ORTHOGONALS | directions((UP_LEFT, UP_RIGHT))
SILVER_STEPS: Final = DIAGONALS | directions((UP,))
PAWN_STEPS: Final = directions((UP,))

STEPS: Final = {
    PAWN: PAWN_STEPS, SILVER: SILVER_STEPS, KING: ALL_LINES, HORSE: ORTHOGONALS, DRAGON: DIAGONALS,
    **dict.fromkeys(GOLD_MOVERS, GOLD_STEPS),
}  # fmt: skip
"""One-square moves of each own piece along the eight lines."""
SLIDES: Final = {
    LANCE: PAWN_STEPS, BISHOP: DIAGONALS, ROOK: ORTHOGONALS, HORSE: DIAGONALS, DRAGON: ORTHOGONALS,
}  # fmt: skip
"""Lines along which each own piece slides."""


def _ray_length(square: int, direction: int) -> int:
    file, rank = divmod(square, 9)
    length = 0
    while 0 <= (file := file + FILE_STEP[direction]) < 9 and 0 <= (rank := rank + RANK_STEP[direction]) < 9:
        length += 1
        if direction >= NUM_LINES:
            break
    return length


def _by_piece(entry: Callable[[int], int], dtype: type[np.integer] = np.int64) -> NDArray[np.integer]:
    return np.array([entry(code) for code in range(NUM_CODES)], dtype)


def _by_square(entry: Callable[[int], int]) -> UInt8Array:
    row = np.zeros(ROW, np.uint8)
    row[:NUM_SQUARES] = [entry(square) for square in range(NUM_SQUARES)]
    return row


DELTA: Final[Int64Array] = np.array([FILE_STEP[d] * 9 + RANK_STEP[d] for d in range(NUM_DIRECTIONS)], np.int64)
"""int64 [10]; what one step in a direction adds to a square."""
RAY_LENGTH: Final[Int64Array] = np.array(
    [[_ray_length(square, direction) for direction in range(NUM_DIRECTIONS)] for square in range(NUM_SQUARES)],
    np.int64,
)
"""int64 [81, 10]; squares from a square to the edge (a knight's jump counts as one)."""
NO_KING: Final = NUM_SQUARES
"""In the place of a king's square where a side has none, as in a problem: next to no square, in no line with any."""
RANK: Final[Int64Array] = np.append(np.arange(NUM_SQUARES, dtype=np.int64) % 9, 9)
"""int64 [82]; 0 is the far rank, 0..2 the mover's promotion zone; 9 of `NO_KING`."""
AXIS: Final[Int64Array] = np.array([1 << line | 1 << OPPOSITE[line] for line in range(NUM_LINES)], np.int64)
"""int64 [8]; a line and its opposite, the moves left to a piece pinned on it."""


def _direction_to() -> Int64Array:
    table = np.full((NUM_SQUARES, NO_KING + 1), NUM_DIRECTIONS, np.int64)
    for origin in range(NUM_SQUARES):
        for line in range(NUM_LINES):
            for distance in range(1, RAY_LENGTH[origin, line] + 1):
                table[origin, origin + distance * DELTA[line]] = line
    return table


DIRECTION_TO: Final = _direction_to()
"""int64 [81, 82]; the line that leads from one square to another or to `NO_KING`, 10 where none does."""

KIND_IN_HAND: Final[Int64Array] = np.zeros(NUM_CODES, np.int64)
"""int64 [29]; what a captured piece becomes in hand: 0..6 in `HAND_LETTERS` order."""
for _code in range(PAWN, DRAGON + 1):
    if _code != KING:
        KIND_IN_HAND[[_code, _code + OPPONENT]] = (_code if _code < KING else _code - PROMOTED) - 1

BIG_POINTS: Final = 5
POINTS: Final[Int64Array] = np.zeros(NUM_CODES, np.int64)
"""int64 [29]; what an own piece other than the king counts for the 27-point declaration."""
POINTS[PAWN : DRAGON + 1] = 1
POINTS[[BISHOP, ROOK, HORSE, DRAGON]] = BIG_POINTS
POINTS[KING] = 0

MIN_RANK: Final[Int64Array] = np.zeros(DRAGON + 1, np.int64)
"""int64 [15]; the farthest rank on which an own piece may stand and still move."""
MIN_RANK[[PAWN, LANCE, KNIGHT]] = 1, 1, 2

MAY_DROP: Final[UInt8Array] = np.stack(
    [_by_square(lambda square, kind=kind: square % 9 >= MIN_RANK[kind + 1]) for kind in range(NUM_HAND_KINDS)]  # type: ignore[misc]
)
"""uint8 [7, 96]; 1 where a dropped piece has a move left."""

# --- sliding pieces, and what attacks a square --------------------------------------------------------------------
OWN_SLIDES: Final = _by_piece(lambda code: SLIDES.get(code, 0))
"""int64 [29]; lines along which an own piece slides."""
OPPONENT_SLIDES: Final = _by_piece(lambda code: opposite(SLIDES.get(code - OPPONENT, 0)))
"""int64 [29]; lines along which an opponent's piece slides, in the mover's directions."""
OUTSIDE: Final = 110
"""A place of a row that is no square, behind all that vector loops read."""
PATH: Final = 8
"""Squares of the longest way to the edge."""


def _path(square: int, line: int) -> list[int]:
    length = 0 if square == NO_KING else RAY_LENGTH[square, line]
    squares = [square + distance * int(DELTA[line]) for distance in range(1, length + 1)]
    return squares + [OUTSIDE] * (PATH - len(squares))


PATHS: Final[UInt8Array] = np.array(
    [[_path(square, line) for line in range(NUM_LINES)] for square in (*range(NUM_SQUARES), NO_KING)], np.uint8
).reshape(-1)
"""uint8 [82 * 8 * 8]; the squares from a square, or `NO_KING`, to the edge in a line, then `OUTSIDE`."""


def _attacks_back(code: int, moves_of: Callable[[int], int]) -> int:
    """The directions in which one must look from a square to see a piece `code` that attacks it."""
    return opposite(moves_of(code)) if code <= OPPONENT else moves_of(code - OPPONENT)


ATTACKS_NEXT: Final = _by_piece(
    lambda code: _attacks_back(code, lambda piece: STEPS.get(piece, 0) | SLIDES.get(piece, 0))
)
"""int64 [29]; directions in which a piece seen at distance one attacks the square it is seen from."""
ATTACKS_FAR: Final = _by_piece(lambda code: _attacks_back(code, lambda piece: SLIDES.get(piece, 0)))
"""int64 [29]; the same at any distance."""


def _knight_origins(side: int) -> list[list[int]]:
    """Where knights stand that attack each square, `NO_KING` in the place of what is off the board."""
    origins = []
    for square in range(NUM_SQUARES):
        rank = square % 9 + (-2 if side else 2)
        files = (square // 9 - 1, square // 9 + 1)
        origins.append([file * 9 + rank if 0 <= file < 9 and 0 <= rank < 9 else NUM_SQUARES for file in files])
    return origins


KNIGHT_ORIGINS: Final[Int64Array] = np.array([_knight_origins(side) for side in range(2)], np.int64)
"""int64 [2, 81, 2]; where knights stand that attack a square, the mover's and the waiter's; 81 for none."""

# --- rows for the vector loops ------------------------------------------------------------------------------------


def _neighbours(square: int) -> int:
    return directions(line for line in range(NUM_LINES) if RAY_LENGTH[square, line])


def _promoting_steps(piece: int) -> Callable[[int], int]:
    def entry(square: int) -> int:
        return directions(
            line
            for line in range(NUM_LINES)
            if STEPS[piece] >> line & 1
            and RAY_LENGTH[square, line]
            and min(square % 9, square % 9 + RANK_STEP[line]) < 3
        )

    return entry


def _own_knight(square: int) -> int:
    left, right = (RAY_LENGTH[square, jump] for jump in (KNIGHT_LEFT, KNIGHT_RIGHT))
    stays, promotes = square % 9 - 2 >= MIN_RANK[KNIGHT], square % 9 - 2 < 3
    return int((left * 1 + right * 2) * stays + (left * 4 + right * 8) * promotes)


def _opponent_knight(square: int) -> int:
    file, rank = divmod(square, 9)
    return (16 * (file > 0) + 32 * (file < 8)) * (rank + 2 <= 8)


NEIGHBOURS: Final = _by_square(_neighbours)
"""uint8 [96]; the lines in which a square has a neighbour."""
PAWN_STAYS: Final = _by_square(lambda square: square % 9 >= 2)
"""uint8 [96]; 1 where a pawn may step up without promoting."""
PAWN_PROMOTES: Final = _by_square(_promoting_steps(PAWN))
SILVER_PROMOTES: Final = _by_square(_promoting_steps(SILVER))


def _slides_to(is_allowed: Callable[[int], bool]) -> UInt8Array:
    """The lines in which a square has a neighbour whose rank is allowed, per square, `OUTSIDE` included."""
    row = np.zeros(OUTSIDE + 1, np.uint8)
    for square in range(NUM_SQUARES):
        lines = (line for line in range(NUM_LINES) if RAY_LENGTH[square, line])
        row[square] = directions(line for line in lines if is_allowed(square % 9 + RANK_STEP[line]))
    return row


SLIDE_STAYS: Final = np.stack([_slides_to(lambda _: True), _slides_to(lambda rank: rank >= MIN_RANK[LANCE])])
"""uint8 [2, 111]; the lines in which a sliding piece may leave a square without promoting; second row for a lance."""
SLIDE_PROMOTES: Final = np.stack([_slides_to(lambda _: False), _slides_to(lambda rank: rank < 3), SLIDE_STAYS[0]])
"""uint8 [3, 111]; the same promoting, for a piece that can't, one that comes from outside the zone, one from inside."""
MAY_PROMOTE: Final = _by_piece(lambda code: code in (LANCE, BISHOP, ROOK))
"""int64 [29]; 1 for the own sliding pieces that promote."""
OWN_KNIGHT_JUMPS: Final = _by_square(_own_knight)
"""uint8 [96]; jumps of an own knight: bits 0, 1 left and right, 2, 3 the same promoting."""
OPPONENT_KNIGHT_JUMPS: Final = _by_square(_opponent_knight)
"""uint8 [96]; jumps of an opponent's knight: bit 4 towards lower files, 5 towards higher ones."""

# --- hashing ------------------------------------------------------------------------------------------------------
_random = np.random.default_rng(12345)
PIECE_KEYS: Final[UInt64Array] = _random.integers(1, 2**64, (NUM_CODES, NUM_SQUARES), np.uint64)
"""uint64 [29, 81]; key of a piece on a square, both as Black sees them."""
_WHITE_KEYS = np.concatenate([PIECE_KEYS[:1], np.roll(PIECE_KEYS[1:, ::-1], OPPONENT, axis=0)])
PIECE_KEYS_BY_VIEW: Final[UInt64Array] = np.stack([PIECE_KEYS, _WHITE_KEYS])
"""uint64 [2, 29, 81]; the same by side to move, for own or opponent's pieces on squares of its view."""
HAND_KEYS: Final[UInt64Array] = _random.integers(1, 2**64, (2, NUM_HAND_KINDS, 19), np.uint64)
"""uint64 [2, 7, 19]; key of a count in hand, Black's first."""
