"""A position as SVG: board, hands, the last move, and arrows for the moves that may follow.

Lengths are in pixels at the natural size; squares are seen by Black, file 9 at the left.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from keisei_core.picture.faces import KANJI, face
from keisei_core.records.diagram import file_and_rank, hands, ranks

SQUARE: Final = 44
HAND: Final = 58
"""Width of a hand beside the board."""
MARGIN: Final = 10
LEFT: Final = MARGIN + HAND
TOP: Final = 26
BOARD: Final = 9 * SQUARE
RIGHT: Final = LEFT + BOARD + 16
"""Where Black's hand begins; the names of the ranks stand before it."""
WIDTH: Final = RIGHT + HAND + MARGIN
HEIGHT: Final = TOP + BOARD + MARGIN
CAPTION: Final = 22
PAPER, WOOD, PIECE, INK, RED, BLUE, LAST = "#fdfaf3", "#f0d8a0", "#fff3d6", "#1c1917", "#b3261e", "#1d4ed8", "#f6b44b"
OUTLINE: Final = "M0-18 12-13 16 17H-16L-12-13Z"
"""Of a piece, around its middle."""
FONTS: Final = "'Noto Sans CJK JP','Hiragino Sans','Yu Gothic',Meiryo,'IPAGothic',sans-serif"


