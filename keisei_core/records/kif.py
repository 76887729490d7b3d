"""KIF, the format that people read: kanji, a diagram for starts that have no name, moves with the square they left."""

from collections.abc import Iterator
from typing import Final

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.records.diagram import file_and_rank, hands, ranks
from keisei_core.records.endings import MOVER
from keisei_core.records.game import Game, Ply

KANJI: Final = "〇一二三四五六七八九"
FILES: Final = "０１２３４５６７８９"
PIECES: Final = {
    **dict(zip("PLNSGBRK", "歩香桂銀金角飛玉", strict=True)),
    "+P": "と",
    "+L": "成香",
    "+N": "成桂",
    "+S": "成銀",
    "+B": "馬",
    "+R": "龍",
}
ON_DIAGRAMS: Final = {**PIECES, "": "・", "+L": "杏", "+N": "圭", "+S": "全"}
"""One character each."""
HANDICAPS: Final = {
    "startpos": "平手",
    "lance": "香落ち",
    "right-lance": "右香落ち",
    "bishop": "角落ち",
    "rook": "飛車落ち",
    "rook-lance": "飛香落ち",
    "two-piece": "二枚落ち",
    "four-piece": "四枚落ち",
    "six-piece": "六枚落ち",
    "eight-piece": "八枚落ち",
    "ten-piece": "十枚落ち",
}
"""By the names of `NAMED_STARTS`."""
NAMES: Final = {NAMED_STARTS[start]: name for start, name in HANDICAPS.items()}
MOVE_WIDTH: Final = 13
"""Columns of a move; a kanji takes two."""


def kif_lines(game: Game) -> Iterator[str]:
    """Yields the lines of a game.

    Raises:
        ConfigError: see `Game.plies`.
    """
    start = game.start
    is_handicap = start in NAMES and start != NAMED_STARTS["startpos"]
    black, white = ("下手", "上手") if is_handicap else ("先手", "後手")
    if game.event:
        yield f"棋戦：{game.event}"
    yield from [f"手合割：{NAMES[start]}"] if start in NAMES else diagram(start)
    yield from (f"{side}：{name}" for side, name in zip((black, white), game.names, strict=True) if name)
    yield "手数----指手---------消費時間--"
    last = ""
    for number, ply in enumerate(game.plies(), game.number):
        yield _row(number, _move(ply, last))
        last = ply.target
    end = game.ending_text
    count = game.number + len(game.moves) - 1
    yield _row(count + 1, end.kif)
    mover, waiter = (black, white) if game.black_is_mover else (white, black)
    told = f"{mover if end.subject == MOVER else waiter}{end.predicate}" if end.subject else end.kif
    yield f"まで{count}手で{told}"


def diagram(sfen: str) -> Iterator[str]:
    """Yields the lines that draw a position."""
    side = sfen.split()[1]
    in_black_hand, in_white_hand = map(_hand, hands(sfen))
    edge = f"+{'-' * 27}+"
    yield f"後手の持駒：{in_white_hand}"
    yield "  ９ ８ ７ ６ ５ ４ ３ ２ １"
    yield edge
    for rank, squares in enumerate(ranks(sfen), 1):
        yield f"|{''.join(map(_square, squares))}|{KANJI[rank]}"
    yield edge
    yield f"先手の持駒：{in_black_hand}"
    if side == "w":
        yield "後手番"


def _square(piece: str) -> str:
    return f"{'v' if piece.islower() else ' '}{ON_DIAGRAMS[piece.upper()]}"


def _hand(counts: dict[str, int]) -> str:
    return "　".join(f"{PIECES[kind]}{_count(count)}" for kind, count in counts.items()) or "なし"


def _count(count: int) -> str:
    """Writes a number up to nineteen in kanji; one piece is written without."""
    tens, ones = divmod(count, 10)
    return "" if count == 1 else f"{'十' * tens}{KANJI[ones] if ones else ''}"


def _move(ply: Ply, last: str) -> str:
    """Writes a move; `last` is where the move before it went."""
    file, rank = file_and_rank(ply.target)
    target = "同　" if ply.target == last else f"{FILES[file]}{KANJI[rank]}"
    if not ply.origin:
        return f"{target}{PIECES[ply.piece]}打"
    file, rank = file_and_rank(ply.origin)
    return f"{target}{PIECES[ply.piece]}{'成' if ply.promotes else ''}({file}{rank})"


def _row(number: int, text: str) -> str:
    """Writes a numbered row; nobody took the time, which readers expect all the same."""
    width = sum(1 if character.isascii() else 2 for character in text)
    return f"{number:>4} {text}{' ' * (MOVE_WIDTH - width)}( 0:00/00:00:00)"
