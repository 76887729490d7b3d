"""Shogi: positions as arrays, and the rules as kernels over many games at once."""

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.shogi.actions import (
    DROPS,
    MIRRORED_ACTIONS,
    NUM_ACTION_PLANES,
    NUM_ACTIONS,
    PROMOTIONS,
    mirror_action,
    mirror_square,
)
from keisei_core.shogi.branch import Branches
from keisei_core.shogi.configured_starts import configured_starts
from keisei_core.shogi.crew import use_crew
from keisei_core.shogi.declaration import may_declare
from keisei_core.shogi.drawing import draw_moves
from keisei_core.shogi.ending import Ending
from keisei_core.shogi.games import Games
from keisei_core.shogi.legal import legal_mask, legal_moves, moves_of
from keisei_core.shogi.material import PIECE_VALUES, material
from keisei_core.shogi.mates import SoundMoves, exchange_values, find_mates, find_sound
from keisei_core.shogi.notation import action_to_usi, usi_to_action
from keisei_core.shogi.perft import perft
from keisei_core.shogi.positions import (
    BLACK,
    HAND_LETTERS,
    NO_SQUARE,
    NUM_HAND_KINDS,
    NUM_SQUARES,
    OPPONENT,
    PIECE_LETTERS,
    WHITE,
    Positions,
    UInt8Array,
)
from keisei_core.shogi.sfen import START_SFEN, format_sfen, parse_sfen
from keisei_core.shogi.sidelines import mates_beside, random_sidelines
from keisei_core.shogi.start_pool import StartPool
from keisei_core.shogi.start_source import StartContext, StartSource
from keisei_core.shogi.starts import Starts, mirror_positions

__all__ = [
    "BLACK",
    "DROPS",
    "HAND_LETTERS",
    "MIRRORED_ACTIONS",
    "NAMED_STARTS",
    "NO_SQUARE",
    "NUM_ACTIONS",
    "NUM_ACTION_PLANES",
    "NUM_HAND_KINDS",
    "NUM_SQUARES",
    "OPPONENT",
    "PIECE_LETTERS",
    "PIECE_VALUES",
    "PROMOTIONS",
    "START_SFEN",
    "WHITE",
    "Branches",
    "Ending",
    "Games",
    "Positions",
    "SoundMoves",
    "StartContext",
    "StartPool",
    "StartSource",
    "Starts",
    "UInt8Array",
    "action_to_usi",
    "configured_starts",
    "draw_moves",
    "exchange_values",
    "find_mates",
    "find_sound",
    "format_sfen",
    "legal_mask",
    "legal_moves",
    "material",
    "mates_beside",
    "may_declare",
    "mirror_action",
    "mirror_positions",
    "mirror_square",
    "moves_of",
    "parse_sfen",
    "perft",
    "random_sidelines",
    "use_crew",
    "usi_to_action",
]
