"""Positions that the situations use."""

from typing import Final

from keisei_plugins_usi.conformance.position import START, Position

QUICK: Final = "btime 0 wtime 0 byoyomi 200"
"""A search that every engine knows."""
OPENING: Final = Position.after("7g7f", "3c3d", "2g2f", "8c8d")
MATED: Final = Position("4k4/4G4/4P4/9/9/9/9/9/4K4 w - 1")
MATE_IN_ONE: Final = Position("4k4/9/4P4/9/9/9/9/9/4K4 b G 1")
TSUME: Final = Position("4k4/9/4P4/9/9/9/9/9/9 b G2r2b3g4s4n4l17p 1")
"""The same with one king and everything else in White's hand, as collections of mates have it."""
DECLARABLE: Final = Position("K1+R+R5/1+B+BSSGG2/2G1S1N2/9/9/9/9/4p4/4k4 b 9P 1")
"""Black may declare: king and ten pieces in the zone, 28 points and more, no check."""
ONLY_DROPS: Final = Position("r3k4/9/9/9/9/9/9/1P7/KL7 b P 1")
"""A check from afar; every legal move drops the pawn in between."""
CHECK_BY_DROP: Final = Position.after("7g7f", "3c3d", "8h2b+", "3a2b", "B*2d")
"""Who did not see the drop sees no check and plays on."""
LANCE_GIVEN: Final = Position("lnsgkgsn1/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL w - 1")
SIX_GIVEN: Final = Position("2sgkgs2/9/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL w - 1")
SHUFFLE: Final = ("2h3h", "8b7b", "3h2h", "7b8b")
"""Leads back to the start position."""
REPEATED: Final = Position.after(*SHUFFLE * 3, "7g7f")
"""The start came four times, and the game went on."""
LONG: Final = Position.after(*SHUFFLE * 250)
"""A thousand plies."""
WHITE_TO_MOVE: Final = Position.after("7g7f")

_BARE: Final = START.rsplit(" ", 1)[0]
FORMS: Final = (
    Position(command="position startpos moves"),
    Position(command=f"position sfen {START}"),
    Position(START, ("7g7f",), f"position sfen {_BARE} 5 moves 7g7f"),
    Position(START, ("7g7f",), f"position sfen {_BARE} 0 moves 7g7f"),
    Position(START, ("7g7f",), f"position sfen {_BARE} moves 7g7f"),
    Position(command=f"position sfen {_BARE}"),
    Position(START, ("7g7f",), "position   startpos  moves   7g7f  "),
)
"""Ways to write a position that clients use."""
