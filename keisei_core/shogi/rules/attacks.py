"""Whether a square is attacked, by walking the board: needed only where a pawn drop may be mate."""

from keisei_core.shogi.compile import inner, signed
from keisei_core.shogi.positions import OPPONENT, UInt8Array
from keisei_core.shogi.rules.steps import KNIGHT_LEFT_DELTA, KNIGHT_RIGHT_DELTA
from keisei_core.shogi.tables import ATTACKS_FAR, ATTACKS_NEXT, DELTA, KNIGHT, NUM_LINES, RAY_LENGTH


@inner
def is_attacked_by_mover(boards: UInt8Array, board: int, square: int, ignored: int) -> bool:
    """Tells whether the mover attacks a square, seeing through the piece on `ignored` (-1 for none)."""
    for line in range(NUM_LINES):
        seen = square
        for distance in range(RAY_LENGTH[square, line]):
            seen += DELTA[line]
            code = signed(boards[board + seen])
            if code == 0 or seen == ignored:
                continue
            if code <= OPPONENT:
                attacks = ATTACKS_NEXT[code] if distance == 0 else ATTACKS_FAR[code]
                if (attacks >> line) & 1:
                    return True
            break
    file = square // 9
    if square - file * 9 > 6:
        return False
    left, right = square - KNIGHT_LEFT_DELTA, square - KNIGHT_RIGHT_DELTA
    return (file > 0 and boards[board + left] == KNIGHT) or (file < 8 and boards[board + right] == KNIGHT)
