"""Pictures of positions, as text and as SVG. Knows no rules and plays nothing."""

from keisei_core.picture.board_text import board_text
from keisei_core.picture.faces import PIECES
from keisei_core.picture.picture import Picture

__all__ = ["PIECES", "Picture", "board_text"]
