"""What a network says of one position: its value, its policy, what a search finds."""

from keisei_core.opinion.opinion import Opinion, opinion_of
from keisei_core.opinion.position import Standing, read_position

__all__ = ["Opinion", "Standing", "opinion_of", "read_position"]