def board_svg(
    sfen: str, last_move: str = "", moves: Sequence[tuple[str, float]] = (), caption: str = "", pieces: str = KANJI
) -> str:
    """Draws a position.

    Args:
        sfen: of the position.
        last_move: in USI, its squares are coloured; empty where there is none.
        moves: in USI with their probabilities.
        caption: a line below the board.
        pieces: one of `PIECES`.

    Returns:
        An SVG document.
    """
    height = HEIGHT + (CAPTION if caption else 0)
    mover = "Black" if sfen.split()[1] == "b" else "White"
    told = f"Shogi position, {mover} to move{f', last move {last_move}' if last_move else ''}: {sfen}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' role="img" font-family="{FONTS}" text-anchor="middle">',
        f"<title>{escape(told)}</title>",
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="{PAPER}"/>',
        *_board(last_move),
        *_pieces(sfen, pieces),
        *_hands(sfen, pieces),
        *_moves(sfen, moves, pieces),
    ]
    if caption:
        parts.append(f'<text x="{WIDTH / 2:g}" y="{height - 10}" font-size="14" fill="{INK}">{escape(caption)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _middle(square: str) -> tuple[float, float]:
    """Returns where the middle of a square of USI lies."""
    file, rank = file_and_rank(square)
    return LEFT + (9.5 - file) * SQUARE, TOP + (rank - 0.5) * SQUARE


def _board(last_move: str) -> Iterator[str]:
    """Yields the empty board with its lines and names, the squares of the last move coloured."""
    yield f'<rect x="{LEFT}" y="{TOP}" width="{BOARD}" height="{BOARD}" fill="{WOOD}"/>'
    for square in (last_move[:2], last_move[2:4]):
        if square and "*" not in square:
            x, y = _middle(square)
            corner = f'x="{x - SQUARE / 2:g}" y="{y - SQUARE / 2:g}"'
            yield f'<rect {corner} width="{SQUARE}" height="{SQUARE}" fill="{LAST}"/>'
    lines = (f"M{LEFT + n * SQUARE} {TOP}v{BOARD}M{LEFT} {TOP + n * SQUARE}h{BOARD}" for n in range(10))
    yield f'<path d="{"".join(lines)}" stroke="{INK}" fill="none"/>'
    for n in range(9):
        middle = (n + 0.5) * SQUARE
        yield f'<text x="{LEFT + middle:g}" y="{TOP - 7}" font-size="13" fill="{INK}">{9 - n}</text>'
        name = "abcdefghi"[n]
        yield f'<text x="{LEFT + BOARD + 8}" y="{TOP + middle + 5:g}" font-size="13" fill="{INK}">{name}</text>'


def _pieces(sfen: str, pieces: str) -> Iterator[str]:
    for rank, squares in enumerate(ranks(sfen)):
        for column, piece in enumerate(squares):
            if piece:
                x, y = LEFT + (column + 0.5) * SQUARE, TOP + (rank + 0.5) * SQUARE
                yield _piece(piece, x, y, pieces, f'fill="{PIECE}" stroke="{INK}"')


def _piece(piece: str, x: float, y: float, pieces: str, look: str) -> str:
    """Draws a piece around a point; White's stand on their heads."""
    turn = " rotate(180)" if piece.islower() else ""
    size, ink = (22 if pieces == KANJI else 17), RED if piece.startswith("+") else INK
    text = f'<text y="9" font-size="{size}" fill="{ink}">{face(piece, pieces)}</text>'
    return f'<g transform="translate({x:g} {y:g}){turn}"><path d="{OUTLINE}" {look}/>{text}</g>'


def _hands(sfen: str, pieces: str) -> Iterator[str]:
    """Yields White's hand at the upper left and Black's at the lower right, each from the board's edge on."""
    black, white = hands(sfen)
    look = f'fill="{PIECE}" stroke="{INK}"'
    for x, step, first, hand in ((MARGIN, 1, TOP, white), (RIGHT, -1, TOP + BOARD, black)):
        for place, (kind, count) in enumerate(hand.items()):
            y = first + step * (place + 0.5) * SQUARE
            yield _piece(kind.lower() if step > 0 else kind, x + 21, y, pieces, look)
            if count > 1:
                yield f'<text x="{x + 47}" y="{y + 6:g}" font-size="15" fill="{INK}">{count}</text>'


def _moves(sfen: str, moves: Sequence[tuple[str, float]], pieces: str) -> Iterator[str]:
    """Yields the moves, the likeliest on top, and their probabilities above all of them."""
    is_black = sfen.split()[1] == "b"
    for move, share in reversed(moves):
        x, y = _middle(move[2:4])
        if "*" in move:
            piece = move[0] if is_black else move[0].lower()
            look = f'fill="{PIECE}" stroke="{BLUE}" stroke-width="3"'
            yield f'<g opacity="{0.5 + 0.4 * share:.2f}">{_piece(piece, x, y, pieces, look)}</g>'
        else:
            outline = _arrow(*_middle(move[:2]), x, y, 3 + 9 * share)
            yield f'<path d="{outline}" fill="{BLUE}" opacity="{0.35 + 0.5 * share:.2f}"/>'
    yield from _shares(moves)


def _shares(moves: Sequence[tuple[str, float]]) -> Iterator[str]:
    """Yields probabilities on the middles of arrows, and below dropped pieces; a promotion's has a + before it."""
    held: Counter[str] = Counter()
    look = f'fill="{BLUE}" stroke="{PAPER}" stroke-width="3" paint-order="stroke" font-weight="bold" font-size="12"'
    for move, share in moves:
        way, (x, y) = move["*" in move : 4], _middle(move[2:4])
        from_x, from_y = (x, y + SQUARE / 2) if "*" in move else _middle(move[:2])
        place = f'x="{(x + from_x) / 2:g}" y="{(y + from_y) / 2 + 4 + 13 * held[way]:g}"'
        held[way] += 1
        yield f"<text {place} {look}>{'+' * move.endswith('+')}{100 * share:.0f}%</text>"


def _arrow(from_x: float, from_y: float, x: float, y: float, width: float) -> str:
    """Returns the outline of an arrow between two middles of squares."""
    length = math.hypot(x - from_x, y - from_y)
    along_x, along_y = (x - from_x) / length, (y - from_y) / length
    head, half = 10 + width / 2, width / 2
    tip, neck, wide = length - 4, length - 4 - head, half + 5
    places = ((8, half), (neck, half), (neck, wide), (tip, 0.0), (neck, -wide), (neck, -half), (8, -half))
    points = (
        f"{from_x + along * along_x - aside * along_y:.1f} {from_y + along * along_y + aside * along_x:.1f}"
        for along, aside in places
    )
    return f"M{'L'.join(points)}Z"
