"""Playing in the browser: one game against one player, which all tabs of the page show."""

from keisei_plugins_watch.game.opponent import Opponent
from keisei_plugins_watch.game.part import game_part
from keisei_plugins_watch.game.session import Session, session_of_run

__all__ = ["Opponent", "Session", "game_part", "session_of_run"]
