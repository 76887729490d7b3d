"""Games of every ending and many starts, as lines of a games file."""

import random
from collections.abc import Iterator
from typing import Any, Final

from rsshogi.core import Board

from keisei_core.config.named_starts import NAMED_STARTS

EVEN: Final = NAMED_STARTS["startpos"]
MIRRORED: Final = "lnsgkgsnl/1b5r1/ppppppppp/9/9/9/PPPPPPPPP/1R5B1/LNSGKGSNL b - 1"
BARE: Final = "4k4/9/9/9/9/9/9/9/4K4"
BLACK_MATES: Final = (
    "9i9h 4c4d 2h4h 5c5d 3i3h 7a7b 4h5h 9c9d 5i4h 4a3b 5h6h 6a6b 1i1h 1a1b 9g9f 5a5b 8h9g 6b5c "
    "4g4f 7c7d 9g5c+ 5b5a G*5b"
)
WHITE_MATES: Final = "5i4h 6a6b 6i6h 4a3b 4i3h 3c3d 4h5h 2b3c 9i9h 3c7g+ 9g9f 1c1d 5g5f 7g6h 5h4h G*5h"
CHECKS: Final = "5a4a 5h4h 4a5a 4h5h"
"""By a rook, for ever."""


def game(
    moves: str = "", ending: str = "none", winner: str = "", *, sfen: str = EVEN, names: tuple[str, str] | None = None
) -> dict[str, Any]:
    """Makes the record of a game."""
    record = {"sfen": sfen, "moves": moves.split(), "ending": ending, "winner": winner}
    return record if names is None else {**record, "black": names[0], "white": names[1]}


BLACK_CHECKS: Final = "4k4/9/9/9/9/9/9/4R4/4K4 w - 1"
WHITE_CHECKS: Final = "4k4/4r4/9/9/9/9/9/9/4K4 b - 1"
HIS_CHECKS: Final = "5i4i 5b4b 4i5i 4b5b"
ENDINGS: Final = {
    "mate by black": game(BLACK_MATES, "mate", "black", names=("alphabeta", "random")),
    "mate by white": game(WHITE_MATES, "mate", "white"),
    "resigned by white": game("7g7f", "resignation", "black"),
    "resigned by black": game("7g7f 3c3d", "resignation", "white"),
    "illegal move by white": game("7g7f", "illegal_move", "black"),
    "illegal move by black": game("7g7f 3c3d", "illegal_move", "white"),
    "white says nothing": game("7g7f", "silence", "black"),
    "black says nothing": game("7g7f 3c3d", "silence", "white"),
    "white is gone": game("7g7f", "death", "black"),
    "black is gone": game("7g7f 3c3d", "death", "white"),
    "declared by black": game("5i5h 5a5b", "declaration", "black", sfen=f"{BARE} b - 1"),
    "declared by white": game("5i5h", "declaration", "white", sfen=f"{BARE} b - 1"),
    "repetition": game("5i5h 5a5b 5h5i 5b5a " * 3, "repetition", sfen=f"{BARE} b - 1"),
    "black checked last": game(f"{CHECKS} " * 3, "perpetual_check_by_mover", "white", sfen=BLACK_CHECKS),
    "black checked": game(f"{CHECKS} " * 3 + "5a4a", "perpetual_check_by_opponent", "white", sfen=BLACK_CHECKS),
    "white checked last": game(f"{HIS_CHECKS} " * 3, "perpetual_check_by_mover", "black", sfen=WHITE_CHECKS),
    "white checked": game(f"{HIS_CHECKS} " * 3 + "5i4i", "perpetual_check_by_opponent", "black", sfen=WHITE_CHECKS),
    "cut off": game("7g7f 3c3d", "max_plies"),
    "unfinished": game("7g7f"),
    "no move": game(),
    "of a run's match": {
        **game("7g7f 3c3d", "resignation", "white", names=("mine update-000004", "random")),
        "update": 4,
        "match": "rung",
        "first": "black",
        "values": [0.25, None],
    },
}
STARTS: Final = {
    **NAMED_STARTS,
    "mirrored": MIRRORED,
    "18 pawns in hand": f"{BARE} b 2R2B4G4S4N4L18P 1",
    "17 and 1 in hand": f"{BARE} w R17Pbp 1",
    "move 42, white to move": f"{BARE} w 2Rb10P2p 42",
    "promoted": "+l+n+s1k4/9/+P7+p/9/9/9/9/9/2+B1K2+R1 b GSNLPgsnlp 7",
}
RANDOM_PLIES: Final = 120


def corpus() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields games by name."""
    yield from ENDINGS.items()
    for name, sfen in STARTS.items():
        for seed in range(2):
            moves = random_moves(sfen, seed)
            yield f"{name}, {seed}", game(" ".join(moves), "max_plies", sfen=sfen, names=("a b", "駒"))


def random_moves(sfen: str, seed: int) -> list[str]:
    """Plays at random."""
    stream, board, moves = random.Random(seed), Board(sfen), []
    while len(moves) < RANDOM_PLIES and (legal := board.legal_moves()):
        moves.append(stream.choice(legal).to_usi())
        board.push_usi(moves[-1])
    return moves
