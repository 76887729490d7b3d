"""Names of start positions: the even game and the handicaps of the Japan Shogi Association, White giving odds."""

from typing import Final

_PAWNS_DOWN: Final = "ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL w - 1"

NAMED_STARTS: Final = {
    "startpos": "lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL b - 1",
    "lance": f"lnsgkgsn1/1r5b1/{_PAWNS_DOWN}",
    "right-lance": f"1nsgkgsnl/1r5b1/{_PAWNS_DOWN}",
    "bishop": f"lnsgkgsnl/1r7/{_PAWNS_DOWN}",
    "rook": f"lnsgkgsnl/7b1/{_PAWNS_DOWN}",
    "rook-lance": f"lnsgkgsn1/7b1/{_PAWNS_DOWN}",
    "two-piece": f"lnsgkgsnl/9/{_PAWNS_DOWN}",
    "four-piece": f"1nsgkgsn1/9/{_PAWNS_DOWN}",
    "six-piece": f"2sgkgs2/9/{_PAWNS_DOWN}",
    "eight-piece": f"3gkg3/9/{_PAWNS_DOWN}",
    "ten-piece": f"4k4/9/{_PAWNS_DOWN}",
}
"""SFEN by name. White, who gives the odds, moves first; what is missing was White's."""
