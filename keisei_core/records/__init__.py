"""Games as they are kept and given to other programs: lines of JSON in; KIF, CSA and USI out."""

from keisei_core.records.formats import FORMS, as_text, write_game
from keisei_core.records.game import Game, short_name
from keisei_core.records.games_file import read_games

__all__ = ["FORMS", "Game", "as_text", "read_games", "short_name", "write_game"]
