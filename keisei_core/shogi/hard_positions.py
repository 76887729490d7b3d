"""Positions that are hard on whoever reads them: full hands, everything promoted, checks, mates, late ones."""

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np

from keisei_core.shogi.positions import Positions
from keisei_core.shogi.sfen import START_SFEN, parse_sfen
from keisei_core.shogi.starts import join

HARD_SFENS: Final[Mapping[str, str]] = {
    "start": START_SFEN,
    "start, white to move": START_SFEN.replace(" b ", " w "),
    "everything in black's hand": "4k4/9/9/9/9/9/9/9/4K4 b 2R2B4G4S4N4L18P 1",
    "everything in white's hand": "4k4/9/9/9/9/9/9/9/4K4 w 2r2b4g4s4n4l18p 1",
    "everything in the waiting side's hand": "4k4/9/9/9/9/9/9/9/4K4 b 2r2b4g4s4n4l18p 1",
    "all promoted": "+l+n+sgkg+s+n+l/1+r5+b1/+p+p+p+p+p+p+p+p+p/9/9/9/+P+P+P+P+P+P+P+P+P/1+B5+R1/+L+N+SGKG+S+N+L b - 1",
    "all promoted, white to move": (
        "+l+n+sgkg+s+n+l/1+r5+b1/+p+p+p+p+p+p+p+p+p/9/9/9/+P+P+P+P+P+P+P+P+P/1+B5+R1/+L+N+SGKG+S+N+L w - 1"
    ),
    "black in check": "4k4/9/9/9/4r4/9/9/9/4K4 b - 1",
    "white in check": "4k4/9/9/9/4R4/9/9/9/4K4 w - 1",
    "double check": "4k4/9/9/9/4r3b/9/9/9/4K4 b P 1",
    "one legal move": "k8/1R7/9/9/9/9/9/9/8K w - 2",
    "one way out of check": "8k/7G1/8P/9/9/9/9/9/K8 w - 2",
    "mated": "4k4/4G4/4P4/9/9/9/9/9/4K4 w - 2",
    "593 legal moves": "R8/2K1S1SSk/4B4/9/9/9/9/9/1L1L1L3 b RBGSNLP3g3n17p 1",
    "entered kings": "K8/2+P6/9/9/9/9/9/6+p2/8k w R2B4G4S4N4L8Pr8p 300",
    "very late": "4k4/9/9/9/9/9/9/9/4K4 w P 5000",
}
"""Legal positions of both colours, by what makes them hard."""


def hard_positions(history: int = 0) -> Positions:
    """Returns a fresh copy of the positions above, with so many earlier ones each, which are all 0."""
    return _read()[np.arange(len(HARD_SFENS))].with_history(history)


@cache
def _read() -> Positions:
    return join([parse_sfen(sfen) for sfen in HARD_SFENS.values()])
