"""The card of an exported network: a README.md that says what it is, how it was trained and how strong it is."""

from keisei_core.card.about import ABOUT, about
from keisei_core.card.card import card_files

__all__ = ["ABOUT", "about", "card_files"]
