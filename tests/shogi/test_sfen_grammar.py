"""SFENs made from their grammar: every position comes back as it was, and every broken part is named."""

from collections import Counter

import cshogi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keisei_core.errors import SfenError
from keisei_core.shogi import format_sfen, parse_sfen

FULL_SET = {"R": 2, "B": 2, "G": 4, "S": 4, "N": 4, "L": 4, "P": 18}
"""Pieces of a game in the order in which hands are written."""
DEAD_RANKS = {"P": 1, "L": 1, "N": 2}
FILES = RANKS = range(9)
WORD = st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=8)
"""Anything without a space in it."""


@st.composite
def pieces_on_board(draw: st.DrawFn) -> dict[tuple[int, int], str]:
    """Places two kings and some other pieces by (rank, file): no dead piece, no second pawn on a file."""
    squares = draw(
        st.lists(st.tuples(st.sampled_from(RANKS), st.sampled_from(FILES)), min_size=2, max_size=40, unique=True)
    )
    board = dict(zip(squares, "Kk", strict=False))
    left = Counter(FULL_SET)
    for rank, file in squares[2:]:
        letter = draw(st.sampled_from(sorted(kind for kind in left if left[kind])))
        left[letter] -= 1
        is_white = draw(st.booleans())
        from_far_end = 8 - rank if is_white else rank
        pawns = {board.get((other, file)) for other in RANKS}
        is_dead = from_far_end < DEAD_RANKS.get(letter, 0)
        is_second_pawn = letter == "P" and ("p" if is_white else "P") in pawns
        is_promoted = letter != "G" and (is_dead or is_second_pawn or draw(st.booleans()))
        board[rank, file] = "+" * is_promoted + (letter.lower() if is_white else letter)
    return board


def written(board: dict[tuple[int, int], str]) -> str:
    """Writes a board rank by rank, from file 9 to file 1."""
    ranks = []
    for rank in RANKS:
        text, gap = "", 0
        for file in FILES:
            piece = board.get((rank, file))
            gap += piece is None
            if piece is not None:
                text, gap = f"{text}{gap or ''}{piece}", 0
        ranks.append(f"{text}{gap or ''}")
    return "/".join(ranks)


@st.composite
def hands_beside(draw: st.DrawFn, board: dict[tuple[int, int], str]) -> str:
    """Writes some of the pieces that are not on the board."""
    left = Counter(FULL_SET)
    left.subtract(piece.strip("+").upper() for piece in board.values())
    hands = ""
    for case in (str.upper, str.lower):
        for letter in FULL_SET:
            count = draw(st.integers(0, left[letter]))
            left[letter] -= count
            hands += f"{count if count > 1 else ''}{case(letter)}" if count else ""
    return hands or "-"


@st.composite
def sfens(draw: st.DrawFn) -> list[str]:
    """Draws the four parts of an SFEN in its one usual form."""
    board = draw(pieces_on_board())
    return [
        written(board),
        draw(st.sampled_from("bw")),
        draw(hands_beside(board)),
        str(draw(st.integers(1, 65_535))),
    ]


def kings_touch(board: str) -> bool:
    """Tells whether the kings stand side by side, which cshogi doesn't call a check."""
    spread = "".join("." * int(letter) if letter.isdigit() else letter for letter in board.replace("+", ""))
    squares = spread.replace("/", "")
    (rank, file), (other_rank, other_file) = (divmod(squares.index(king), 9) for king in "Kk")
    return max(abs(rank - other_rank), abs(file - other_file)) == 1


@given(sfens())
def test_sfen_of_the_grammar_comes_back_unless_a_king_can_be_taken(parts: list[str]) -> None:
    sfen = " ".join(parts)
    turned = " ".join([parts[0], "w" if parts[1] == "b" else "b", *parts[2:]])
    if kings_touch(parts[0]) or cshogi.Board(turned).is_check():
        with pytest.raises(SfenError, match="got a king that can be taken"):
            parse_sfen(sfen)
        return
    position = parse_sfen(sfen)
    assert format_sfen(position) == sfen
    assert position.in_check[0] == cshogi.Board(sfen).is_check()


def replaced(text: str, place: int, new: str, length: int = 1) -> str:
    return text[:place] + new + text[place + length :]


@st.composite
def broken_boards(draw: st.DrawFn, board: str) -> str:
    """Breaks a board: ranks or files missing or too many, letters that are no piece, plus signs without a meaning."""
    ranks = board.split("/")
    rank = draw(st.integers(0, 8))
    kind = draw(st.sampled_from(["fewer ranks", "more ranks", "wider", "letter", "plus", "digits", "zero", "empty"]))
    match kind:
        case "fewer ranks":
            del ranks[rank]
        case "more ranks":
            ranks.insert(rank, "9")
        case "wider":
            ranks[rank] += draw(st.sampled_from(["P", "p", "+r", "B1"]))
        case "letter":
            place = draw(st.integers(0, len(ranks[rank]) - 1))
            foreign = draw(WORD.filter(lambda word: word[0] not in "+/123456789" and word[0].upper() not in "PLNSBRGK"))
            ranks[rank] = replaced(ranks[rank], place, foreign)
        case "plus":
            ranks[rank] = draw(st.sampled_from(["+K8", "8+k", "+G8", "++P8", "9+", "+9", "4+4"]))
        case "digits":
            ranks[rank] = draw(st.sampled_from(["45", "333", "1P16", "72"]))
        case "zero":
            ranks[rank] += "0"
        case _:
            ranks[rank] = ""
    return "/".join(ranks)


BROKEN_HANDS = st.one_of(
    WORD.filter(lambda word: word[0] not in "-0123456789" and word[0].upper() not in "PLNSBRG"),
    st.sampled_from(["K", "k", "2K", "+P", "P+", "-P", "P-", "--", "0P", "R0", "2", "R2", "P18P", "RRR", "pR18p"]),
    st.builds("{}{}".format, st.integers(19, 10**30), st.sampled_from("Pp")),
    st.builds("{}{}".format, st.integers(5, 99), st.sampled_from("lnsgLNSG")),
    st.builds("{}{}".format, st.integers(3, 99), st.sampled_from("rbRB")),
)
BROKEN_SIDES = WORD.filter(lambda word: word not in ("b", "w"))
BROKEN_NUMBERS = st.one_of(
    WORD.filter(lambda word: not word.isascii() or not word.isdigit()),
    st.integers(65_536, 10**30).map(str),
    st.integers(-(10**9), 0).map(str),
)


@given(sfens(), st.data())
def test_broken_part_is_named_in_one_line(parts: list[str], data: st.DataObject) -> None:
    broken, names = data.draw(
        st.sampled_from(
            [
                (0, ("board part of sfen", "in rank ")),
                (1, ("side to move in sfen",)),
                (2, ("hands part of sfen",)),
                (3, ("move number",)),
            ]
        )
    )
    makers = (broken_boards(parts[0]), BROKEN_SIDES, BROKEN_HANDS, BROKEN_NUMBERS)
    parts[broken] = data.draw(makers[broken])
    with pytest.raises(SfenError) as caught:
        parse_sfen(" ".join(parts))
    message = str(caught.value)
    assert any(name in message for name in names), message
    assert "\n" not in message
    assert len(message) < 1_000
